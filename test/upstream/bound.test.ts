import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Misplaced } from '../../src/domain/misplaced.js';
import { accessOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

let agreed: StubServer;
let moved: StubServer;
let opened: ReturnType<typeof openUpstream>;
let found: Misplaced[];

beforeAll(async () => {
  agreed = await stubServer(says(200, '{}'));
  moved = await stubServer(says(200, '{}'));
});
beforeEach(() => {
  found = [];
  opened = openUpstream({ misplaced: (what) => void found.push(what) });
  agreed.requests.length = 0;
  moved.requests.length = 0;
  return () => opened.close();
});
afterAll(() => Promise.all([agreed.close(), moved.close()]));

const REFUSED = { kind: 'unusable', code: 'origin-refused', detail: null };

describe('a token that is bound to an origin', () => {
  it('is sent there', async () => {
    const access = accessOf('alice', {}, [agreed.origin]);
    const outcome = await opened.upstream.get(access, requestTo(providerAt(agreed.origin)));
    expect([outcome.kind, agreed.requests.length, found]).toEqual(['data', 1, []]);
  });

  it.each([
    [
      'a gadget’s request',
      () => opened.upstream.get(accessOf('alice', {}, [agreed.origin]), requestTo(providerAt(moved.origin))),
    ],
    [
      'the question whose account it is',
      () => {
        const access = accessOf('alice', {}, [agreed.origin]);
        return opened.upstream.ask(providerAt(moved.origin), access, { target: '/me', format: 'json' });
      },
    ],
    [
      'an account request by a whole URL',
      () => {
        const target = `${moved.origin}/userinfo`;
        const account = { target, format: 'json', id: 'sub', label: 'name' } as const;
        const access = accessOf('alice', {}, [agreed.origin]);
        return opened.upstream.ask(providerAt(agreed.origin, { account }), access, {
          target,
          format: 'json',
        });
      },
    ],
  ])('never leaves for another one with %s', async (_, call) => {
    expect(await call()).toEqual(REFUSED);
    expect(moved.requests).toHaveLength(0);
    expect(found).toEqual(['origin']);
  });
});
