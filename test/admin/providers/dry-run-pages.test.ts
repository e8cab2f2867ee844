import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { testProvider } from '../../../src/admin/providers/dry-run/dry-run.js';
import { HttpBrowser } from '../../support/http-viewer.js';
import { certificate, selfSigned } from '../../support/self-signed.js';
import { PASSWORD, tokenIn } from '../console-app.js';
import { CLIENT_SECRET, setUpProvider } from './provider-setup.js';

const own = selfSigned('localhost');
let setup: Awaited<ReturnType<typeof setUpProvider>>;
const ann = new HttpBrowser();
let token = '';

beforeAll(async () => {
  setup = await setUpProvider(own);
  await post('/admin/sign-in', { name: 'ann', password: PASSWORD });
  token = tokenIn(await ann.send(`${setup.siteOrigin}/admin/administrators`));
});
afterAll(() => setup.close());

const post = (path: string, form: Readonly<Record<string, string>> = {}) =>
  ann.send(setup.siteOrigin + path, { origin: setup.siteOrigin, form: { 'form-token': token, ...form } });

// One server for all: the tests are steps of one scenario, in this order.
describe('The page that tests a provider', () => {
  it('shows what was found, and a certificate that could be trusted', async () => {
    const page = await post('/admin/providers/tracker/test');
    expect(page.status).toBe(200);
    expect(page.text).toContain('certificate_untrusted');
    expect(page.text).toMatch(/([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    expect(page.text).toContain('Trust for this provider only');
    expect(page.text).not.toContain(CLIENT_SECRET);
    expect(setup.server.requests).toEqual([]);
  });

  it('lets it be trusted once its fingerprints were looked at, for this provider alone', async () => {
    const asked = await post('/admin/providers/tracker/certificates', { certificates: own.cert });
    expect(asked.text).toContain('Compare the SHA-256 fingerprint');
    expect((await setup.recordOf('tracker')).entry?.certificates).toBeUndefined();

    const done = await post('/admin/providers/tracker/certificates/trust', { certificates: own.cert });
    expect(done.status).toBe(303);
    const record = await setup.recordOf('tracker');
    expect(record.entry?.certificates).toEqual([own.cert]);
    expect(record.updatedBy).toBe('ann');
    const page = await post('/admin/providers/tracker/test');
    expect(page.text).not.toContain('certificate_untrusted');
    expect(page.text).toContain('certificate_ends_soon');
    expect((await post('/admin/providers/declared/test')).text).toContain('certificate_untrusted');
  });

  it('keeps the secrets of the record, and adds a certificate once', async () => {
    const { version } = await setup.recordOf('tracker');
    await post('/admin/providers/tracker/certificates/trust', { certificates: `again\r\n${own.cert}` });
    const record = await setup.recordOf('tracker');
    expect(record.version).toBe(version);
    expect(record.entry?.client).toMatchObject({ secret: { set: true, ends: CLIENT_SECRET.slice(-4) } });
  });

  it.each([
    ['no certificate', 'hello', 'not a readable certificate'],
    ['a private key', own.key + own.cert, 'no private key'],
    ['one that has ended', certificate({ names: ['x'], from: -9, until: -2 }).cert, 'expired on'],
  ])('does not take %s', async (_, certificates, problem) => {
    const asked = await post('/admin/providers/tracker/certificates', { certificates });
    expect(asked.status).toBe(422);
    expect(asked.text).toContain(problem);
    const done = await post('/admin/providers/tracker/certificates/trust', { certificates });
    expect(done.status).toBe(422);
  });

  it('offers no trust where only the file can grant it', async () => {
    const page = await post('/admin/providers/declared/test');
    expect(page.text).not.toContain('Trust for this provider only');
    const done = await post('/admin/providers/declared/certificates/trust', { certificates: own.cert });
    expect(done.status).toBe(409);
  });

  it('is there for an entry that is not saved: it says what is missing, and nothing is changed', async () => {
    const form = {
      do: 'test',
      id: 'newer',
      preset: 'mingle',
      url: setup.server.origin,
      'client-id': 'newer',
      'client-secret': 'x',
      'allow-addresses': '127.0.0.0/8 ::1/128',
    };
    const page = await post('/admin/providers/new/form', form);
    expect(page.text).toContain('certificate_untrusted');
    expect(page.text).toContain('BEGIN CERTIFICATE');
    await expect(setup.recordOf('newer')).rejects.toMatchObject({ code: 'record_unknown' });
  });

  it('keeps the saved secret of a record of the console, and sends none of the file’s to a server that was typed in', async () => {
    const { entry: ours } = await setup.recordOf('tracker');
    const { entry: theirs } = await setup.recordOf('declared');
    await setup.inStore(async ({ deps, by }) => {
      const trusting = { ...ours, certificates: [own.cert] };
      const lines = await testProvider(deps, { id: 'tracker', entry: trusting }, by);
      expect(lines.map(({ code }) => code)).toContain('token_not_json');
      const moved = { url: 'https://elsewhere.invalid' };
      for (const [id, entry] of [
        ['tracker', { ...ours, ...moved }],
        ['declared', { ...theirs, ...moved }],
        ['declared', { ...theirs }],
      ] as const)
        await expect(testProvider(deps, { id, entry }, by)).rejects.toMatchObject({
          code: 'record_invalid',
        });
    });
  });

  it('needs an administrator, and our own form', async () => {
    const stranger = await new HttpBrowser().send(`${setup.siteOrigin}/admin/providers/tracker/test`, {
      origin: setup.siteOrigin,
      form: {},
    });
    expect(stranger.status).toBeGreaterThanOrEqual(300);
    expect(stranger.text).not.toContain('Results');
    expect((await post('/admin/providers/tracker/test', { 'form-token': 'no' })).status).toBe(403);
    expect((await post('/admin/providers/nobody/test')).status).toBe(404);
  });
});
