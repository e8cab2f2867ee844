import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import type { TokenOutcome } from '../../src/providers/token-outcome.js';
import { replacing } from '../support/replacing.js';
import { alice, bob, type ConnectSetup, github, HOUR, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

const MINUTE = 60_000;
const down: TokenOutcome = { kind: 'unreachable', code: 'http_503' };

describe('A refresh that fails', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
  });
  afterEach(() => setup.stores.close());

  it('leaves a token in use that has not run out yet', async () => {
    setup.clock.pass(HOUR - MINUTE);
    setup.server.answers.push(down);
    const outcome = await new AccessTokens(setup.ports).fresh(alice, github);
    expect(outcome.kind === 'access' && outcome.access.token.reveal()).toBe('access-ada-1');
  });

  it.each([
    ['a provider that is down', down, 'down'],
    ['an answer that is none', { kind: 'protocol-error', code: 'no_access_token' }, 'down'],
    ['a refusal that is about us', { kind: 'invalid-client', code: 'unauthorized_client' }, 'stopped'],
    ['a rate limit', { kind: 'rate-limited', retryAfter: 7 }, 'rate-limited'],
  ] as const)('changes nothing for good: %s', async (_, answer, kind) => {
    setup.clock.pass(HOUR);
    setup.server.answers.push(answer);
    const source = new AccessTokens(setup.ports);
    expect((await source.fresh(alice, github)).kind).toBe(kind);
    expect((await setup.stores.connections.find(alice, 'github'))?.status).toBe('active');
    setup.clock.pass(MINUTE);
    expect((await source.fresh(alice, github)).kind).toBe('access');
  });

  it('is counted as failed, and one that returns tokens as done', async () => {
    setup.clock.pass(HOUR);
    setup.server.answers.push(down);
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    setup.clock.pass(MINUTE);
    await source.fresh(alice, github);
    await source.fresh(alice, github);
    expect(setup.refreshes).toEqual(['github failed', 'github ok']);
  });

  it('waits as long as the server asks for', async () => {
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'rate-limited', retryAfter: 120 });
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    setup.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'rate-limited', retryAfter: 60 });
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('of one host’s registration does not make viewers of another host wait', async () => {
    const { directory } = setup.ports;
    const host = (id: string) => {
      const gocd = directory.host('gocd');
      return gocd && { ...gocd, id };
    };
    const clients = { wiki: { id: 'client-of-wiki', secret: new Secret('of-wiki') } };
    const both = { ...github, clients };
    setup.declared.declare(both);
    const ports = { ...setup.ports, directory: replacing(directory, { host }) };
    const ann = viewerOf('wiki', 'ann');
    await stepsOf({ ...setup, ports }).connect('ann', 'github', ann);
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'refused', code: 'invalid_scope' });
    const source = new AccessTokens(ports);
    expect((await source.fresh(alice, both)).kind).toBe('down');
    expect((await source.fresh(ann, both)).kind).toBe('access');
    expect((await source.fresh(alice, both)).kind).toBe('down');
  });

  it('says “interrupted” when an answer was lost and the old refresh token no longer works', async () => {
    setup.clock.pass(HOUR);
    setup.server.loseAnswer = true;
    const source = new AccessTokens(setup.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    setup.server.loseAnswer = false;
    setup.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'interrupted' });
  });

  it('says “interrupted” also where the server could not be reached once after that answer was lost', async () => {
    setup.clock.pass(HOUR);
    setup.server.loseAnswer = true;
    const source = new AccessTokens(setup.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    setup.server.loseAnswer = false;
    setup.clock.pass(MINUTE);
    setup.server.answers.push({ kind: 'unreachable', code: 'connection-refused' });
    expect((await source.fresh(alice, github)).kind).toBe('down');
    setup.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'interrupted' });
  });

  it('says “expired” when the server could not even be reached before the grant ran out', async () => {
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'unreachable', code: 'connection-refused' });
    const source = new AccessTokens(setup.ports);
    expect((await source.fresh(alice, github)).kind).toBe('down');
    setup.server.forgetAll();
    setup.clock.pass(MINUTE);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
  });

  it('says “expired” when the grant simply expired', async () => {
    setup.clock.pass(HOUR);
    setup.server.forgetAll();
    const source = new AccessTokens(setup.ports);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('stops every token request of a client that the server does not know, until an administrator chooses “Retry”', async () => {
    await stepsOf(setup).connect('bo', 'github', bob);
    setup.clock.pass(HOUR);
    const refused = { kind: 'invalid-client', code: 'invalid_client' } as const;
    setup.server.answers.push(refused, refused);
    const source = new AccessTokens(setup.ports);
    const stopped = { kind: 'stopped', code: 'client_stopped' };
    expect((await source.fresh(alice, github)).kind).toBe('stopped');
    expect(await source.fresh(bob, github)).toEqual(stopped);
    setup.clock.pass(HOUR);
    expect(await source.fresh(alice, github)).toEqual(stopped);
    expect(await source.fresh(bob, github)).toEqual(stopped);
    await expect(stepsOf(setup).begin('github', bob)).rejects.toMatchObject({
      code: 'client_stopped',
    });
    expect(setup.server.asked('refresh')).toBe(2);
    expect(setup.journal.map(({ event }) => event)).toContain('client-stopped');

    await setup.stores.clientStops.retry('github', setup.clock.now());
    expect((await source.fresh(alice, github)).kind).toBe('access');
  });

  it('continues at once when the client’s secret was changed', async () => {
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'invalid-client', code: 'invalid_client' });
    const source = new AccessTokens(setup.ports);
    await source.fresh(alice, github);
    const fixed = { ...github, client: { id: 'client-1', secret: new Secret('another') } };
    expect((await source.fresh(alice, fixed)).kind).toBe('access');
  });
});

describe('A Connection', () => {
  it('without a refresh token is used until its token runs out, and then ends', async () => {
    const setup = await setUpConnect();
    const tokens = {
      accessToken: new Secret('only'),
      refreshToken: null,
      issuedAt: setup.clock.now(),
      expiresAt: setup.clock.now() + HOUR,
      scopes: null,
    };
    setup.server.answers.push({ kind: 'tokens', tokens });
    setup.server.accounts.set('only', 'ada');
    await stepsOf(setup).connect('ada');
    const source = new AccessTokens(setup.ports);
    setup.clock.pass(HOUR - 1);
    expect((await source.fresh(alice, github)).kind).toBe('access');
    setup.clock.pass(1);
    expect(await source.fresh(alice, github)).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(setup.server.asked('refresh')).toBe(0);
    await setup.stores.close();
  });

  it('sealed by a key that is gone asks its viewer to connect again, and works when the key is back', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'oriel-keys-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    const before = await setUpConnect({ url });
    await stepsOf(before).connect('ada');
    await before.stores.close();

    const without = await setUpConnect({ url, key: 'q', clock: before.clock });
    expect(await new AccessTokens(without.ports).fresh(alice, github)).toEqual({
      kind: 'reconnect',
      reason: 'expired',
    });
    expect(without.journal.map(({ event }) => event)).toContain('tokens-unopenable');
    await without.stores.close();

    const back = await setUpConnect({ url, clock: before.clock });
    expect((await new AccessTokens(back.ports).fresh(alice, github)).kind).toBe('access');
    await back.stores.close();
    rmSync(folder, { recursive: true });
  });
});
