import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { readCertificates } from '../../src/net/certificates.js';
import { Probe } from '../../src/providers/probe.js';
import { type TlsServer, tlsServer } from '../net/tls-server.js';
import { selfSigned } from '../support/self-signed.js';
import { type StubServer, says, stubServer } from '../upstream/stub-server.js';

const looks = new Probe(new AddressGuards());
const own = selfSigned('localhost');
const open = { allowAddresses: ['127.0.0.0/8', '::1/128'], certificates: [] };
const closed = { allowAddresses: [], certificates: [] };
const client = { id: 'a:b', secret: new Secret("s cr'et%+é".replace('é', '!')) };
const form = { code: 'x y' };
let stub: StubServer;
let tls: TlsServer;
beforeAll(async () => {
  stub = await stubServer(says(200, 'hello'));
  tls = await tlsServer(own);
});
afterAll(async () => {
  await stub.close();
  await tls.close();
});

describe('A probe of an authorization server', () => {
  beforeEach(() => {
    stub.answers(says(200, 'hello'));
    stub.requests.length = 0;
  });

  it.each(['127.0.0.1', 'localhost'])('never reaches an address that is not allowed: %s', async (host) => {
    const url = stub.origin.replace('127.0.0.1', host);
    const refused = { kind: 'none', reason: 'address-refused' };
    expect(await looks.page(url, closed)).toMatchObject(refused);
    expect(await looks.post(url, { form, client, authentication: 'basic' }, closed)).toMatchObject(refused);
    expect(await looks.channel(url, closed)).toMatchObject(refused);
    expect(await looks.metadata(url, closed)).toHaveProperty('failure');
    expect(stub.requests).toEqual([]);
    expect(await looks.page(url, open)).toMatchObject({ kind: 'answer', text: 'hello' });
  });

  it('sends nothing to a server that is not trusted', async () => {
    const untrusted = { kind: 'none', reason: 'certificate' };
    expect(await looks.page(tls.origin, open)).toMatchObject(untrusted);
    expect(await looks.post(tls.origin, { form, client, authentication: 'body' }, open)).toMatchObject(
      untrusted,
    );
    expect(await looks.channel(tls.origin, open)).toMatchObject({ kind: 'untrusted', named: true });
    expect(tls.requests).toEqual([]);
    const trusting = { ...open, certificates: [own.cert] };
    expect(await looks.channel(tls.origin, trusting)).toMatchObject({ kind: 'trusted' });
    expect(await looks.page(tls.origin, trusting)).toMatchObject({ kind: 'answer', status: 200 });
  });

  it('follows no redirect, and says where it leads', async () => {
    stub.answers(says(302, '', { location: '/elsewhere?a=b' }));
    expect(await looks.page(`${stub.origin}/here`, open)).toMatchObject({
      status: 302,
      location: `${stub.origin}/elsewhere?a=b`,
    });
    expect(stub.requests).toHaveLength(1);
  });

  it('authenticates in one way only, as the client proper would (RFC 6749 §2.3.1)', async () => {
    stub.answers(says(200, '{}'));
    await looks.post(stub.origin, { form, client, authentication: 'basic' }, open);
    const { authorization } = stub.requests[0]?.headers ?? {};
    expect(Buffer.from(authorization?.slice(6) ?? '', 'base64').toString()).toBe('a%3Ab:s+cr%27et%25%2B%21');
    await looks.post(stub.origin, { form, client, authentication: 'body' }, open);
    expect(stub.requests[1]?.headers.authorization).toBeUndefined();
  });

  it('ends in time, whatever a server does', async () => {
    stub.answers((_, response) => void response.write('{'));
    const impatient = new Probe(new AddressGuards(), 500);
    expect(await impatient.page(stub.origin, open)).toMatchObject({ kind: 'none', reason: 'timeout' });
  });
});

it('Certificates are read one by one from pasted text, or not at all', () => {
  const two = `first\r\n${own.cert}second\n${selfSigned('a.example', 'b.example').cert}`;
  expect(readCertificates(two)?.map(({ names }) => names)).toEqual([
    ['localhost'],
    ['a.example', 'b.example'],
  ]);
  expect(readCertificates('')).toBeNull();
  expect(readCertificates(own.cert.replace('MII', 'AII'))).toBeNull();
});
