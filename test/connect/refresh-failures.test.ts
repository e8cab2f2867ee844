import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import type { TokenOutcome } from '../../src/providers/token-outcome.js';
import { stepsOf } from './steps.js';
import { alice, bob, github, HOUR, makeWorld, type World } from './world.js';

const MINUTE = 60_000;
const down: TokenOutcome = { kind: 'unreachable', code: 'http_503' };

describe('A refresh that fails', () => {
  let world: World;

  beforeEach(async () => {
    world = await makeWorld();
    await stepsOf(world).connect('ada');
  });
  afterEach(() => world.stores.close());

  it('leaves a token in use that has not run out yet', async () => {
    world.clock.pass(HOUR - MINUTE);
    world.server.answers.push(down);
    const outcome = await new AccessTokens(world.ports).fresh(alice, github);
    expect(outcome.kind === 'access' && outcome.access.token.reveal()).toBe('access-ada-1');
  });

  it.each([
    ['a provider that is down', down, 'down'],
    ['an answer that is none', { kind: 'protocol-error', code: 'no_access_token' }, 'down'],
    ['a refusal that is about us', { kind: 'invalid-client', code: 'unauthorized_client' }, 'stopped'],
    ['a rate limit', { kind: 'rate-limited', retryAfter: 7 }, 'rate-limited'],
  ] as const)('changes nothing for good: %s', async (_, answer, kind) => {
    world.clock.pass(HOUR);
    world.server.answers.push(answer);
    const source = new AccessTokens(world.ports);
    expect((await source.fresh(alice, github)).kind).toBe(kind);
    expect((await world.stores.connections.find(alice, 'github'))?.status).toBe('active');
    world.clock.pass(MINUTE);
    expect((await source.fresh(alice, github)).kind).toBe('access');
  });

  it('is counted as failed, and one that gives tokens as well done', async () => {
    world.clock.pass(HOUR);
    world.server.answers.push(down);
    const source = new AccessTokens(world.ports);
    await source.fresh(alice, github);
    world.clock.pass(MINUTE);
    await source.fresh(alice, github);
    await source.fresh(alice, github);
    expect(world.refreshes).toEqual(['github failed', 'github ok']);
  });

  it('keeps the server in peace for a while, as long as it asks for', async () => {
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'rate-limited', retryAfter: 120 });
    const source = new AccessTokens(world.ports);
    await source.fresh(alice, github);
    world.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'rate-limited', retryAfter: 60 });
    expect(world.server.asked('refresh')).toBe(1);
  });

  it('of one host’s registration keeps nobody of another host’s waiting', async () => {
    const { directory } = world.ports;
    const host = (id: string) => {
      const gocd = directory.host('gocd');
      return gocd && { ...gocd, id };
    };
    const clients = { wiki: { id: 'client-of-wiki', secret: new Secret('of-wiki') } };
    const both = { ...github, clients };
    world.providers.set('github', both);
    const ports = { ...world.ports, directory: { ...directory, host } };
    const ann = viewerOf('wiki', 'ann');
    await stepsOf({ ...world, ports }).connect('ann', 'github', ann);
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'refused', code: 'invalid_scope' });
    const source = new AccessTokens(ports);
    expect((await source.fresh(alice, both)).kind).toBe('down');
    expect((await source.fresh(ann, both)).kind).toBe('access');
    expect((await source.fresh(alice, both)).kind).toBe('down');
  });

  it('says “interrupted” when an answer was lost and the old refresh token is worth nothing any more', async () => {
    world.clock.pass(HOUR);
    world.server.loseAnswer = true;
    const source = new AccessTokens(world.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    world.server.loseAnswer = false;
    world.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'interrupted' });
  });

  it('says “interrupted” also where the server could not be reached once after that answer was lost', async () => {
    world.clock.pass(HOUR);
    world.server.loseAnswer = true;
    const source = new AccessTokens(world.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    world.server.loseAnswer = false;
    world.clock.pass(MINUTE);
    world.server.answers.push({ kind: 'unreachable', code: 'connection-refused' });
    expect((await source.fresh(alice, github)).kind).toBe('down');
    world.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'interrupted' });
  });

  it('says “expired” when the server could not even be reached before the grant ran out', async () => {
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'unreachable', code: 'connection-refused' });
    const source = new AccessTokens(world.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    world.server.forgetAll();
    world.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
  });

  it('says “expired” when the grant ran out in peace', async () => {
    world.clock.pass(HOUR);
    world.server.forgetAll();
    const source = new AccessTokens(world.ports);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(world.server.asked('refresh')).toBe(1);
  });

  it('stops every token request of a client that the server does not know, until somebody says “retry”', async () => {
    await stepsOf(world).connect('bo', 'github', bob);
    world.clock.pass(HOUR);
    const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;
    world.server.answers.push(refused, refused);
    const source = new AccessTokens(world.ports);
    const stopped = { kind: 'stopped', code: 'client_stopped' };
    expect((await source.fresh(alice, github)).kind).toBe('stopped');
    expect(await source.fresh(bob, github)).toEqual(stopped);
    world.clock.pass(HOUR);
    expect(await source.fresh(alice, github)).toEqual(stopped);
    expect(await source.fresh(bob, github)).toEqual(stopped);
    await expect(stepsOf(world).begin('github', bob)).rejects.toMatchObject({ code: 'client_stopped' });
    expect(world.server.asked('refresh')).toBe(2);
    expect(world.journal.map(({ event }) => event)).toContain('client-stopped');

    await world.stores.clientStops.retry('github', world.clock.now());
    expect((await source.fresh(alice, github)).kind).toBe('access');
  });

  it('goes on at once when the client’s secret was changed', async () => {
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'invalid-client', code: 'invalid_client' });
    const source = new AccessTokens(world.ports);
    await source.fresh(alice, github);
    const mended = { ...github, client: { id: 'client-1', secret: new Secret('another') } };
    expect((await source.fresh(alice, mended)).kind).toBe('access');
  });
});

describe('A Connection', () => {
  it('without a refresh token is used until its token runs out, and then ends', async () => {
    const world = await makeWorld();
    const tokens = {
      accessToken: new Secret('only'),
      refreshToken: null,
      issuedAt: world.clock.now(),
      expiresAt: world.clock.now() + HOUR,
      scopes: null,
    };
    world.server.answers.push({ kind: 'tokens', tokens });
    world.server.accounts.set('only', 'ada');
    await stepsOf(world).connect('ada');
    const source = new AccessTokens(world.ports);
    world.clock.pass(HOUR - 1);
    expect((await source.fresh(alice, github)).kind).toBe('access');
    world.clock.pass(1);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(world.server.asked('refresh')).toBe(0);
    await world.stores.close();
  });

  it('sealed by a key that is gone asks its viewer to connect anew, and works when the key is back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-keys-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    const before = await makeWorld({ url });
    await stepsOf(before).connect('ada');
    await before.stores.close();

    const without = await makeWorld({ url, key: 'q', clock: before.clock });
    expect(await new AccessTokens(without.ports).fresh(alice, github)).toEqual({
      kind: 'reconnect',
      reason: 'expired',
    });
    expect(without.journal.map(({ event }) => event)).toContain('tokens-unopenable');
    await without.stores.close();

    const back = await makeWorld({ url, clock: before.clock });
    expect((await new AccessTokens(back.ports).fresh(alice, github)).kind).toBe('access');
    await back.stores.close();
    rmSync(folder, { recursive: true });
  });
});
