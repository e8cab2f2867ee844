import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, KEY, loopback, openFolder, start } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { startMingle } from '../../demo/mingle/start-mingle.js';
import type { RunningApplication } from '../../demo/site/application.js';
import { type TlsServer, tlsServer } from '../../net/tls-server.js';
import { certificate, selfSigned } from '../../support/self-signed.js';

const SECRET = 'canary-client-secret-0123456789';
// Made again for each, since YAML would otherwise name the second an alias of the first.
const record = (url: string) => ({
  preset: 'mingle',
  url,
  client: { id: 'oriel', secret: SECRET },
  allowAddresses: ['127.0.0.0/8', '::1/128'],
});

describe('oriel provider test', () => {
  const own = selfSigned('localhost');
  let folder: ReturnType<typeof openFolder>;
  let mingle: RunningApplication;
  let strange: TlsServer;
  beforeEach(async () => {
    folder = openFolder();
    const config = loopback(3);
    const redirectUri = `${config.siteOrigin}/connect/callback/mingle`;
    mingle = await startMingle({ clients: [{ name: 'Oriel', id: 'oriel', secret: SECRET, redirectUri }] });
    strange = await tlsServer(own, '{}');
    const clients = { gocd: { id: 'oriel', secret: 'mistyped' } };
    const providers = { mingle: { ...record(mingle.url), clients }, strange: record(strange.origin) };
    folder.write('oriel.yaml', { ...config, providers });
    await folder.makeDatabase();
  });
  afterEach(async () => {
    await mingle.close();
    await strange.close();
    folder.remove();
  });

  const oriel = (...args: readonly string[]): Promise<Ended> =>
    commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY } })('provider', 'test', ...args);

  it('says line by line what works, and exits with 1 when something is wrong', async () => {
    const whole = await oriel('mingle');
    expect(whole.out).toContain(
      '✓ good   client: The server accepts our client id and secret. [token_accepted]',
    );
    expect(whole.out).toContain('✗ wrong  client of host gocd: ');
    expect(whole.out).toContain('Something is wrong that people would run into.');
    expect(whole.code).toBe(1);
    expect(whole.out + whole.err).not.toContain(SECRET);
    const gocd = await oriel('mingle', '--host', 'gocd', '--json');
    expect(JSON.parse(gocd.out)).toMatchObject({ light: 'red' });
    expect(gocd.out).not.toContain('token_accepted');
  });

  it('shows an untrusted certificate, and tries an entry that is not saved', async () => {
    const untrusted = await oriel('strange');
    expect(untrusted.code).toBe(1);
    expect(untrusted.out).toContain('[certificate_untrusted]');
    expect(untrusted.out).toMatch(/SHA-256 {6}([0-9A-F]{2}:){31}/);
    expect(strange.requests).toEqual([]);
    const entry = { ...record(mingle.url), certificates: [own.cert] };
    const file = folder.write('entry.yaml', entry);
    const tried = await oriel('mingle', '--file', file);
    expect(tried.out).toContain('[redirect_uri_registered]');
    expect(tried.out).toContain('Nothing is wrong; check what is unsure yourself.');
    expect(tried.code).toBe(0);
    expect((await oriel('other', '--file', file, '--json')).out).toContain('redirect_uri_mismatch');
    expect(
      (await oriel('strange', '--file', folder.write('s.yaml', { ...entry, url: strange.origin }))).out,
    ).toContain('[certificate_ends_soon]');
  });

  it('is not needed to see which certificates are trusted, and until when: oriel check says', async () => {
    const past = certificate({ names: ['old.example'], from: -9, until: -2 });
    const mingle = { ...record('https://mingle.example.com'), certificates: [own.cert, past.cert] };
    folder.write('trusting.yaml', { ...loopback(3), providers: { mingle } });
    const checked = start(['check', '--config', 'trusting.yaml'], {
      cwd: folder.path,
      env: { ORIEL_KEY: KEY },
    });
    expect((await checked.ended).out).toMatch(
      /trusts +CN=localhost, until \d.*\n +trusts +CN=old.example, expired \d/,
    );
  });

  it('lists what it cannot test', async () => {
    const unknown = await oriel('nobody');
    expect(unknown.code).toBe(1);
    expect(unknown.err).toContain('nobody');
    const broken = await oriel(
      'mingle',
      '--file',
      folder.write('bad.yaml', { preset: 'mingle', pkce: 'plain' }),
    );
    expect(broken.code).toBe(1);
    expect(broken.err).toContain('mistake');
  });
});
