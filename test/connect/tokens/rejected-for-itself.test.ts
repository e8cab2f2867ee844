import { afterEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import type { TokenSet } from '../../../src/domain/connection.js';
import { Secret } from '../../../src/domain/secret.js';
import type { Provider } from '../../../src/providers/provider.js';
import type { TokenOutcome } from '../../../src/providers/token-outcome.js';
import type { Access, UpstreamOutcome } from '../../../src/upstream/upstream-call.js';
import { rejectedAt, rejection } from '../../support/rejection.js';
import { TestClock } from '../../support/test-clock.js';
import { alice, type ConnectSetup, github, HOUR, providerNamed, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const MINUTE = 60_000;
/** Answers without saying whose account it is. */
const tracker = providerNamed('mingle', { account: 'none' });

const DATA: UpstreamOutcome = {
  kind: 'data',
  data: {},
  ...{ fetchedAt: 0, sentAt: 0, freshUntil: 0, stale: false, bytes: 2, pages: 1, more: false },
};

describe('a token without a refresh token that a resource rejects', () => {
  let setup: ConnectSetup;
  const asked: string[] = [];

  /** Connects, with tokens that cannot be refreshed; `answers` are those of the API to what it is asked then. */
  const started = async (
    provider: Provider,
    answers: (target: string) => UpstreamOutcome,
    given: { readonly expiresIn?: number } = {},
  ) => {
    const clock = new TestClock();
    setup = await setUpConnect({ clock, providers: [github, tracker] });
    const { stores } = setup;
    const connection = await stepsOf(setup).connect('ada', provider.id);
    const tokens: TokenSet = {
      accessToken: new Secret('lone'),
      refreshToken: null,
      issuedAt: clock.now(),
      expiresAt: given.expiresIn === undefined ? null : clock.now() + given.expiresIn,
      scopes: null,
    };
    await stores.connections.replace(connection, tokens, clock.now());
    clock.pass(2 * MINUTE);
    asked.length = 0;
    setup.purged.length = 0;
    const ask = async (_: Provider, __: object, { target }: { readonly target: string }) => {
      asked.push(target);
      return answers(target);
    };
    const source = new AccessTokens({ ...setup.ports, upstream: { ask } });
    const access = async (): Promise<Access> => {
      const outcome = await source.fresh(alice, provider);
      if (outcome.kind !== 'access') throw new Error(JSON.stringify(outcome));
      return outcome.access;
    };
    return { source, access, clock };
  };

  afterEach(() => setup.stores.close());

  const GOOD = { kind: 'resource-refused', proven: true };
  const UNPROVEN = { kind: 'resource-refused', proven: false };

  it.each(['certain', 'possible'] as const)(
    'stays in use where the account request takes it (a %s sign), which is asked once a minute',
    async (sign) => {
      const { source, access, clock } = await started(github, () => DATA);
      const at = rejectedAt('/cards', sign);
      const old = await access();
      expect(await Promise.all([1, 2, 3].map(() => source.renewed(old, github, at)))).toEqual([
        GOOD,
        GOOD,
        GOOD,
      ]);
      expect(await source.renewed(old, github, at)).toEqual(GOOD);
      expect(asked).toEqual(['/me']);
      clock.pass(MINUTE);
      expect(await source.renewed(old, github, at)).toEqual(GOOD);
      expect(asked).toEqual(['/me', '/me']);
      expect((await source.fresh(alice, github)).kind).toBe('access');
      expect(setup.purged).not.toContain(old.connection.id);
    },
  );

  it.each([
    ['possible', undefined, 'expired'],
    ['certain', undefined, 'expired'],
    ['possible', HOUR, 'revoked'],
    ['certain', HOUR, 'revoked'],
  ] as const)('ends where the account request rejects it too (%s, %s)', async (sign, expiresIn, reason) => {
    const { source, access } = await started(
      github,
      () => rejection(),
      expiresIn === undefined ? {} : { expiresIn },
    );
    const outcome = { kind: 'reconnect', reason };
    expect(await source.renewed(await access(), github, rejectedAt('/cards', sign))).toEqual(outcome);
    expect(await source.fresh(alice, github)).toEqual(outcome);
  });

  it.each<[string, UpstreamOutcome, object]>([
    ['cannot be asked', { kind: 'down', reason: 'status-503' }, UNPROVEN],
    ['asks to wait', { kind: 'rate-limited', retryAfter: 9 }, UNPROVEN],
    ['takes it for less', { kind: 'insufficient-scope' }, GOOD],
  ])('stays in use where the account request %s', async (_, answer, outcome) => {
    const { source, access } = await started(github, () => answer);
    expect(await source.renewed(await access(), github, rejectedAt('/cards', 'certain'))).toEqual(outcome);
    expect((await source.fresh(alice, github)).kind).toBe('access');
    expect(setup.purged).toHaveLength(outcome === UNPROVEN ? 1 : 0);
  });

  it('stays in use if another address that accepted it before still does', async () => {
    const { source, access } = await started(tracker, () => DATA);
    const old = await access();
    source.accepted(old, { target: '/mine', format: 'json' });
    source.accepted(old, { target: '/cards', format: 'json' });
    for (const sign of ['certain', 'possible'] as const)
      expect(await source.renewed(old, tracker, rejectedAt('/cards', sign))).toEqual(GOOD);
    expect(asked).toEqual(['/mine']);
  });

  it('ends where another address that took it before rejects it now', async () => {
    const { source, access } = await started(tracker, () => rejection());
    const old = await access();
    source.accepted(old, { target: '/mine', format: 'json' });
    const outcome = { kind: 'reconnect', reason: 'expired' };
    expect(await source.renewed(old, tracker, rejectedAt('/cards'))).toEqual(outcome);
  });

  it('ends if nothing else can be asked and this address accepted it before', async () => {
    const { source, access } = await started(tracker, () => DATA);
    const old = await access();
    source.accepted(old, { target: '/cards', format: 'json' });
    const outcome = { kind: 'reconnect', reason: 'expired' };
    expect(await source.renewed(old, tracker, rejectedAt('/cards'))).toEqual(outcome);
    expect(asked).toEqual([]);
  });

  it('ends by a certain sign where nothing else can be asked, and stays in use after a possible one', async () => {
    const { source, access } = await started(tracker, () => DATA);
    const old = await access();
    expect(await source.renewed(old, tracker, rejectedAt('/cards', 'possible'))).toEqual(UNPROVEN);
    expect(await source.renewed(old, tracker, rejectedAt('/walls', 'possible'))).toEqual(UNPROVEN);
    expect((await source.fresh(alice, tracker)).kind).toBe('access');
    const outcome = { kind: 'reconnect', reason: 'expired' };
    expect(await source.renewed(old, tracker, rejectedAt('/cards', 'certain'))).toEqual(outcome);
  });

  it('stays in use where it was issued within the last minute and nothing else can be asked', async () => {
    const { source, access, clock } = await started(tracker, () => DATA);
    clock.set(-2 * MINUTE + 1);
    const old = await access();
    expect(await source.renewed(old, tracker, rejectedAt('/cards', 'certain'))).toEqual(UNPROVEN);
  });
});

describe('a token with a refresh token that a resource rejects', () => {
  it.each(['certain', 'possible'] as const)(
    'is refreshed once a minute and never ends its Connection, whatever is answered after that (%s)',
    async (sign) => {
      const setup = await setUpConnect();
      await stepsOf(setup).connect('ada');
      const source = new AccessTokens(setup.ports);
      const at = rejectedAt('/cards', sign);
      for (let round = 1; round <= 3; round += 1) {
        const old = await source.fresh(alice, github);
        if (old.kind !== 'access') throw new Error(old.kind);
        const renewed = await source.renewed(old.access, github, at);
        if (renewed.kind !== 'access') throw new Error(renewed.kind);
        for (let again = 0; again < 3; again += 1)
          expect(await source.renewed(renewed.access, github, at)).toEqual({
            kind: 'resource-refused',
            proven: true,
          });
        expect(setup.server.asked('refresh')).toBe(round);
        setup.clock.pass(MINUTE);
      }
      expect((await source.fresh(alice, github)).kind).toBe('access');
      await setup.stores.close();
    },
  );
});

describe('a token that has run out and is not renewed', () => {
  it.each<[string, TokenOutcome, object]>([
    ['cannot be asked', { kind: 'unreachable', code: 'timeout' }, { kind: 'down', reason: 'timeout' }],
    [
      'fails',
      { kind: 'unreachable', code: 'http-503', answered: true },
      { kind: 'down', reason: 'http-503' },
    ],
    [
      'refuses, in words that leave open why',
      { kind: 'refused', code: 'weird' },
      { kind: 'down', reason: 'weird', refused: true },
    ],
  ])('says whether the server %s', async (_, answer, outcome) => {
    const setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
    setup.clock.pass(HOUR + 1);
    setup.server.answers.push(answer);
    const source = new AccessTokens(setup.ports);
    expect(await source.fresh(alice, github)).toEqual(outcome);
    expect(await source.fresh(alice, github)).toEqual(outcome);
    await setup.stores.close();
  });
});
