import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards, trusting } from '../../src/net/address-guard.js';
import { HttpClient } from '../../src/net/http-client.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import { Discovery } from '../../src/providers/discovery.js';
import { certificate, privateAuthority, selfSigned } from '../support/self-signed.js';
import { accessOf, openUpstream, providerAt, requestTo } from '../upstream/setting.js';
import { type TlsServer, tlsServer } from './tls-server.js';

const own = selfSigned('localhost');
const ca = privateAuthority('Example private CA');
const signed = certificate({ names: ['localhost'], by: ca });
const elsewhere = selfSigned('elsewhere.example');
const past = certificate({ names: ['localhost'], from: -9, until: -2 });
const ahead = certificate({ names: ['localhost'], from: 2, until: 9 });

const opened = openUpstream();
const oauth = new Authorizer({ clock: opened.clock, guards: new AddressGuards() });
const servers: TlsServer[] = [];
// Each call asks again: nothing is answered out of a cache.
let asked = 0;
const start = async (...given: Parameters<typeof tlsServer>): Promise<string> => {
  const server = await tlsServer(...given);
  servers.push(server);
  return server.origin;
};

let origin: string;
beforeAll(async () => {
  origin = await start(own);
});
afterAll(async () => {
  await opened.close();
  for (const server of servers) await server.close();
});

const at = (where: string, certificates: readonly string[], id = 'mingle') =>
  providerAt(where, { id, certificates, allowAddresses: ['127.0.0.0/8', '::1/128'] });
const call = async (where: string, certificates: readonly string[], id = 'mingle') =>
  opened.upstream.get(
    accessOf('alice'),
    requestTo(at(where, certificates, id), { gadgetVersion: String(++asked) }),
  );
const redeem = (where: string, certificates: readonly string[]) =>
  oauth.redeem(
    at(where, certificates),
    { id: 'oriel', secret: new Secret('secret') },
    { code: new Secret('code'), redirectUri: 'https://oriel.example/cb', verifier: null },
  );
const discover = (where: string, certificates: readonly string[]) => {
  const { issRequired: _, account: __, ...draft } = at(where, certificates);
  return new Discovery(new AddressGuards()).complete({ kind: 'discover', issuer: where, draft });
};

const untrusted = { kind: 'down', reason: 'certificate' };

describe('A server whose certificate the system does not trust', () => {
  it('gets no API calls, token requests or discovery', async () => {
    const server = await tlsServer(own);
    servers.push(server);
    expect(await call(server.origin, [])).toEqual(untrusted);
    expect(await redeem(server.origin, [])).toEqual({ kind: 'unreachable', code: 'certificate' });
    expect(await discover(server.origin, [])).toEqual({
      failure: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED'),
    });
    expect(server.requests).toEqual([]);
  });

  it('is called once the provider’s record trusts it', async () => {
    const metadata = JSON.stringify({
      issuer: 'https://localhost',
      authorization_endpoint: `${origin}/a`,
      token_endpoint: `${origin}/t`,
    });
    const issuer = await start(own, metadata);
    expect((await call(origin, [own.cert])).kind).toBe('data');
    expect((await redeem(origin, [own.cert])).kind).toBe('tokens');
    // It was read: what is wrong is only the issuer it names.
    expect(await discover(issuer, [own.cert])).toEqual({
      failure: expect.stringContaining('another issuer'),
    });
  });

  it('stays untrusted for another provider at the same origin, and again for this one when trust is withdrawn', async () => {
    expect((await call(origin, [own.cert], 'mingle')).kind).toBe('data');
    expect(await call(origin, [], 'gocd')).toEqual(untrusted);
    expect(await call(origin, [elsewhere.cert], 'gocd')).toEqual(untrusted);
    expect(await call(origin, [], 'mingle')).toEqual(untrusted);
    expect((await redeem(origin, [elsewhere.cert])).kind).toBe('unreachable');
  });

  it('is trusted by its own certificate, though another signed it, and by that other', async () => {
    const where = await start(signed);
    expect((await call(where, [signed.cert])).kind).toBe('data');
    expect((await call(where, [ca.cert])).kind).toBe('data');
    expect((await redeem(where, [ca.cert])).kind).toBe('tokens');
    expect(await call(where, [privateAuthority('Example private CA').cert])).toEqual(untrusted);
  });

  it.each([
    ['with another name', elsewhere],
    ['that has expired', past],
    ['that is not valid yet', ahead],
  ])('is refused all the same with a certificate %s', async (_, issued) => {
    const where = await start(issued);
    expect(await call(where, [issued.cert])).toEqual(untrusted);
    expect(await redeem(where, [issued.cert])).toEqual({ kind: 'unreachable', code: 'certificate' });
  });
});

it('Certificates of a record are trusted beside the system’s, not in their place', async () => {
  const publicly = privateAuthority('Stands for a public CA');
  const secureContext = trusting([own.cert], () => [publicly.cert]);
  const reaches = async (where: string): Promise<boolean> =>
    new Promise((resolve) => {
      const { port } = new URL(where);
      const socket = connect({
        host: '127.0.0.1',
        port: Number(port),
        servername: 'localhost',
        ...(secureContext && { secureContext }),
      });
      socket.once('secureConnect', () => resolve(true)).once('error', () => resolve(false));
      socket.once('secureConnect', () => socket.destroy());
    });
  expect(await reaches(origin)).toBe(true);
  expect(await reaches(await start(certificate({ names: ['localhost'], by: publicly })))).toBe(true);
  expect(await reaches(await start(signed))).toBe(false);
});

it('A record without certificates is left to the system, and one with them is read once', () => {
  const guards = new AddressGuards();
  const reach = { allowAddresses: [], certificates: [own.cert] };
  expect(guards.for(reach).secureContext).toBeDefined();
  expect(guards.for({ ...reach })).toBe(guards.for(reach));
  expect(guards.for({ ...reach, certificates: [] }).secureContext).toBeUndefined();
});

it('No connections or certificates are kept of removed records', async () => {
  const server = createServer((_, response) => response.end('{}'));
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const calls = new HttpClient({
    guards: new AddressGuards(),
    timeLimit: 5000,
    sockets: { atOnce: 10, atOnceForOwner: 10, kept: 100 },
    journal: { warn: () => {} },
  });
  for (let edit = 0; edit < 130; edit += 1) {
    const answer = await calls.send({
      url: new URL(`http://127.0.0.1:${port}/`),
      headers: {},
      body: null,
      reach: { allowAddresses: ['127.0.0.0/8', `10.0.0.${edit}/32`], certificates: [] },
      owner: 'ada',
      redirected: () => null,
    });
    expect(answer.kind).toBe('answer');
  }
  await expect.poll(() => promisify(server.getConnections.bind(server))()).toBeLessThanOrEqual(100);
  await calls.close();
  server.close();
});
