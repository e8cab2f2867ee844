import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { type Called, ProviderCalls } from '../../../src/render/provider-calls.js';
import { listenOnLoopback } from '../../demo/site/loopback.js';
import { gadget, request } from '../../support/a-gadget.js';
import { rejectedAt } from '../../support/rejection.js';
import {
  alice,
  type ConnectSetup,
  github,
  HOUR,
  NOW,
  providerNamed,
  setUpConnect,
} from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const SECOND = 1000;
const mine = request('mine', {
  provider: 'github',
  path: '/mine',
  accept: 'application/json',
  format: 'json',
});
const reviews = gadget({ id: 'reviews', requests: [mine] });

/** An API that takes the newest token alone, or none, asked by two servers that share a database. */
describe('A token that another server replaces before it is used', () => {
  let folder: string;
  let here: ConnectSetup;
  let there: ConnectSetup;
  let elsewhere: AccessTokens;
  let api: Awaited<ReturnType<typeof listenOnLoopback>>;
  /** The tokens that the API was asked with, and what happens elsewhere before it answers. */
  let asked: string[];
  let beforeUse: () => Promise<void>;
  let takes: (token: string) => boolean;

  beforeEach(async () => {
    asked = [];
    beforeUse = async () => {};
    api = await listenOnLoopback(async (request, response) => {
      const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
      asked.push(token);
      await beforeUse();
      response
        .writeHead(takes(token) ? 200 : 401, { 'content-type': 'application/json' })
        .end('{"seen":true}');
    }, 0);
    const allow = ['127.0.0.0/8'];
    const provider = providerNamed('github', {
      api: `http://127.0.0.1:${api.port}`,
      allowAddresses: allow,
    });
    folder = mkdtempSync(join(tmpdir(), 'oriel-replaced-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    here = await setUpConnect({ url, allow, providers: [provider] });
    there = await setUpConnect({ url, allow, clock: here.clock, server: here.server, providers: [provider] });
    takes = (token) => token === [...here.server.accounts.keys()].at(-1);
    elsewhere = new AccessTokens(there.ports);
    await stepsOf(here).connect('ada');
  });
  afterEach(async () => {
    await here.stores.close();
    await there.stores.close();
    await api.close();
    rmSync(folder, { recursive: true });
  });

  const provider = () => {
    const found = here.ports.directory.provider('github');
    if (found === undefined) throw new Error('There is no provider.');
    return found;
  };
  const access = () => new AccessTokens(here.ports);
  /** One rendering's call. */
  const call = (tokens = access()): Promise<Called> => {
    const { directory, stores, upstream } = here.ports;
    const deps = { access: tokens, connections: stores.connections, directory, upstream };
    const moment = { now: NOW, timeZone: 'UTC', locale: 'en-GB' };
    return new ProviderCalls(deps as never, reviews, alice, moment as never).call(mine, { values: {} }, 1);
  };
  const refreshes = () => here.server.asked('refresh');

  it('is not what the resource refused: the newest is tried, and refreshed by no one else', async () => {
    beforeUse = async () => {
      if (asked.length > 2) return;
      here.clock.pass(HOUR);
      await elsewhere.fresh(alice, there.ports.directory.provider('github') ?? github);
    };
    expect(await call()).toMatchObject({ answer: { kind: 'data' } });
    expect(asked).toEqual(['access-ada-1', 'access-ada-2', 'access-ada-3']);
    expect(refreshes()).toBe(2);
  });

  it('is waited for where the provider has replaced it and the other server does not know yet', async () => {
    // It was refreshed just now, so that this server would not do so again.
    here.clock.pass(HOUR);
    const tokens = access();
    await tokens.fresh(alice, provider());
    let answer: (outcome: TokenOutcome) => void = () => {};
    here.server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const old = await there.stores.connections.find(alice, 'github');
    const kept = old && (await there.stores.connections.tokens(old));
    if (!old || !kept?.refreshToken) throw new Error('There are no tokens.');
    const { refreshToken } = kept;
    await there.stores.connections.claim(
      old,
      'there-1-test lease',
      here.clock.now(),
      here.clock.now() + HOUR,
    );
    takes = (token) => token === 'access-ada-3';
    const called = call(tokens);
    await expect.poll(() => asked).toHaveLength(1);
    here.server.answers.length = 0;
    answer({ kind: 'unreachable', code: 'timeout' });
    const renewed = await here.server.renew('client-1', refreshToken.reveal());
    if (renewed.kind !== 'tokens') throw new Error(renewed.kind);
    await there.stores.connections.replace(old, renewed.tokens, here.clock.now());
    expect(await called).toMatchObject({ answer: { kind: 'data' } });
    expect(asked).toEqual(['access-ada-2', 'access-ada-3']);
    expect(refreshes()).toBe(2);
  });

  it('is refreshed though it is younger than a minute where it has run out on its way', async () => {
    here.clock.pass(HOUR);
    const { clock } = here;
    const first = await here.stores.connections.find(alice, 'github');
    const kept = first && (await here.stores.connections.tokens(first));
    if (!first || !kept) throw new Error('There are no tokens.');
    const issuedAt = clock.now();
    const short = { ...kept, issuedAt, expiresAt: issuedAt + 3 * SECOND };
    await here.stores.connections.replace(first, short, issuedAt);
    takes = () => clock.now() < issuedAt + 3 * SECOND || asked.length > 1;
    beforeUse = async () => {
      if (asked.length === 1) clock.pass(4 * SECOND);
    };
    expect(await call()).toMatchObject({ answer: { kind: 'data' } });
    expect(asked).toHaveLength(2);
    expect(refreshes()).toBe(1);
  });

  it('ends as no access, after one refresh a minute, where the resource rejects every token', async () => {
    takes = () => false;
    here.clock.pass(HOUR / 2);
    const tokens = access();
    for (let turn = 0; turn < 5; turn += 1)
      expect(await call(tokens)).toMatchObject({ obstacle: { state: 'no-access' } });
    expect(refreshes()).toBe(1);
    expect(asked.length).toBeLessThanOrEqual(6);
    const last = await tokens.fresh(alice, provider());
    if (last.kind !== 'access') throw new Error(last.kind);
    expect(await tokens.renewed(last.access, provider(), rejectedAt())).toMatchObject({
      kind: 'resource-refused',
    });
  });
});
