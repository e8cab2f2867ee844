import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ConsoleDeps } from '../../../src/admin/console-route.js';
import { hostRoutes } from '../../../src/admin/hosts/pages.js';
import { providerRoutes } from '../../../src/admin/providers/pages.js';
import { removalRoutes } from '../../../src/admin/records/removal-pages.js';
import { Secret } from '../../../src/domain/secret.js';
import { systemClock } from '../../../src/server/node-system.js';
import { openStores } from '../../../src/store/open-stores.js';
import { fieldsIn, MINGLE, openRecords, type RecordPages, WIKI, wordsIn } from './record-pages-setup.js';

describe('Every page that changes a provider or a host', () => {
  let testConsole: RecordPages;
  beforeAll(async () => {
    testConsole = await openRecords();
    await testConsole.post('/admin/providers/new/form', { ...MINGLE, do: 'save' });
    await testConsole.post('/admin/hosts/new', WIKI);
  });
  afterAll(() => testConsole.close());

  it('asks for the password to create, change and remove', () => {
    const web = {} as ConsoleDeps;
    const changing = [...providerRoutes(web), ...hostRoutes(web), ...removalRoutes(web)].filter(
      ({ method, path }) => method === 'post' || /(new\/form|hosts\/new|edit|remove)$/.test(path),
    );
    expect(changing).toHaveLength(12);
    expect(changing.filter(({ confirm }) => confirm !== true).map(({ path }) => path)).toEqual([]);
  });

  it.each([
    ['/admin/providers/new/form', { ...MINGLE, id: 'other', 'client-id': 'other', do: 'save' }],
    ['/admin/providers/mingle/edit', { ...MINGLE, version: '1', name: 'X', do: 'save' }],
    ['/admin/providers/mingle/remove', { version: '1' }],
    ['/admin/hosts/new', { ...WIKI, id: 'other' }],
    ['/admin/hosts/wiki/edit', { ...WIKI, version: '1', name: 'X' }],
    ['/admin/hosts/wiki/remove', { version: '1' }],
  ])('takes no form that is not of this session: %s', async (path, form) => {
    const forged = { origin: testConsole.siteOrigin, form: { ...form, 'form-token': 'guessed' } };
    const refused = await testConsole.browser.send(testConsole.siteOrigin + path, forged);
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('form_expired');
    const list = (await testConsole.words('/admin/providers')) + (await testConsole.words('/admin/hosts'));
    expect(list).not.toMatch(/other| X |being removed/);
  });

  it('does not point a provider elsewhere until its secret is entered again, and says so at that field', async () => {
    const path = '/admin/providers/mingle/edit';
    const moved = { url: 'https://theirs.example.net', 'client-secret': '' };
    const refused = await testConsole.fill(path, { ...moved, do: 'save' });
    expect(refused.status).toBe(422);
    const said = /id="client-secret-error"[^>]*>([^<]+)</.exec(refused.text)?.[1];
    expect(said).toContain('the record would now lead to https://theirs.example.net');
    expect(said).toContain('Please type it again.');
    expect((await testConsole.fill(path, { ...moved, do: 'test' })).status).toBe(422);
    expect(await testConsole.words('/admin/providers/mingle')).not.toContain('theirs.example.net');
    const typed = { ...moved, 'client-secret': MINGLE['client-secret'], do: 'save' };
    expect((await testConsole.fill(path, typed)).status).toBe(303);
    expect(
      (
        await testConsole.fill(path, {
          url: MINGLE.url,
          'client-secret': MINGLE['client-secret'],
          do: 'save',
        })
      ).status,
    ).toBe(303);
  });

  it.each(['0', '-1', '1.5', 'x', ''])(
    'refuses a form without its record’s version: “%s”',
    async (version) => {
      const answer = await testConsole.fill('/admin/hosts/wiki/edit', { version, name: 'Unversioned' });
      expect(answer.status).toBe(400);
      expect(await testConsole.words('/admin/hosts')).not.toContain('Unversioned');
    },
  );

  it('shows that a provider’s client is stopped, and offers “Retry”', async () => {
    const key = new Secret(Buffer.alloc(32, 7).toString('base64url'));
    const url = `sqlite:${testConsole.database}`;
    const stores = await openStores({ url, keys: [{ id: 'k1', key }], clock: systemClock });
    await stores.clientStops.stop('mingle', 'a-client', Date.now());
    await stores.close();
    const page = await testConsole.page('/admin/providers/mingle');
    expect(wordsIn(page.text)).toContain('Mingle rejected our client');
    expect(page.text).toContain('action="/admin/connections/retry"');
    const retried = await testConsole.post('/admin/connections/retry', { provider: 'mingle' });
    expect(retried.status).toBe(303);
    expect(await testConsole.words('/admin/providers/mingle')).not.toContain('rejected our client');
  });

  it('shows how a key rotation that was started there ended', async () => {
    expect(await testConsole.words('/admin/server')).not.toContain(
      'Everything is encrypted with the first key',
    );
    const started = await testConsole.post('/admin/server/rotate');
    expect([started.status, started.headers.location]).toEqual([303, '/admin/server?rotation']);
    await expect
      .poll(() => testConsole.words('/admin/server?rotation'))
      .toContain('Everything is encrypted with the first key.');
  });

  it('shows a form with the record’s values, every field with a label', async () => {
    const { text } = await testConsole.page('/admin/providers/mingle/edit');
    const named = Object.keys(fieldsIn(text)).filter(
      (name) => !['preset', 'version', 'made-of'].includes(name),
    );
    for (const name of named) expect(text).toContain(`<label for="${name}">`);
  });
});
