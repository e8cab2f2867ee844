import { describe, expect, it } from 'vitest';
import type { AppError } from '../../src/domain/errors.js';
import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';
import type { TokenPurpose } from '../../src/hosts/host-tokens.js';
import { HostTokens } from '../../src/hosts/host-tokens.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';

const tokens = new HostTokens({
  audience: 'http://127.0.0.1:3000',
  clock: new TestClock('runs'),
  journal: { note: () => undefined, warn: () => undefined },
  fetchJwks: () => Promise.reject(new Error('no network here')),
});
const host: Host = {
  id: 'gocd',
  name: 'GoCD',
  origins: ['http://localhost:8153'],
  key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(HOST_SECRET) },
  gadgets: [],
  providers: [],
  connectMode: 'reauth',
  connectUrl: 'http://localhost:8153/oriel-connect',
};

const codeOf = async (answer: Promise<unknown>): Promise<string> =>
  answer.then(
    () => 'accepted',
    (error: AppError) => error.code,
  );
const verifyFor = async (purpose: TokenPurpose, claims: Readonly<Record<string, unknown>>) =>
  tokens.verifyFor(host, new Secret(await signHostToken(claims)), purpose);

describe('A host token with a purpose', () => {
  it('names the viewer, and for a connect request the hash of what it answers', async () => {
    const now = Math.floor(Date.now() / 1000);
    const claims = { sub: ' Ann ', jti: 'one', iat: now, exp: now + 60 };
    expect(await verifyFor('connect', { ...claims, purpose: 'connect', flow_hash: 'abc' })).toEqual({
      viewer: expect.objectContaining({ host: 'gocd', sub: ' Ann ' }),
      jti: 'one',
      replayableUntil: (now + 90) * 1000,
      flowHash: 'abc',
    });
    expect((await verifyFor('leave', { ...claims, purpose: 'leave' })).flowHash).toBeNull();
  });

  it('serves that purpose alone, and never launches', async () => {
    const connect = { purpose: 'connect', flow_hash: 'abc' };
    expect(await codeOf(verifyFor('leave', connect))).toBe('token_purpose');
    expect(await codeOf(verifyFor('connect', { purpose: 'leave', flow_hash: 'abc' }))).toBe('token_purpose');
    expect(await codeOf(tokens.verify(host, new Secret(await signHostToken(connect))))).toBe('token_purpose');
  });

  it.each<TokenPurpose>(['connect', 'leave'])(
    'for %s cannot be replaced by a launch’s token',
    async (purpose) => {
      expect(await codeOf(verifyFor(purpose, { flow_hash: 'abc' }))).toBe('token_purpose');
      expect(await codeOf(verifyFor(purpose, { flow_hash: 'abc', purpose: null }))).toBe('token_purpose');
      expect(await codeOf(verifyFor(purpose, { flow_hash: 'abc', purpose: [purpose] }))).toBe(
        'token_purpose',
      );
    },
  );

  const now = Math.floor(Date.now() / 1000);
  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['61 seconds of life', { iat: now, exp: now + 61 }, 'token_invalid'],
    ['an exp that has passed', { iat: now - 91, exp: now - 31 }, 'token_expired'],
    ['another issuer', { iss: 'wiki' }, 'token_invalid'],
    ['another audience', { aud: 'http://localhost:3000' }, 'token_invalid'],
    ['no sub', { sub: undefined }, 'token_invalid'],
    ['no jti', { jti: undefined }, 'token_invalid'],
    ['no flow hash', { flow_hash: undefined }, 'token_invalid'],
  ])('is refused with %s', async (_, claims, code) => {
    expect(await codeOf(verifyFor('connect', { purpose: 'connect', flow_hash: 'abc', ...claims }))).toBe(
      code,
    );
  });
});
