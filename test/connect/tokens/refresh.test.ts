import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { AccessOutcome } from '../../../src/connect/tokens/open-connection.js';
import { Secret } from '../../../src/domain/secret.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import { replacing } from '../../support/replacing.js';
import { alice, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const tokenOf = (outcome: AccessOutcome): string =>
  outcome.kind === 'access' ? outcome.access.token.reveal() : JSON.stringify(outcome);

describe('Fresh access', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
  });
  afterEach(() => setup.stores.close());

  it('uses a token that is fresh without asking the provider', async () => {
    const source = new AccessTokens(setup.ports);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-1');
    expect(setup.server.asked('refresh')).toBe(0);
  });

  it('returns the same access again for the Connection in memory, without opening its tokens', async () => {
    const source = new AccessTokens(setup.ports);
    const first = await source.fresh(alice, github);
    expect(await source.fresh(alice, github)).toBe(first);
  });

  it('is never given to another viewer', async () => {
    expect(await new AccessTokens(setup.ports).fresh(bob, github)).toEqual({ kind: 'none' });
  });

  it('uses a token that lives for less than the usual margin, but for no longer than half its life', async () => {
    const life = 40_000;
    setup.clock.pass(HOUR);
    const issuedAt = setup.clock.now();
    const short = { accessToken: new Secret('access-short'), refreshToken: new Secret('refresh-short') };
    const tokens = { ...short, issuedAt, expiresAt: issuedAt + life, scopes: null };
    setup.server.answers.push({ kind: 'tokens', tokens });
    const source = new AccessTokens(setup.ports);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-short');
    setup.clock.pass(life / 2 - 1);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-short');
    expect(setup.server.asked('refresh')).toBe(1);
    setup.clock.pass(1);
    await source.fresh(alice, github);
    expect(setup.server.requests.at(-1)).toMatchObject({ kind: 'refresh', detail: 'refresh-short' });
  });

  it('refreshes a token when a tenth of its life is left', async () => {
    setup.clock.pass(HOUR - 6 * 60_000 - 1);
    const source = new AccessTokens(setup.ports);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-1');
    setup.clock.pass(1);
    expect(tokenOf(await source.fresh(alice, github))).toBe('access-ada-2');
  });

  it('refreshes once however many ask at the same time', async () => {
    setup.clock.pass(HOUR);
    const source = new AccessTokens(setup.ports);
    const all = await Promise.all(Array.from({ length: 200 }, () => source.fresh(alice, github)));
    expect(new Set(all.map(tokenOf))).toEqual(new Set(['access-ada-2']));
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('stops when the host may no longer use the provider', async () => {
    const { directory } = setup.ports;
    const host = directory.host('gocd');
    const ports = {
      ...setup.ports,
      directory: replacing(directory, { host: () => host && { ...host, providers: [] } }),
    };
    expect(await new AccessTokens(ports).fresh(alice, github)).toEqual({
      kind: 'stopped',
      code: 'provider_not_allowed',
    });
  });

  it('stops when the host loses the provider, though a token was given a moment ago', async () => {
    const { directory } = setup.ports;
    const lost = { value: false };
    const host = (id: string) => {
      const found = directory.host(id);
      return found && lost.value ? { ...found, providers: [] } : found;
    };
    const source = new AccessTokens({ ...setup.ports, directory: replacing(directory, { host }) });
    expect(await source.fresh(alice, github)).toMatchObject({ kind: 'access' });
    lost.value = true;
    expect(await source.fresh(alice, github)).toMatchObject({ code: 'provider_not_allowed' });
  });

  it('asks the viewer to connect again under another client id, and sends that client nothing', async () => {
    const client = github.client && { ...github.client, id: 'client-2' };
    const outcome = await new AccessTokens(setup.ports).fresh(alice, { ...github, client });
    expect(outcome).toEqual({ kind: 'reconnect', reason: 'expired' });
    expect(setup.server.asked('refresh')).toBe(0);
  });

  it('records a use in the store at most once an hour', async () => {
    const source = new AccessTokens(setup.ports);
    const before = (await setup.stores.connections.find(alice, 'github'))?.lastUsedAt ?? 0;
    setup.clock.pass(HOUR / 2);
    await source.fresh(alice, github);
    expect((await setup.stores.connections.ofViewer(alice))[0]?.lastUsedAt).toBe(before);
    setup.clock.pass(HOUR / 2 + 1);
    await source.fresh(alice, github);
    await expect
      .poll(async () => (await setup.stores.connections.ofViewer(alice))[0]?.lastUsedAt)
      .toBeGreaterThan(before);
  });
});

describe('A refresh among several processes', () => {
  let folder: string;
  let here: ConnectSetup;
  let there: ConnectSetup;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'oriel-refresh-'));
    const url = `sqlite:${join(folder, 'oriel.db')}`;
    here = await setUpConnect({ url });
    there = await setUpConnect({ url, clock: here.clock, server: here.server });
    await stepsOf(here).connect('ada');
  });
  afterEach(async () => {
    await here.stores.close();
    await there.stores.close();
    rmSync(folder, { recursive: true });
  });

  it('happens once, and all of them use what it brought', async () => {
    here.clock.pass(HOUR);
    const sources = [new AccessTokens(here.ports), new AccessTokens(there.ports)];
    const all = await Promise.all(
      Array.from({ length: 200 }, (_, at) => sources[at % 2]?.fresh(alice, github)),
    );
    expect(new Set(all.map((each) => each && tokenOf(each)))).toEqual(new Set(['access-ada-2']));
    expect(here.server.asked('refresh')).toBe(1);
  });

  it('is waited for no longer than fifteen seconds, and never done twice', async () => {
    here.clock.pass(HOUR);
    const started = here.clock.now();
    let answer: (outcome: { kind: 'unreachable'; code: string }) => void = () => {};
    here.server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const slow = new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => here.server.asked('refresh')).toBe(1);
    const impatient = await new AccessTokens(there.ports).fresh(alice, github);
    expect(impatient).toEqual({ kind: 'down', reason: 'refresh-busy' });
    expect(here.clock.now() - started).toBeLessThan(16_000);
    expect(here.server.asked('refresh')).toBe(1);
    answer({ kind: 'unreachable', code: 'timeout' });
    expect((await slow).kind).toBe('down');
  });

  it('is waited for no longer when the machine’s clock is set back', async () => {
    here.clock.pass(HOUR);
    let answer: (outcome: { kind: 'unreachable'; code: string }) => void = () => {};
    here.server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const slow = new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => here.server.asked('refresh')).toBe(1);
    const started = here.clock.monotonic();
    const impatient = new AccessTokens(there.ports).fresh(alice, github);
    // It waits, by sleeping.
    await expect.poll(() => here.clock.monotonic(), { interval: 1 }).toBeGreaterThan(started);
    here.clock.set(-20_000);
    expect(await impatient).toEqual({ kind: 'down', reason: 'refresh-busy' });
    expect(here.clock.monotonic() - started).toBeLessThan(16_000);
    answer({ kind: 'unreachable', code: 'timeout' });
    await slow;
  });

  /** Another process sees the lease, and so much later that it is held by no one who is still at work. */
  const heldTooLong = async (other: AccessTokens, provider = github): Promise<void> => {
    expect(await other.fresh(alice, provider)).toEqual({ kind: 'down', reason: 'refresh-busy' });
    here.clock.pass(31_000);
  };

  it.each([
    ['forward', HOUR],
    ['back', -20_000],
  ])('is left to its process when a wall clock jumps %s', async (_, ms) => {
    here.clock.pass(HOUR);
    await neverAnswered();
    const other = new AccessTokens(there.ports);
    here.clock.set(ms);
    expect(await other.fresh(alice, github)).toEqual({ kind: 'down', reason: 'refresh-busy' });
    expect(here.server.asked('refresh')).toBe(1);
    // That of a process which is gone is not kept by a clock either.
    here.clock.pass(31_000);
    expect(tokenOf(await other.fresh(alice, github))).toMatch(/^access-ada/);
  });

  it('during which a process dies is tried once more, and then reported as interrupted', async () => {
    here.clock.pass(HOUR);
    // The server has already answered when the process is gone: nothing of the answer is written down.
    here.server.answers.push(async () => {
      const connection = await here.stores.connections.find(alice, 'github');
      const tokens = connection && (await here.stores.connections.tokens(connection));
      if (tokens)
        await here.server.refresh(github, { id: 'client-1', secret: tokens.accessToken }, tokens, '');
      return new Promise(() => {});
    });
    void new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => here.server.asked('refresh')).toBe(2);
    const other = new AccessTokens(there.ports);
    await heldTooLong(other);

    const outcome = await other.fresh(alice, github);
    expect(outcome).toEqual({ kind: 'reconnect', reason: 'interrupted' });
    expect(await other.fresh(alice, github)).toEqual(outcome);
    expect(here.server.asked('refresh')).toBe(3);
  });

  /** The holder of the lease asks, and is never answered. */
  const neverAnswered = async (): Promise<void> => {
    here.server.answers.push(() => new Promise(() => {}));
    void new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => here.server.asked('refresh')).toBe(1);
  };

  it('is taken over at once from a process that is known to be dead, and its viewer notices nothing else', async () => {
    here.clock.pass(HOUR);
    await neverAnswered();
    const dead = new Set([here.ports.peers.own]);
    const peers = { own: 'there-1-test', isDead: (name: string) => dead.has(name) };
    const before = here.clock.now();
    expect(tokenOf(await new AccessTokens({ ...there.ports, peers }).fresh(alice, github))).toBe(
      'access-ada-2',
    );
    expect(here.clock.now() - before).toBeLessThan(1000);
    expect(there.journal).toContainEqual(
      expect.objectContaining({
        event: 'lease-taken-over',
        from: expect.stringContaining(here.ports.peers.own),
      }),
    );
  });

  it('is taken over while others wait, as soon as its process is known to be dead', async () => {
    here.clock.pass(HOUR);
    await neverAnswered();
    const before = here.clock.now();
    const peers = { own: 'there-1-test', isDead: () => here.clock.now() - before > 9000 };
    expect(tokenOf(await new AccessTokens({ ...there.ports, peers }).fresh(alice, github))).toBe(
      'access-ada-2',
    );
    expect(here.clock.now() - before).toBeLessThan(10_000);
  });

  /** Both ask with the same refresh token: the lease of the first had expired, or it was taken for dead. The second asks `then`. */
  const bothAsk = async (
    then: () => Promise<TokenOutcome>,
    provider = github,
  ): Promise<[AccessOutcome, AccessOutcome]> => {
    here.clock.pass(HOUR);
    let answer: (outcome: TokenOutcome) => void = () => {};
    here.server.answers.push(() => new Promise((resolve) => (answer = resolve)));
    const first = new AccessTokens(here.ports).fresh(alice, provider);
    await expect.poll(() => here.server.asked('refresh')).toBe(1);
    const other = new AccessTokens(there.ports);
    await heldTooLong(other, provider);
    let late: Promise<AccessOutcome> | undefined;
    here.server.answers.push(async () => {
      const outcome = await then();
      if (outcome.kind !== 'tokens') return outcome;
      // The answer of the first comes while the second waits for its own.
      answer(granted('access-first'));
      late = first;
      await first;
      return outcome;
    });
    const second = await other.fresh(alice, provider);
    answer(granted('access-first'));
    return [await (late ?? first), second];
  };
  const granted = (name: string): TokenOutcome => ({
    kind: 'tokens',
    tokens: {
      accessToken: new Secret(name),
      refreshToken: new Secret(`${name}-refresh`),
      scopes: null,
      issuedAt: here.clock.now(),
      expiresAt: here.clock.now() + HOUR,
    },
  });

  it.each([
    ['is known', github],
    ['is not known', { ...github, account: 'none' } as const],
  ])(
    'whose answer comes after its lease is saved although another asks already, and nothing is revoked, where the account %s',
    async (_, provider) => {
      for (const { declared } of [here, there]) declared.declare(provider);
      here.clock.pass(1);
      await stepsOf(here).connect('ada');
      const outcomes = await bothAsk(async () => granted('access-second'), provider);
      expect(outcomes.map(tokenOf)).toEqual(['access-first', 'access-first']);
      expect(here.server.revoked).toEqual([]);
      expect(tokenOf(await new AccessTokens(there.ports).fresh(alice, provider))).toBe('access-first');
      const events = [...here.journal, ...there.journal].map(({ event }) => event);
      expect(events).toContain('refresh-doubled');
      expect(events).not.toContain('refresh-outrun');
    },
  );

  it('whose answer comes after another was refused brings the Connection back', async () => {
    const [first, second] = await bothAsk(async () => ({ kind: 'invalid-grant', code: 'invalid_grant' }));
    expect(second).toEqual({ kind: 'reconnect', reason: 'interrupted' });
    expect(tokenOf(first)).toBe('access-first');
    expect(here.server.revoked).toEqual([]);
    there.clock.pass(2001);
    expect(tokenOf(await new AccessTokens(there.ports).fresh(alice, github))).toBe('access-first');
  });

  it('does not bring a Connection back that was disconnected in the meantime, and revokes what it got', async () => {
    here.clock.pass(HOUR);
    const connection = await here.stores.connections.find(alice, 'github');
    if (connection === null) throw new Error('no connection');
    here.server.answers.push(async () => {
      const tokens = await there.stores.connections.tokens(connection);
      if (tokens === null) throw new Error('no tokens');
      await there.stores.connections.retire(connection, here.clock.now());
      return here.server.refresh(github, { id: 'client-1', secret: tokens.accessToken }, tokens, '');
    });
    expect(await new AccessTokens(here.ports).fresh(alice, github)).toEqual({ kind: 'none' });
    expect(here.server.revoked).toEqual(['access-ada-2']);
  });

  it.each([
    ['the same account leaves the one grant alone that both may share', 'ada', []],
    ['another account revokes what it got', 'eve', ['access-ada-3', 'access-late']],
  ])('that comes back when its viewer has connected %s', async (_, account, revoked) => {
    here.clock.pass(HOUR);
    here.server.answers.push(async () => {
      await stepsOf(there).connect(account);
      const late = { accessToken: new Secret('access-late'), refreshToken: null, scopes: null };
      return { kind: 'tokens', tokens: { ...late, issuedAt: here.clock.now(), expiresAt: null } };
    });
    await new AccessTokens(here.ports).fresh(alice, github);
    await expect.poll(() => [...here.server.revoked].sort()).toEqual(revoked);
    expect(await there.stores.connections.find(alice, 'github')).toMatchObject({
      account: { label: account },
    });
  });
});
