import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { accessOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let opened: ReturnType<typeof openUpstream>;

beforeAll(async () => {
  stub = await stubServer();
});
beforeEach(() => {
  opened = openUpstream();
  return () => opened.close();
});
afterAll(() => stub.close());

const call = (ttl = 0) => opened.upstream.get(alice, requestTo(providerAt(stub.origin), { ttl }));

describe('what is counted of a provider’s calls', () => {
  it.each([
    [200, {}, 'ok'],
    [401, {}, 'refused'],
    [403, {}, 'refused'],
    [404, {}, 'refused'],
    [429, {}, 'rate-limited'],
    [500, {}, 'down'],
    [302, { location: '/' }, 'unusable'],
  ])('%i is %o %s', async (status, headers, outcome) => {
    stub.answers(says(status, '{}', headers));
    await call();
    expect(opened.calls).toEqual([outcome]);
  });

  it('distinguishes an answer that was confirmed from one that was sent', async () => {
    stub.answers(says(200, '{}', { etag: '"1"' }));
    await call();
    stub.answers(says(304, '', { etag: '"1"' }));
    await call();
    expect(opened.calls).toEqual(['ok', 'not-modified']);
  });

  it('covers real requests only: one for all callers that share it, none for a cached answer', async () => {
    stub.answers(says(200, '{}'));
    await Promise.all([call(30), call(30), call(30)]);
    await call(30);
    expect(opened.calls).toEqual(['ok']);
  });

  it('includes the account request', async () => {
    stub.answers(says(200, '{}'));
    const asked = { target: '/me', format: 'json' } as const;
    await opened.upstream.ask(
      providerAt(stub.origin),
      { token: new Secret('t'), origins: [stub.origin] },
      asked,
    );
    expect(opened.calls).toEqual(['ok']);
  });
});
