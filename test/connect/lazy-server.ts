import type { TokenSet } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import type { Clock } from '../../src/domain/system.js';
import type { Authorizer } from '../../src/providers/authorizer.js';
import type { RevocationOutcome, TokenOutcome } from '../../src/providers/token-outcome.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import { rejection } from '../support/rejection.js';

interface Pair {
  readonly access: string;
  readonly refresh: string;
  readonly account: string;
  readonly expiresAt: number;
  /** The refresh token that this pair replaced, which works until this one is used for the first time. */
  former: string | null;
  isRevoked: boolean;
}

/** How such servers differ. */
export interface LazyOptions {
  /** `lazily`: a replaced pair works until the new one is used. `at-once`: it ends with the refresh. `never`: refresh tokens stay. */
  readonly rotation?: 'lazily' | 'at-once' | 'never';
  readonly hasRefreshTokens?: boolean;
  /** Hands out the same pair again while it has not run out (`reuse_access_token`). */
  readonly reusesTokens?: boolean;
}

const LIFE = 7_200_000;

/**
 * An authorization server as Doorkeeper is: to revoke a pair whose access token has run out answers 200 and does nothing, and a pair that
 * was replaced goes on to refresh until the new access token is used.
 */
export class LazyServer
  implements Pick<Authorizer, 'authorizationUrl' | 'grantToClient' | 'redeem' | 'refresh' | 'revoke'>
{
  grantToClient: Authorizer['grantToClient'] = async () => ({ kind: 'refused', code: 'unauthorized_client' });
  readonly asked: string[] = [];
  /** Answers of the revocation endpoint to return instead of its own, in turn. */
  readonly revocations: RevocationOutcome[] = [];
  /** Failures of the token endpoint to return instead of its answer, in turn. */
  readonly refusals: TokenOutcome[] = [];
  isApiDown = false;
  readonly #pairs: Pair[] = [];
  readonly #clock: Clock;
  readonly #options: Required<LazyOptions>;

  constructor(clock: Clock, options: LazyOptions = {}) {
    this.#clock = clock;
    this.#options = { rotation: 'lazily', hasRefreshTokens: true, reusesTokens: false, ...options };
  }

  authorizationUrl: Authorizer['authorizationUrl'] = (provider, _, { state }) =>
    `${provider.authorizationEndpoint}?state=${state.reveal()}`;

  /** A code names its account: `code-of-ada`. */
  redeem: Authorizer['redeem'] = async (_, __, { code }) => {
    const account = code.reveal().replace('code-of-', '');
    const again =
      this.#options.reusesTokens &&
      this.#pairs.find((pair) => pair.account === account && this.#isLive(pair));
    return this.#answer(again || this.#issue(account, null, null));
  };

  refresh: Authorizer['refresh'] = async (_, __, { refreshToken }) => {
    this.asked.push('refresh');
    return this.refusals.shift() ?? this.#refresh(refreshToken?.reveal() ?? '');
  };

  revoke: Authorizer['revoke'] = async (_, __, { accessToken, refreshToken }) => {
    this.asked.push('revoke');
    const instead = this.revocations.shift();
    if (instead !== undefined) return instead;
    for (const pair of this.#pairs) {
      const isMeant = pair.access === accessToken.reveal() || pair.refresh === refreshToken?.reveal();
      if (isMeant && this.#isLive(pair)) pair.isRevoked = true;
    }
    return 'revoked';
  };

  /** The API: to use an access token ends the pair that it replaced. */
  ask: Upstream['ask'] = async (_, { token }) => {
    this.asked.push('use');
    if (this.isApiDown) return { kind: 'down', reason: 'status-503' };
    const pair = this.#pairs.find(({ access }) => access === token.reveal());
    if (pair === undefined || !this.#isLive(pair)) return rejection();
    for (const former of this.#pairs) if (former.refresh === pair.former) former.isRevoked = true;
    pair.former = null;
    const data = { id: `id-${pair.account}`, login: pair.account };
    return {
      kind: 'data',
      data,
      fetchedAt: 0,
      sentAt: 0,
      freshUntil: 0,
      stale: false,
      pages: 1,
      bytes: 2,
      more: false,
    };
  };

  /** Whether anything that was ever given still gets new tokens, or is answered by the API. */
  get works(): boolean {
    return this.#pairs.some(
      (pair) => this.#isLive(pair) || (this.#options.hasRefreshTokens && !pair.isRevoked),
    );
  }

  #isLive({ expiresAt, isRevoked }: Pair): boolean {
    return !isRevoked && expiresAt > this.#clock.now();
  }

  #refresh(token: string): TokenOutcome {
    const pair = this.#pairs.find(({ refresh, isRevoked }) => refresh === token && !isRevoked);
    if (pair === undefined || !this.#options.hasRefreshTokens)
      return { kind: 'invalid-grant', code: 'invalid_grant' };
    const { rotation } = this.#options;
    if (rotation !== 'lazily') pair.isRevoked = true;
    const former = rotation === 'lazily' ? pair.refresh : null;
    return this.#answer(this.#issue(pair.account, former, rotation === 'never' ? pair.refresh : null));
  }

  #issue(account: string, former: string | null, refresh: string | null): Pair {
    const n = this.#pairs.length + 1;
    const pair = {
      access: `access-${account}-${n}`,
      refresh: refresh ?? `refresh-${account}-${n}`,
      ...{ account, former, expiresAt: this.#clock.now() + LIFE, isRevoked: false },
    };
    this.#pairs.push(pair);
    return pair;
  }

  #answer({ access, refresh, expiresAt }: Pair): { kind: 'tokens'; tokens: TokenSet } {
    const tokens = {
      accessToken: new Secret(access),
      refreshToken: this.#options.hasRefreshTokens ? new Secret(refresh) : null,
      ...{ issuedAt: this.#clock.now(), expiresAt, scopes: null },
    };
    return { kind: 'tokens', tokens };
  }
}

/** Long enough for every access token to have run out. */
export const untilExpired = LIFE + 1;
