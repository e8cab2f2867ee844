import { createPublicKey, createSecretKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import type { Host, HostAlgorithm, HostKey } from '../../src/hosts/host.js';
import { HostTokens } from '../../src/hosts/host-tokens.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';

const AUDIENCE = 'http://127.0.0.1:3000';
const tokens = new HostTokens({
  audience: AUDIENCE,
  clock: new TestClock('runs'),
  journal: { note: () => undefined, warn: () => undefined },
  fetchJwks: () => Promise.reject(new Error('no network here')),
});

const hostWith = (key: HostKey): Host => ({
  id: 'gocd',
  name: 'GoCD',
  origins: ['http://localhost:8153'],
  key,
  gadgets: [],
  providers: [],
  connectMode: 'opener',
  connectUrl: null,
});
const host = hostWith({ kind: 'secret', algorithms: ['HS256'], secret: new Secret(HOST_SECRET) });
const verify = (token: string, by = host) => tokens.verify(by, new Secret(token));
const seconds = () => Math.floor(Date.now() / 1000);

const refusal = async (token: string, by = host): Promise<AppError> =>
  verify(token, by).then(
    () => {
      throw new Error('it was accepted');
    },
    (error: AppError) => error,
  );

describe('a host token', () => {
  it('names the viewer as the pair of host and sub, taken as they are', async () => {
    const claims = await verify(
      await signHostToken({ sub: ' Ann\u0000 ', params: { project: 'apollo', n: 3 } }),
    );
    expect(claims.viewer).toMatchObject({ host: 'gocd', sub: ' Ann\u0000 ' });
    expect(claims.params).toEqual({ project: 'apollo', n: '3' });
    expect(claims.profile).toEqual({ name: 'Ann', email: null });
  });

  it('decorates with a name cut short and without control or direction marks', async () => {
    const { profile } = await verify(await signHostToken({ name: `\u202eAnn\u0007${'x'.repeat(200)}` }));
    expect(profile.name).toBe(`Ann${'x'.repeat(77)}`);
  });

  const now = seconds();
  const bad: readonly [string, Record<string, unknown>, string][] = [
    ['another issuer', { iss: 'wiki' }, 'token_invalid'],
    ['another audience', { aud: 'https://elsewhere.example' }, 'token_invalid'],
    ['several audiences', { aud: [AUDIENCE] }, 'token_invalid'],
    ['no sub', { sub: undefined }, 'token_invalid'],
    ['an empty sub', { sub: '' }, 'token_invalid'],
    ['a sub that is an object', { sub: { id: 1 } }, 'token_invalid'],
    ['a sub of 256 bytes', { sub: 'é'.repeat(128) }, 'token_invalid'],
    ['no jti', { jti: undefined }, 'token_invalid'],
    ['no exp', { exp: undefined }, 'token_invalid'],
    ['no iat', { iat: undefined }, 'token_invalid'],
    ['a ten-year exp', { exp: now + 315_360_000 }, 'token_invalid'],
    ['121 seconds of life', { iat: now, exp: now + 121 }, 'token_invalid'],
    ['a fractional exp', { exp: now + 60.5 }, 'token_invalid'],
    ['an iat beyond the leeway', { iat: now + 40, exp: now + 100 }, 'token_invalid'],
    ['an exp beyond the leeway', { iat: now - 100, exp: now - 31 }, 'token_expired'],
    ['a purpose', { purpose: 'connect' }, 'token_purpose'],
    ['a gadget that is no text', { gadget: 7 }, 'token_invalid'],
    ['a nested lock', { params: { project: ['apollo'] } }, 'token_invalid'],
  ];
  it.each(bad)('is refused with %s', async (_, claims, code) => {
    const error = await refusal(await signHostToken(claims));
    expect(error.code).toBe(code);
    expect(error.reason).toBeTruthy();
  });

  it('is accepted within the leeway on both sides', async () => {
    await verify(await signHostToken({ iat: seconds() + 25, exp: seconds() + 85 }));
    await verify(await signHostToken({ iat: seconds() - 80, exp: seconds() - 25 }));
  });

  it.each(['at+jwt', 'oriel-connect+jwt'])('is refused with the type %s', async (typ) => {
    expect((await refusal(await signHostToken({}, { header: { alg: 'HS256', typ } }))).code).toBe(
      'token_invalid',
    );
  });

  it('is refused when forged, cut, too long, or not a token', async () => {
    const token = await signHostToken();
    const forged = await signHostToken({}, { key: createSecretKey(Buffer.from('x'.repeat(40))) });
    const bad = [forged, token.slice(0, -3), `${token}x`, 'a.b.c', 'nonsense', `${token}${'x'.repeat(9000)}`];
    for (const each of bad) {
      const error = await refusal(each);
      expect(error.code).toBe('token_invalid');
      expect(`${error.message} ${error.reason}`).not.toContain(each.slice(0, 40));
    }
  });
});

describe('the algorithm', () => {
  const pairs: readonly [HostAlgorithm, { publicKey: KeyObject; privateKey: KeyObject }][] = [
    ['ES256', generateKeyPairSync('ec', { namedCurve: 'P-256' })],
    ['EdDSA', generateKeyPairSync('ed25519')],
    ['RS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
    ['PS256', generateKeyPairSync('rsa', { modulusLength: 2048 })],
  ];
  it.each(pairs)('%s verifies by public key, as PEM and as JWK', async (alg, { publicKey, privateKey }) => {
    const token = () => signHostToken({}, { key: privateKey, header: { alg } });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const jwk = JSON.stringify(publicKey.export({ format: 'jwk' }));
    for (const text of [pem, jwk]) {
      const by = hostWith({ kind: 'public-key', algorithms: [alg], publicKey: text });
      expect((await verify(await token(), by)).viewer.sub).toBe('ann');
    }
  });

  it('comes from the host’s record: a public key is never taken for a shared secret', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const by = hostWith({ kind: 'public-key', algorithms: ['RS256'], publicKey: pem });
    const confused = await signHostToken({}, { key: createSecretKey(Buffer.from(pem)) });
    expect((await refusal(confused, by)).reason).toContain('RS256');
    expect(createPublicKey(pem).asymmetricKeyType).toBe('rsa');
  });

  it('is never “none”', async () => {
    const [, body = ''] = (await signHostToken()).split('.');
    const head = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url');
    expect((await refusal(`${head}.${body}.`)).code).toBe('token_invalid');
  });
});
