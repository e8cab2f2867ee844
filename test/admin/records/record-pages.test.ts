import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { everyRow } from '../../support/every-row.js';
import { fieldsIn, MINGLE, openRecords, type RecordPages, WIKI, wordsIn } from './record-pages-setup.js';

const NEW_PROVIDER = '/admin/providers/new/form';
const EDIT_PROVIDER = '/admin/providers/mingle/edit';

describe('Providers and hosts in the console', () => {
  let testConsole: RecordPages;
  /** Every page, redirect and refusal that was answered to this suite. */
  const answered: string[] = [];
  beforeAll(async () => {
    testConsole = await openRecords({
      hosts: {
        filed: {
          name: 'Filed',
          origins: ['https://filed.example.com'],
          key: { algorithm: 'HS256', secret: 'a-secret-of-the-file-that-is-long-enough' },
        },
      },
    });
    const { page, post } = testConsole;
    const noted = <T extends { readonly text: string; readonly headers: object }>(answer: T): T => {
      answered.push(answer.text, JSON.stringify(answer.headers));
      return answer;
    };
    testConsole = {
      ...testConsole,
      page: async (path) => noted(await page(path)),
      post: async (path, form) => noted(await post(path, form)),
    };
  });
  afterAll(async () => {
    await testConsole.close();
  });

  it('show the first steps until they are done', async () => {
    expect(wordsIn((await testConsole.page('/admin')).text)).toMatch(
      /Get started.*New provider.*New host.*Embed/,
    );
    expect(wordsIn((await testConsole.page('/admin/providers')).text)).toContain('No providers yet');
  });

  it('show each mistake at its field and once above, and lose nothing that was typed', async () => {
    const answer = await testConsole.post(NEW_PROVIDER, {
      ...MINGLE,
      id: 'Not an id',
      url: 'http://mingle.example.com',
      'grant-types': '{"a"',
      'client-0-host': '',
      'client-0-id': 'typed here',
      'client-0-secret': '',
      do: 'save',
    });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain('<title>Error: New provider · Oriel</title>');
    expect(answer.text).toMatch(/role="alert" tabindex="-1" autofocus/);
    for (const name of ['id', 'url', 'grant-types', 'client-0-host']) {
      expect(answer.text).toContain(`<a href="#${name}">`);
      expect(answer.text).toMatch(new RegExp(`id="${name}"[^>]*aria-invalid="true"[^>]*${name}-error`));
      expect(answer.text).toContain(`<p class="error" id="${name}-error">`);
    }
    expect(answer.text.match(/<details class="more"[^>]* open>/g)).toHaveLength(2);
    const fields = fieldsIn(answer.text);
    expect(fields).toMatchObject({
      id: 'Not an id',
      name: 'Mingle',
      'grant-types': '{"a"',
      'client-0-id': 'typed here',
    });
    expect(wordsIn(answer.text)).not.toContain('Expected:');
  });

  it('keep a typed secret from one showing of a form to the next, and out of page and database', async () => {
    const tried = await testConsole.post(NEW_PROVIDER, { ...MINGLE, url: 'https://127.0.0.1:9', do: 'test' });
    expect(wordsIn(tried.text)).toMatch(/Dry run results.*Your changes aren’t saved yet.*127\.0\.0\.1/);
    expect(tried.text).toContain('The value you entered is kept for ten minutes.');
    const fields = fieldsIn(tried.text);
    expect(fields['client-secret']).toBe('');
    const rows = (await everyRow(`sqlite:${testConsole.database}`)).join('\n');
    expect(rows).not.toContain(MINGLE['client-secret']);
    expect(rows).not.toContain(fields['typed-secrets']?.split(' ')[0]);
    const saved = await testConsole.post(NEW_PROVIDER, { ...fields, url: MINGLE.url, do: 'save' });
    expect(saved.status).toBe(303);
    expect(await testConsole.words('/admin/providers/mingle')).toMatch(/Client secret Set .*ends in …1234/);
  });

  it('refuse an id that is taken, and say where', async () => {
    const answer = await testConsole.post(NEW_PROVIDER, { ...MINGLE, 'client-id': 'another', do: 'save' });
    expect(answer.status).toBe(422);
    expect(wordsIn(answer.text)).toContain('There is already a provider mingle');
    for (const path of [NEW_PROVIDER, '/admin/hosts/new']) {
      const taken = await testConsole.post(path, { ...MINGLE, ...WIKI, id: 'new', do: 'save' });
      expect(wordsIn(taken.text)).toContain('“new” is reserved');
    }
  });

  it('change nothing when a form is sent as it was shown', async () => {
    const version = async () => fieldsIn((await testConsole.page(EDIT_PROVIDER)).text).version;
    const before = await version();
    expect((await testConsole.fill(EDIT_PROVIDER, { do: 'save' })).status).toBe(303);
    expect(await version()).toBe(before);
  });

  it('make a host, show its secret this once, and lead on to its snippet and preview', async () => {
    const made = await testConsole.post('/admin/hosts/new', WIKI);
    const [secret = ''] = /[\w-]{43}(?=<\/pre>)/.exec(made.text) ?? [];
    expect(secret).toHaveLength(43);
    answered.splice(answered.indexOf(made.text), 1);
    const page = await testConsole.page('/admin/hosts/wiki');
    expect(page.text).toContain('href="/admin/hosts/wiki/snippet?gadget=mingle-cards"');
    expect(page.text).toContain('href="/admin/preview/mingle-cards"');
    // A script of the gadget origin would act on this one as the administrator.
    const preview = await testConsole.page('/admin/preview/mingle-cards');
    const scripts = [...preview.text.matchAll(/<script[^>]*\ssrc="([^"]*)"/g)].map(([, src = '']) => src);
    expect(scripts.join(' ')).toMatch(/embed/);
    expect(scripts.filter((src) => !/^\/(?!\/)/.test(src))).toEqual([]);
    expect(wordsIn(page.text)).toContain(`ends in …${secret.slice(-4)}`);
    answered.push(`made ${(await testConsole.fill('/admin/hosts/wiki/edit', { name: 'Our wiki' })).text}`);
    expect(await testConsole.words('/admin/hosts/wiki')).toContain(`ends in …${secret.slice(-4)}`);
    expect(answered.join('')).not.toContain(secret);
    expect(testConsole.logged()).not.toContain(secret);
  });

  it('offer to replace a host’s secret, and do so only when asked', async () => {
    const changed = await testConsole.fill('/admin/hosts/wiki/edit', { 'new-secret': 'on' });
    expect(changed.status).toBe(200);
    expect(changed.text).toMatch(/[\w-]{43}(?=<\/pre>)/);
  });

  it('say what a host lacks in the words of its form', async () => {
    const answer = await testConsole.post('/admin/hosts/new', {
      id: 'docs',
      origins: 'docs.example.com',
      'key-kind': 'public-key',
      'connect-mode': 'reauth',
    });
    const words = wordsIn(answer.text);
    for (const sentence of [
      '“docs.example.com”: this is no origin',
      'Enter the host’s public key.',
      'Select at least one algorithm',
    ])
      expect(words).toContain(sentence);
    // What the choice asks for is there for browsers that cannot hide the rest.
    for (const name of ['key-secret', 'key-public', 'key-jwks', 'connect-url'])
      expect(answer.text).toContain(`name="${name}"`);
  });

  it('show what the file declares, and do not let it be changed here', async () => {
    const page = await testConsole.page('/admin/hosts/filed');
    expect(wordsIn(page.text)).toContain('managed in the configuration file');
    expect(page.text).not.toContain('/admin/hosts/filed/edit');
    for (const path of ['/admin/hosts/filed/edit', '/admin/hosts/filed/remove'])
      expect((await testConsole.page(path)).text).toContain('declared in the configuration file');
    const forced = await testConsole.post('/admin/hosts/filed/edit', { ...WIKI, version: '1' });
    expect(forced.status).toBe(409);
  });

  it('identify each secret by its end and fingerprint alone, in every page, redirect and line of the log', async () => {
    for (const path of ['/admin/providers', '/admin/providers/mingle', EDIT_PROVIDER, '/admin/hosts/filed'])
      await testConsole.page(path);
    const everything = answered.join('\n') + testConsole.logged();
    for (const secret of [MINGLE['client-secret'], 'a-secret-of-the-file-that-is-long-enough'])
      expect(everything).not.toContain(secret);
  });
});
