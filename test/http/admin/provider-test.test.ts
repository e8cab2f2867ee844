import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLog } from '../../../src/compose/log.js';
import { withManagement } from '../../../src/compose/management-at.js';
import { compose, type Running } from '../../../src/compose.js';
import { readConfig } from '../../../src/config/read-config.js';
import { Secret } from '../../../src/domain/secret.js';
import { freePort, KEY, openFolder } from '../../cli/command-line.js';
import { HttpBrowser } from '../../support/http-viewer.js';
import { certificate, selfSigned } from '../../support/self-signed.js';
import { type TlsServer, tlsServer } from '../../upstream/tls-server.js';
import { PASSWORD, tokenIn } from './console-app.js';

const own = selfSigned('localhost');
const CLIENT_SECRET = 'canary-client-secret-0123456789';
const folder = openFolder();
const ann = new HttpBrowser();
let running: Running;
let server: TlsServer;
let siteOrigin: string;
let token: string;

const inStore = <T>(work: Parameters<typeof withManagement<T>>[2]): Promise<T> =>
  withManagement(`${folder.path}/oriel.yaml`, '.', work);
const entry = (url: string, id = 'oriel') => ({
  preset: 'mingle',
  url,
  client: { id, secret: CLIENT_SECRET },
  allowAddresses: ['127.0.0.0/8', '::1/128'],
});

beforeAll(async () => {
  server = await tlsServer(own, '{}');
  const port = await freePort();
  siteOrigin = `http://localhost:${port}`;
  const file = folder.write('oriel.yaml', {
    gadgetOrigin: `http://127.0.0.1:${port}`,
    siteOrigin,
    listen: { host: '127.0.0.1', port },
    keys: [KEY],
    providers: { declared: entry(server.origin, 'declared') },
  });
  await inStore(async ({ management, by }) => {
    const { link } = (await management.administrators.inviteFirst()) ?? { link: new Secret('') };
    const invitation = new Secret(new URL(link.reveal()).searchParams.get('token') ?? '');
    await management.administrators.accept(invitation, 'ann', new Secret(PASSWORD));
    await management.records.create('provider', 'tracker', entry(server.origin), by);
  });
  running = await compose(readConfig(file, {}), {
    root: '.',
    log: openLog('silent', { write: () => undefined }),
  });
  await running.listen();
  await post('/admin/sign-in', { name: 'ann', password: PASSWORD });
  token = tokenIn(await ann.send(`${siteOrigin}/admin/administrators`));
});
afterAll(async () => {
  await running.drain();
  await server.close();
  folder.remove();
});

const post = (path: string, form: Readonly<Record<string, string>> = {}) =>
  ann.send(siteOrigin + path, { origin: siteOrigin, form: { 'form-token': token ?? '', ...form } });
const recordOf = (id: string) => inStore(({ management }) => management.records.get('provider', id));

describe('The page that tests a provider', () => {
  it('shows what was found, and a certificate that could be trusted', async () => {
    const page = await post('/admin/providers/tracker/test');
    expect(page.status).toBe(200);
    expect(page.text).toContain('certificate_untrusted');
    expect(page.text).toMatch(/([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    expect(page.text).toContain('Trust this certificate for this provider only');
    expect(page.text).not.toContain(CLIENT_SECRET);
    expect(server.requests).toEqual([]);
  });

  it('lets it be trusted once its fingerprints were looked at, for this provider alone', async () => {
    const asked = await post('/admin/providers/tracker/certificates', { certificates: own.cert });
    expect(asked.text).toContain('Compare the SHA-256 fingerprint');
    expect((await recordOf('tracker')).entry?.certificates).toBeUndefined();

    const done = await post('/admin/providers/tracker/certificates/trust', { certificates: own.cert });
    expect(done.status).toBe(303);
    const record = await recordOf('tracker');
    expect(record.entry?.certificates).toEqual([own.cert]);
    expect(record.updatedBy).toBe('ann');
    const page = await post('/admin/providers/tracker/test');
    expect(page.text).not.toContain('certificate_untrusted');
    expect(page.text).toContain('certificate_ends_soon');
    expect((await post('/admin/providers/declared/test')).text).toContain('certificate_untrusted');
  });

  it('keeps the secrets of the record, and adds a certificate once', async () => {
    const { version } = await recordOf('tracker');
    await post('/admin/providers/tracker/certificates/trust', { certificates: `again\r\n${own.cert}` });
    const record = await recordOf('tracker');
    expect(record.version).toBe(version);
    expect(record.entry?.client).toMatchObject({ secret: { set: true, ends: CLIENT_SECRET.slice(-4) } });
  });

  it.each([
    ['no certificate', 'hello', 'no certificate that can be read'],
    ['a private key', own.key + own.cert, 'no private key'],
    ['one that has ended', certificate({ names: ['x'], from: -9, until: -2 }).cert, 'expired on'],
  ])('does not take %s', async (_, certificates, problem) => {
    const asked = await post('/admin/providers/tracker/certificates', { certificates });
    expect(asked.status).toBe(422);
    expect(asked.text).toContain(problem);
    const done = await post('/admin/providers/tracker/certificates/trust', { certificates });
    expect(done.status).toBe(422);
  });

  it('offers no trust where only the file can say so', async () => {
    const page = await post('/admin/providers/declared/test');
    expect(page.text).not.toContain('Trust this certificate');
    const done = await post('/admin/providers/declared/certificates/trust', { certificates: own.cert });
    expect(done.status).toBe(409);
  });

  it('is there for an entry that is not saved: what it lacks is told, and nothing is changed', async () => {
    const form = {
      do: 'test',
      id: 'newer',
      preset: 'mingle',
      url: server.origin,
      'client-id': 'newer',
      'client-secret': 'x',
      'allow-addresses': '127.0.0.0/8 ::1/128',
    };
    const page = await post('/admin/providers/new/form', form);
    expect(page.text).toContain('certificate_untrusted');
    expect(page.text).toContain('BEGIN CERTIFICATE');
    await expect(recordOf('newer')).rejects.toMatchObject({ code: 'record_unknown' });
  });

  it('needs an administrator, and our own form', async () => {
    const stranger = await new HttpBrowser().send(`${siteOrigin}/admin/providers/tracker/test`, {
      origin: siteOrigin,
      form: {},
    });
    expect(stranger.status).toBeGreaterThanOrEqual(300);
    expect(stranger.text).not.toContain('What was found');
    expect((await post('/admin/providers/tracker/test', { 'form-token': 'no' })).status).toBe(403);
    expect((await post('/admin/providers/nobody/test')).status).toBe(404);
  });
});
