import { createPublicKey } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { configOf, linesOf, publicPem, sample } from '../config/sample.js';

const withHost = (change: Record<string, unknown>) => {
  const data = sample();
  return { ...data, hosts: { gocd: { ...data.hosts.gocd, ...change } } };
};
const hostOf = (change: Record<string, unknown>) => configOf(withHost(change)).hosts[0];

const ec = publicPem('ec');
const ed = publicPem('ed25519');
const rsa = publicPem('rsa');

describe('A host', () => {
  it('is not called by a word that the console has in the place of an id', () => {
    const { hosts, providers, ...rest } = sample();
    const taken = {
      ...rest,
      hosts: { ...hosts, new: hosts.gocd },
      providers: { ...providers, new: providers.mingle },
    };
    const lines = linesOf(taken).filter((line) => line.includes('this word is taken by the console itself'));
    expect(lines.map((line) => line.split(':')[0])).toEqual(['hosts.new', 'providers.new']);
  });

  it('is called by its id when it has no name, and may show and use nothing unless configured', () => {
    const { name: _name, gadgets: _gadgets, providers: _providers, ...rest } = sample().hosts.gocd;
    const [host] = configOf({ ...sample(), hosts: { gocd: rest } }).hosts;
    expect(host).toMatchObject({ name: 'gocd', gadgets: [], providers: [], connectMode: 'opener' });
  });

  it.each([
    [{ origins: [] }, 'origins: this list is empty'],
    [
      { origins: ['https://gocd.example.com/go'] },
      'origins[0]: an origin is scheme, host and port only: no path, query or user',
    ],
    [{ origins: ['http://gocd.example.com'] }, 'origins[0]: plain http is allowed on loopback only'],
    [{ origins: ['*'] }, 'origins[0]: a wildcard is no origin; name each one'],
    [{ origins: ['https://oriel.example.com'] }, "origins[0]: this is one of the server's own origins"],
    [{ origins: ['https://gadgets.example.com'] }, "origins[0]: this is one of the server's own origins"],
    [{ gadgets: ['*'] }, 'gadgets[0]: a wildcard is not taken; name each gadget'],
    [{ gadgets: ['Cards'] }, 'gadgets[0]: this is not a lower-case word like `my-app`'],
    [{ providers: ['mingle', 'github'] }, 'providers[1]: there is no provider github'],
    [{ connect: { mode: 'popup' } }, 'connect.mode: this is not one of: opener, reauth, code'],
    [{ connect: { mode: 'reauth' } }, 'connect.url: this is missing'],
    [{ connect: { mode: 'code', url: 'https://gocd.example.com/c' } }, 'connect.url: mode `code` has no URL'],
    [
      { connect: { mode: 'reauth', url: 'https://elsewhere.example.com/c' } },
      "connect.url: this is on none of the host's origins",
    ],
    [
      { connect: { mode: 'reauth', url: 'http://gocd.example.com/c' } },
      'connect.url: plain http is allowed on loopback only',
    ],
    [
      { connect: { mode: 'reauth', url: 'https://gocd.example.com/c#x' } },
      'connect.url: a URL here has no #fragment',
    ],
    [
      { connect: { mode: 'reauth', url: 'https://gocd.example.com/c?request=1' } },
      'connect.url: the server sets the parameter `request` itself',
    ],
    [{ name: 'Go\u202eCD' }, 'name: this is not one line of 1 to 80 characters without spaces at its ends'],
    [{ name: 7 }, 'name: this is not text; put it in quotes'],
    [{ key: {} }, 'key.algorithm: this is missing'],
    [{ key: { algorithm: 'none', secret: 'x'.repeat(32) } }, 'key.algorithm: this is not one of: HS256'],
    [
      { key: { algorithm: 'HS256', secret: 'x'.repeat(31) } },
      'key.secret: this secret is shorter than 32 bytes',
    ],
    [
      { key: { algorithms: ['HS256'], publicKey: ec.pem } },
      'key.algorithms[0]: this is not one of: ES256, EdDSA, RS256, PS256',
    ],
    [{ key: { algorithms: [], publicKey: ec.pem } }, 'key.algorithms: this list is empty'],
    [
      { key: { algorithms: ['ES256'], jwks: 'http://gocd.example.com/jwks' } },
      'key.jwks: plain http is allowed on loopback only',
    ],
    [{ key: { algorithms: ['ES256'], jwks: 'file:///etc/passwd' } }, 'key.jwks: this is no URL'],
  ])('is refused with %j', (change, line) => {
    expect(linesOf(withHost(change))).toContain(`hosts.gocd.${line}`);
  });

  it.each([
    [{ mode: 'opener' }, { connectMode: 'opener', connectUrl: null }],
    [{ mode: 'code' }, { connectMode: 'code', connectUrl: null }],
    [
      { mode: 'reauth', url: 'https://gocd.example.com/oriel?a=b' },
      { connectMode: 'reauth', connectUrl: 'https://gocd.example.com/oriel?a=b' },
    ],
  ])('connects its viewers by %j', (connect, record) => {
    expect(hostOf({ connect })).toMatchObject(record);
  });

  it('may share an origin with another host', () => {
    const { gocd } = sample().hosts;
    expect(linesOf({ ...sample(), hosts: { gocd, wiki: gocd } })).toEqual([]);
  });

  it.each(['GoCD', '1st', 'a b', 'a/b', '-', 'a'.repeat(64)])('is refused under the id %j', (id) => {
    expect(linesOf({ ...sample(), hosts: { [id]: sample().hosts.gocd } })).toHaveLength(1);
  });
});

describe('A host’s public key', () => {
  it.each([
    ['ES256', 'PEM', ec.pem],
    ['EdDSA', 'PEM', ed.pem],
    ['RS256', 'PEM', rsa.pem],
    ['PS256', 'PEM', rsa.pem],
    ['ES256', 'JWK', JSON.stringify(createPublicKey(ec.pem).export({ format: 'jwk' }))],
  ])('for %s is taken as %s', (algorithm, _form, publicKey) => {
    expect(hostOf({ key: { algorithms: [algorithm], publicKey } })?.key).toEqual({
      kind: 'public-key',
      algorithms: [algorithm],
      publicKey,
    });
  });

  const ES256 = ['ES256'];
  const jwk = (content: unknown) => JSON.stringify(content);
  const broken = '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----';
  it.each([
    [ES256, 'this is a private key; give only its public half', ec.secretPem],
    [ES256, 'this is a private or secret key; give only its public half', jwk({ kty: 'EC', d: 'x' })],
    [ES256, 'this is a private or secret key; give only its public half', jwk({ kty: 'oct', k: 'x' })],
    [ES256, 'this starts like a JWK but is not JSON', '{'],
    [ES256, 'this JWK is not a public key we can read', '{"kty":"EC"}'],
    [ES256, 'this is neither a PEM public key (SPKI) nor a JWK', 'gocd.pub.pem'],
    [ES256, 'this PEM is not a public key we can read', broken],
    [['ES256', 'RS256'], 'this key cannot be used with RS256', ec.pem],
    [ES256, 'this key cannot be used with ES256', rsa.pem],
    [['EdDSA'], 'this key cannot be used with EdDSA', ec.pem],
  ])('for %j is refused: %s', (algorithms, problem, publicKey) => {
    const lines = linesOf(withHost({ key: { algorithms, publicKey } }));
    expect(lines).toEqual([expect.stringContaining(`hosts.gocd.key.publicKey: ${problem}`)]);
  });

  it('may be found at a URL', () => {
    const jwks = 'https://gocd.example.com/jwks.json';
    expect(hostOf({ key: { algorithms: ['RS256', 'ES256'], jwks } })?.key).toEqual({
      kind: 'jwks',
      algorithms: ['RS256', 'ES256'],
      url: jwks,
    });
  });
});

it('A host may not take the id under which the console shows gadgets', () => {
  const { gocd } = sample().hosts;
  expect(linesOf({ ...sample(), hosts: { 'oriel-console': gocd } }).join()).toContain(
    'this id belongs to the server’s own console',
  );
});
