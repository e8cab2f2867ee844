import { X509Certificate } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Ended, KEY, loopback, openFolder } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { type TlsServer, tlsServer } from '../../net/tls-server.js';
import { certificate, selfSigned } from '../../support/self-signed.js';

/** What a terminal would obey as the start of a command (ECMA-48 §8.3.16), and what turns the rest of a line around. */
const HOSTILE = '\u009b2J\u202e';

describe('oriel provider trust', () => {
  const own = selfSigned(`evil${HOSTILE}`, 'localhost');
  const fingerprint = new X509Certificate(own.cert).fingerprint256;
  let folder: ReturnType<typeof openFolder>;
  let strange: TlsServer;
  let file: string;
  beforeEach(async () => {
    folder = openFolder();
    strange = await tlsServer(own, '{}');
    folder.write('oriel.yaml', loopback(3));
    await folder.makeDatabase();
    file = folder.write('own.pem', own.cert);
    const entry = {
      ...{ preset: 'mingle', url: strange.origin, client: { id: 'oriel', secret: 'a-secret' } },
      allowAddresses: ['127.0.0.0/8', '::1/128'],
    };
    await oriel('add', 'wiki', '-f', folder.write('wiki.yaml', entry));
  });
  afterEach(async () => {
    await strange.close();
    folder.remove();
  });

  const oriel = (...args: readonly string[]): Promise<Ended> =>
    commandsIn({ cwd: folder.path, env: { ORIEL_KEY: KEY } })('provider', ...args);
  const trusted = async (id: string) =>
    JSON.parse((await oriel('show', id, '--json')).out).entry.certificates ?? [];

  it('trusts what the server shows, if it has the expected fingerprint, and shows it', async () => {
    const { code, out, err } = await oriel('trust', 'wiki', '--sha256', fingerprint.toLowerCase());
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toContain(fingerprint);
    expect(out).toContain('trusted for wiki alone');
    expect(await trusted('wiki')).toEqual([new X509Certificate(own.cert).toString()]);
    expect((await oriel('test', 'wiki')).out).not.toContain('certificate_untrusted');
  });

  it('trusts nothing else that a server may show', async () => {
    const other = new X509Certificate(selfSigned('localhost').cert).fingerprint256;
    const refused = await oriel('trust', 'wiki', '--sha256', other);
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.err).toContain('No server of wiki presents a certificate with this fingerprint');
    expect((await oriel('trust', 'wiki', '--sha256', fingerprint.slice(0, 20))).code).toBe(1);
    expect(await trusted('wiki')).toEqual([]);
  });

  it('trusts a certificate from a file, but no key, nothing expired and nothing else', async () => {
    for (const [name, text, said] of [
      ['key.pem', own.key + own.cert, 'no private key'],
      ['old.pem', certificate({ names: ['localhost'], from: -9, until: -2 }).cert, 'expired on'],
      ['none.pem', 'hello', 'not a readable certificate'],
    ] as const) {
      const refused = await oriel('trust', 'wiki', '--file', folder.write(name, text));
      expect([refused.code, refused.out, refused.err]).toEqual([1, '', expect.stringContaining(said)]);
    }
    expect((await oriel('trust', 'wiki', '--file', 'nowhere.pem')).err).toContain('a certificate as PEM');
    expect((await oriel('trust', 'wiki')).err).toContain('--file with a certificate');
    expect((await oriel('trust', 'wiki', '--file', file, '--sha256', fingerprint)).code).toBe(1);
    expect(await trusted('wiki')).toEqual([]);
    expect(JSON.parse((await oriel('trust', 'wiki', '--file', file, '--json')).out)).toMatchObject({
      id: 'wiki',
      version: 2,
    });
  });

  it('does not change what the file declares', async () => {
    const refused = await oriel('trust', 'mingle', '--file', file, '--json');
    expect(JSON.parse(refused.out)).toMatchObject({ ok: false, code: 'record_in_file' });
  });

  it('and the dry run show a certificate without what a terminal would obey', async () => {
    for (const args of [
      ['test', 'wiki'],
      ['trust', 'wiki', '--file', file],
    ]) {
      const { out } = await oriel(...args);
      expect(out).toMatch(/certificate +CN=evil/);
      for (const character of HOSTILE.replace(/\w/g, '')) expect(out.includes(character)).toBe(false);
    }
  });
});
