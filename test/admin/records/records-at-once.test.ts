import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fieldsIn, MINGLE, openRecords, type RecordPages, WIKI, wordsIn } from './record-pages-setup.js';

const PROVIDER = '/admin/providers/mingle/edit';
const HOST = '/admin/hosts/wiki/edit';

describe('Two administrators at one record', () => {
  let testConsole: RecordPages;
  beforeEach(async () => {
    testConsole = await openRecords();
    const made = await testConsole.post('/admin/providers/new/form', {
      ...MINGLE,
      scopes: 'read',
      do: 'save',
    });
    expect(made.status).toBe(303);
    expect((await testConsole.post('/admin/hosts/new', WIKI)).status).toBe(200);
  });
  afterEach(() => testConsole.close());

  const formOf = async (path: string) => fieldsIn((await testConsole.page(path)).text);

  it('lose nothing: the second sees the first one’s value of each field before saving', async () => {
    const mine = await formOf(PROVIDER);
    await testConsole.fill(PROVIDER, {
      name: 'Theirs',
      scopes: 'read\r\nwrite',
      'client-secret': 'their-newer-secret-9999',
      do: 'save',
    });
    const typed = { ...mine, scopes: 'admin', 'account-page': 'https://mingle.example.com/x', do: 'save' };
    const conflict = await testConsole.post(PROVIDER, typed);
    expect(conflict.status).toBe(409);
    expect(conflict.text).toContain('<title>Edit conflict: ');
    const words = wordsIn(conflict.text);
    expect(words).toContain('ann changed this in the meantime');
    expect(words).toMatch(/Changed in the meantime\. Previous value: Mingle/);
    expect(words).toMatch(/Current value: read write/);
    const merged = fieldsIn(conflict.text);
    expect(merged).toMatchObject({
      name: 'Theirs',
      scopes: 'admin',
      'account-page': 'https://mingle.example.com/x',
    });
    expect(await testConsole.words('/admin/providers/mingle')).toContain('Theirs');
    expect((await testConsole.post(PROVIDER, { ...merged, do: 'save' })).status).toBe(303);
    const after = await testConsole.words('/admin/providers/mingle');
    for (const kept of ['Theirs', 'admin', 'https://mingle.example.com/x', '…9999'])
      expect(after).toContain(kept);
  });

  it('see each other’s change every time it happens', async () => {
    const mine = await formOf(PROVIDER);
    await testConsole.fill(PROVIDER, { name: 'Second', do: 'save' });
    const first = await testConsole.post(PROVIDER, { ...mine, scopes: 'mine', do: 'save' });
    await testConsole.fill(PROVIDER, { name: 'Third', do: 'save' });
    const second = await testConsole.post(PROVIDER, { ...fieldsIn(first.text), do: 'save' });
    expect(second.status).toBe(409);
    expect(fieldsIn(second.text)).toMatchObject({ name: 'Third', scopes: 'mine' });
  });

  it('keep a secret that the second typed, also when the first changed the record', async () => {
    const mine = await formOf(PROVIDER);
    await testConsole.fill(PROVIDER, { name: 'Theirs', do: 'save' });
    const conflict = await testConsole.post(PROVIDER, {
      ...mine,
      'client-secret': 'my-own-new-secret-7777',
      do: 'save',
    });
    expect(conflict.text).not.toContain('my-own-new-secret-7777');
    await testConsole.post(PROVIDER, { ...fieldsIn(conflict.text), do: 'save' });
    expect(await testConsole.words('/admin/providers/mingle')).toContain('…7777');
  });

  it('tick different boxes of a host, and both stay', async () => {
    const mine = await formOf(HOST);
    await testConsole.fill(HOST, { 'gadget.mingle-card-activity': 'on', 'connect-mode': 'code' });
    const conflict = await testConsole.post(HOST, { ...mine, name: 'Mine' });
    expect(conflict.status).toBe(409);
    expect(wordsIn(conflict.text)).toContain('Previous value: In a window that the gadget opens');
    expect(fieldsIn(conflict.text)).toMatchObject({
      name: 'Mine',
      'gadget.mingle-cards': 'on',
      'gadget.mingle-card-activity': 'on',
      'connect-mode': 'code',
    });
  });

  it('remove nothing that was changed since its removal was asked for', async () => {
    const versionIn = (text: string) => ({ version: /name="version" value="(\d+)"/.exec(text)?.[1] ?? '' });
    const asked = versionIn((await testConsole.page('/admin/hosts/wiki/remove')).text);
    await testConsole.fill(HOST, { name: 'Changed' });
    const refused = await testConsole.post('/admin/hosts/wiki/remove', asked);
    expect(refused.status).toBe(409);
    expect(wordsIn(refused.text)).toContain('Nothing was removed because someone else changed it');
    const again = versionIn(refused.text);
    expect((await testConsole.post('/admin/hosts/wiki/remove', again)).status).toBe(303);
  });

  it('cannot change what the other is removing', async () => {
    const mine = await formOf(HOST);
    await testConsole.post('/admin/hosts/wiki/remove', { version: mine.version ?? '' });
    const answer = await testConsole.post(HOST, { ...mine, name: 'Mine' });
    expect([404, 409]).toContain(answer.status);
  });
});
