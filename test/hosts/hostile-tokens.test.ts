import { createSecretKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { CompactSign } from 'jose';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import type { Host, HostKey } from '../../src/hosts/host.js';
import { HostTokens } from '../../src/hosts/host-tokens.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';

const hostWith = (key: HostKey): Host => ({
  id: 'gocd',
  name: 'GoCD',
  origins: [],
  key,
  gadgets: [],
  providers: [],
  connectMode: 'opener',
  connectUrl: null,
});
const secretHost = hostWith({ kind: 'secret', algorithms: ['HS256'], secret: new Secret(HOST_SECRET) });

/** What becomes of a token: `accepted`, or the code of the refusal. Anything but a refusal fails the test. */
const fate = async (token: string, host = secretHost, keys: readonly unknown[] = []): Promise<string> => {
  const tokens = new HostTokens({
    audience: 'http://127.0.0.1:3000',
    clock: new TestClock('runs'),
    journal: { note: () => undefined, warn: () => undefined },
    fetchJwks: async () => JSON.stringify({ keys }),
  });
  try {
    await tokens.verify(host, new Secret(token));
    return 'accepted';
  } catch (error) {
    const { name, code } = error as AppError;
    expect(name).toBe('AppError');
    return code;
  }
};

const goodClaims = async (): Promise<string> => {
  const [, body = ''] = (await signHostToken()).split('.');
  return Buffer.from(body, 'base64url').toString();
};

describe('A host token with a right signature', () => {
  it('is refused with any critical extension, even one the library knows', async () => {
    const token = await new CompactSign(Buffer.from(await goodClaims()))
      .setProtectedHeader({ alg: 'HS256', crit: ['b64'], b64: true })
      .sign(createSecretKey(Buffer.from(HOST_SECRET)));
    expect(await fate(token)).toBe('token_invalid');
  });

  it('is refused before its “nbf”, within the leeway, and if that is not a time', async () => {
    const now = Math.floor(Date.now() / 1000);
    for (const nbf of [now - 3600, now, now + 20])
      expect(await fate(await signHostToken({ nbf }))).toBe('accepted');
    for (const nbf of [now + 60, now + 3600, 'now', null, -1, 1.5])
      expect(await fate(await signHostToken({ nbf }))).toBe('token_invalid');
  });

  it('is refused over 8 kB', async () => {
    expect(await fate(await signHostToken({ extra: 'x'.repeat(5000) }))).toBe('accepted');
    expect(await fate(await signHostToken({ extra: 'x'.repeat(6500) }))).toBe('token_invalid');
  });

  it('gains nothing by bringing its own key, or the address of one', async () => {
    const mine = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const theirs = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = theirs.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const host = hostWith({ kind: 'public-key', algorithms: ['ES256'], publicKey: pem });
    const jwk = mine.publicKey.export({ format: 'jwk' });
    const signed = (header: object) =>
      signHostToken({}, { key: mine.privateKey, header: { alg: 'ES256', ...header } });
    for (const header of [
      { jwk },
      { jku: 'https://evil.example/jwks' },
      { x5u: 'https://evil.example/x5u' },
    ]) {
      expect(await fate(await signed(header), host)).toBe('token_invalid');
    }
    const right = await signHostToken({}, { key: theirs.privateKey, header: { alg: 'ES256', jwk } });
    expect(await fate(right, host)).toBe('accepted');
  });

  it('is refused when sub or jti hold half a character, which no store could distinguish from another', async () => {
    expect(await fate(await signHostToken({ sub: 'a\ud800' }))).toBe('token_invalid');
    expect(await fate(await signHostToken({ jti: '\udfff' }))).toBe('token_invalid');
    expect(await fate(await signHostToken({ sub: '😀' }))).toBe('accepted');
  });

  it.each(['[]', '"x"', 'null', '{"iss":', '\ufffe'])('is refused with the payload %j', async (payload) => {
    const token = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader({ alg: 'HS256' })
      .sign(createSecretKey(Buffer.from(HOST_SECRET)));
    expect(await fate(token)).toBe('token_invalid');
  });
});

describe('A published key that cannot be used', () => {
  const host = hostWith({
    kind: 'jwks',
    algorithms: ['RS256', 'ES256'],
    url: 'https://gocd.example.com/jwks',
  });
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = (kid: string, key: KeyObject = privateKey, alg = 'ES256') =>
    signHostToken({}, { key, header: { alg, kid } });

  it('makes its tokens refused, not the server fail', async () => {
    const broken = { kty: 'EC', crv: 'P-256', kid: 'k', alg: 'ES256', x: '!!', y: '' };
    expect(await fate(await signed('k'), host, [broken])).toBe('token_invalid');
    expect(await fate(await signed('k'), host, [{ ...broken, crv: undefined }])).toBe('token_invalid');
    expect(await fate(await signed('k'), host, [7, null, 'x', {}])).toBe('token_invalid');
  });

  it('such as an RSA key under 2048 bits, is refused too', async () => {
    const weak = generateKeyPairSync('rsa', { modulusLength: 1024 });
    const jwk = { ...weak.publicKey.export({ format: 'jwk' }), kid: 'w', alg: 'RS256' };
    const [head, body] = [{ alg: 'RS256', kid: 'w' }, JSON.parse(await goodClaims())].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const signature = sign('sha256', Buffer.from(`${head}.${body}`), weak.privateKey).toString('base64url');
    expect(await fate(`${head}.${body}.${signature}`, host, [jwk])).toBe('token_invalid');
  });

  it('does not keep another in the same set from being used', async () => {
    const good = { ...publicKey.export({ format: 'jwk' }), kid: 'good', alg: 'ES256' };
    expect(await fate(await signed('good'), host, [{ kty: 'EC', kid: 'bad' }, good])).toBe('accepted');
  });
});
