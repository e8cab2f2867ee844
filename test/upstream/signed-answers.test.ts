import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { Metrics } from '../../src/server/metrics.js';
import { systemClock } from '../../src/server/node-system.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { providerAt } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');
const jwt = `${encoded({ alg: 'RS256' })}.${encoded({ sub: 'ädä', name: 'Ada' })}.c2lnbmF0dXJl`;

let stub: StubServer;
const upstream = new Upstream({
  clock: systemClock,
  journal: { warn: () => undefined },
  misplaced: () => undefined,
  meter: new Metrics(systemClock.now),
  maxStaleMs: () => 0,
  userAgent: 'Oriel',
});
beforeAll(async () => {
  stub = await stubServer();
});
afterAll(async () => {
  await upstream.close();
  await stub.close();
});

const asked = (body: string, type: string) => {
  stub.answers(says(200, body, { 'content-type': type }));
  const { origin } = stub;
  const provider = providerAt(origin, { api: origin, allowAddresses: ['127.0.0.0/8'] });
  return upstream.ask(
    provider,
    { token: new Secret('t'), origins: [origin] },
    { target: '/userinfo', format: 'json' },
  );
};

describe('A signed answer (OpenID Connect Core 1.0 §5.3.2)', () => {
  it.each(['application/jwt', 'application/jwt; charset=utf-8', 'application/userinfo+jwt'])(
    'of type %s is read for its claims',
    async (type) => {
      expect(await asked(jwt, type)).toMatchObject({ kind: 'data', data: { sub: 'ädä', name: 'Ada' } });
    },
  );

  it.each(['a.b.c.d.e', 'nothing', ''])('that is encrypted, or none, says so: %j', async (body) => {
    expect(await asked(body, 'application/jwt')).toMatchObject({ kind: 'unusable', code: 'jwt-unreadable' });
  });
});
