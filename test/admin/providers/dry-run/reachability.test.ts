import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { type TlsServer, tlsServer } from '../../../net/tls-server.js';
import { certificate, privateAuthority, selfSigned } from '../../../support/self-signed.js';
import { stubServer } from '../../../upstream/stub-server.js';
import { dryRuns, lineOf, record } from './dry-run-setup.js';

const runs = dryRuns({ timeLimit: 500 });
afterAll(runs.close);
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});
const secure = async (...given: Parameters<typeof tlsServer>): Promise<TlsServer> => {
  const server = await tlsServer(...given);
  open.push(server);
  return server;
};
/** A port that takes connections and does with them what the test says. */
const raw = async (listener: (socket: Socket) => void): Promise<string> => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => undefined));
    listener(socket);
  });
  open.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return `https://localhost:${(server.address() as AddressInfo).port}`;
};

describe('A dry run says of a name', () => {
  it('that it redirects to nowhere', async () => {
    const [line, ...others] = await runs.lines(record('https://nowhere.invalid'));
    expect(others.every(({ light }) => light === 'green')).toBe(true);
    expect(line).toMatchObject({ light: 'red', about: 'https://nowhere.invalid' });
  });

  it('that it redirects to an address the record does not allow, and what to add', async () => {
    const [line] = await runs.lines(record('https://localhost:8443', { allowAddresses: ['10.0.0.0/8'] }));
    expect(line).toMatchObject({ code: 'address_private', light: 'red' });
    expect(line?.fix).toContain('"127.0.0.1"');
  });

  it('that it redirects to an address that is never called, whatever is allowed', async () => {
    const [line] = await runs.lines(
      record('https://169.254.169.254', { allowAddresses: ['0.0.0.0/0', '::/0'] }),
    );
    expect(line).toMatchObject({ code: 'address_never', light: 'red' });
    expect(line?.fix).not.toContain('allowAddresses');
  });
});

describe('A dry run says of a connection', () => {
  it('that nothing listens there', async () => {
    const gone = await stubServer();
    await gone.close();
    expect(await runs.faults(record(gone.origin))).toEqual(['connection_refused']);
  });

  it('that no answer comes in time', async () => {
    const origin = await raw(() => undefined);
    expect(await runs.faults(record(origin))).toEqual(['connection_timeout']);
  });

  it('that it is cut', async () => {
    const origin = await raw((socket) => socket.destroy());
    expect(await runs.faults(record(origin))).toEqual(['connection_cut']);
  });

  it('that TLS is missing there', async () => {
    const stub = await stubServer();
    open.push(stub);
    const origin = stub.origin.replace('http:', 'https:');
    expect(await runs.faults(record(origin))).toEqual(['tls_missing']);
  });

  it('that it is not encrypted, which is fine on this machine only', async () => {
    const stub = await stubServer();
    open.push(stub);
    expect(lineOf(await runs.lines(record(stub.origin)), 'channel_plain').light).toBe('green');
    const far = record('http://10.1.2.3', { allowAddresses: ['10.0.0.0/8'] });
    expect(await runs.faults(far)).toEqual(['channel_insecure']);
  });
});

describe('A dry run says of a certificate', () => {
  it('that it is not trusted, shows it, and offers to trust it for this provider', async () => {
    const own = selfSigned('localhost');
    const { origin, requests } = await secure(own);
    const lines = await runs.lines(record(origin));
    const { chain, trustable, cause } = lineOf(lines, 'certificate_untrusted');
    expect(chain).toEqual(trustable);
    expect(chain).toEqual([
      expect.objectContaining({
        subject: 'CN=localhost',
        issuer: 'CN=localhost',
        names: ['localhost'],
        pem: own.cert,
      }),
    ]);
    expect(chain[0]?.sha256).toMatch(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    expect(chain[0]?.sha1).toMatch(/^([0-9A-F]{2}:){19}[0-9A-F]{2}$/);
    expect(cause).toContain('DEPTH_ZERO_SELF_SIGNED_CERT');
    // Nothing was sent to a server that may be anyone’s.
    expect(requests).toEqual([]);
    const trusting = await runs.lines(record(origin, { certificates: [own.cert] }));
    expect(lineOf(trusting, 'certificate_ends_soon').light).toBe('yellow');
  });

  it('that a private authority signed it, which can be trusted instead', async () => {
    const ca = privateAuthority('Example private CA');
    const signed = certificate({ names: ['localhost'], by: ca, until: 90 });
    const { origin } = await secure(signed, '{}', ca.cert);
    const { chain, trustable } = lineOf(await runs.lines(record(origin)), 'certificate_untrusted');
    expect(chain.map(({ subject }) => subject)).toEqual(['CN=localhost', 'CN=Example private CA']);
    expect(trustable.map(({ pem }) => pem)).toEqual([signed.cert, ca.cert]);
    for (const { pem } of trustable) {
      const lines = await runs.lines(record(origin, { certificates: [pem] }));
      expect(lineOf(lines, 'channel_secure').sentence).toContain('TLSv1.3');
    }
  });

  it.each([
    ['expired', 'certificate_expired', certificate({ names: ['localhost'], from: -9, until: -2 })],
    ['not valid yet', 'certificate_early', certificate({ names: ['localhost'], from: 2, until: 9 })],
    ['for another name', 'certificate_name', selfSigned('mingle.example', 'www.mingle.example')],
  ] as const)('that it is %s, and does not offer to trust it', async (_, code, issued) => {
    const { origin } = await secure(issued);
    for (const certificates of [[], [issued.cert]]) {
      const lines = await runs.lines(record(origin, { certificates }));
      const [fault] = lines.filter(({ light }) => light === 'red');
      expect(fault?.trustable).toEqual([]);
      expect(fault?.fix).toMatch(/would not help|Correct the clocks/);
    }
    const known = lineOf(await runs.lines(record(origin, { certificates: [issued.cert] })), code);
    expect(known.light).toBe('red');
    if (code === 'certificate_name') expect(known.sentence).toContain('mingle.example, www.mingle.example');
  });
});
