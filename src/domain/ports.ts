import type { Host } from '../hosts/host.js';
import type { ClientCredentials, Provider } from '../providers/provider.js';
import type { RejectionSign } from '../providers/token-rejected.js';
import type { Connection, ConnectionId, Owned, Owner, ReconnectReason, TokenSet } from './connection.js';
import type { HostClaims } from './frame-session.js';
import type { Format, Gadget } from './gadget.js';
import type { Refused } from './refused.js';
import type { Secret } from './secret.js';
import type { PurposeClaims, TokenPurpose } from './token-purpose.js';
import type { Viewer } from './viewer.js';

/**
 * Time. `now()` is epoch milliseconds, for what is written down or shown. `monotonic()` is milliseconds that never go back whatever is
 * done to the machine's clock, of which only differences mean something: for lifetimes of what is in memory. `sleep` resolves after that many milliseconds, or at once when `woken` is aborted: a timer
 * that nobody waits for any more holds on to what it would have told.
 */
export interface Clock {
  now(): number;
  monotonic(): number;
  sleep(ms: number, woken?: AbortSignal): Promise<void>;
}

/** Randomness: `id()` has 128 bits, `secret()` 256, both base64url; `fraction()` is in [0, 1). */
export interface Entropy {
  id(): string;
  secret(): Secret;
  fraction(): number;
}

/** The processes that share the database, as far as this one can tell which of them live. */
export interface Peers {
  /** What this process is called where it holds something; without spaces. */
  readonly own: string;
  /** Whether the process called so is known to be dead; false when in doubt. */
  isDead(name: string): boolean;
}

/** SHA-256, base64url without padding. */
export interface Digest {
  sha256(content: string | Uint8Array): string;
}

/** Keeps somebody from doing the same too often, on all processes together. */
export interface Throttle {
  /** Counts one more of whoever `who` names. Seconds to wait where there were too many; null: go on. */
  attempt(who: string): Promise<number | null>;
}

/** Something an administrator should know. `event` is a stable name; fields never hold secrets or viewers' data. */
export interface Journal {
  note(event: string, fields: Readonly<Record<string, unknown>>): void;
  warn(event: string, fields: Readonly<Record<string, unknown>>): void;
}

/** The configured hosts, providers and the gadgets on disk. Looked up by exact id; undefined when unknown. */
export interface Directory {
  host(id: string): Host | undefined;
  provider(id: string): Provider | undefined;
  /** What people call a provider, also while its metadata cannot be read; its id where nothing else is known. */
  providerName(id: string): string;
  /** A provider that is being removed: it serves nobody any more, and is known only for permissions to be taken back. */
  leaving(id: string): Provider | undefined;
  gadget(id: string): Gadget | undefined;
  /** All gadgets, by title. */
  gadgets(): readonly Gadget[];
}

/** Verifies host tokens (RFC 7519, 8725). Throws `token_*` and `host_keys_unavailable`. It does not remember `jti`s. */
export interface HostTokens {
  verify(host: Host, token: Secret): Promise<HostClaims>;
  /** As `verify`, for a token signed for exactly this purpose: a launch's token, or another purpose's, is refused. */
  verifyFor(host: Host, token: Secret, purpose: TokenPurpose): Promise<PurposeClaims>;
}

/**
 * What went wrong at a token endpoint, as a closed set. `code` is the server's own, already translated to RFC 6749's.
 *
 * `invalid-grant`: this grant is dead, in whatever words the server has for it. `invalid-client`: it is about our registration; only the
 * code `invalid_client` says that our credentials are wrong. `refused`: a refusal that leaves open why. `rate-limited`: too many
 * requests; seconds to wait. `unreachable`: nothing was said about the grant: no answer, or (`answered`) a 5xx or a page; `refusal` is
 * one that has a refusal's status or words all the same. `protocol-error`: an answer that is none.
 */
export type TokenFailure =
  | { readonly kind: 'invalid-grant'; readonly code: string }
  | { readonly kind: 'invalid-client'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | {
      readonly kind: 'unreachable';
      readonly code: string;
      readonly answered?: true;
      readonly refusal?: true;
      /** Seconds, where the server said when to ask again. */
      readonly retryAfter?: number;
    }
  | { readonly kind: 'protocol-error'; readonly code: string };

export type TokenOutcome = { readonly kind: 'tokens'; readonly tokens: TokenSet } | TokenFailure;

/**
 * What became of a revocation: `asked` where the server says that it does not know the token (any more); `unsupported` when the provider
 * has no such endpoint.
 */
export type RevocationOutcome = 'revoked' | 'asked' | 'unsupported' | 'failed';

/** The OAuth 2.0 client. It validates everything it receives and never throws for what a server does. */
export interface Authorizer {
  /** The authorization request (RFC 6749 §4.1.1); `challenge` is PKCE's S256 (RFC 7636 §4.2) or null. */
  authorizationUrl(
    provider: Provider,
    client: ClientCredentials,
    request: {
      readonly state: Secret;
      readonly redirectUri: string;
      readonly verifier: Secret | null;
      readonly scopes: readonly string[];
      readonly selectAccount: boolean;
    },
  ): string;
  redeem(
    provider: Provider,
    client: ClientCredentials,
    grant: { readonly code: Secret; readonly redirectUri: string; readonly verifier: Secret | null },
  ): Promise<TokenOutcome>;
  /** RFC 6749 §6. Keeps the old refresh token when none is sent; fails as `invalid-grant` without one. */
  refresh(
    provider: Provider,
    client: ClientCredentials,
    tokens: TokenSet,
    redirectUri: string,
  ): Promise<TokenOutcome>;
  /** RFC 7009: the refresh token first, then the access token. */
  revoke(provider: Provider, client: ClientCredentials, tokens: TokenSet): Promise<RevocationOutcome>;
}

/** Judges answers of token endpoints without asking for them. */
export interface TokenJudge {
  /**
   * What we would make of a token endpoint's answer: `body` is the object in it, null where there is none. The dry run asks the very judge
   * that consents and refreshes ask.
   */
  judge(
    provider: Provider,
    answer: { readonly status: number; readonly retryAfter: string | null; readonly text: string },
  ): { readonly body: Readonly<Record<string, unknown>> | null; readonly outcome: TokenOutcome };
}

/** An access token and the only origins it may be sent to: the provider's when the person agreed. */
export interface BoundToken {
  readonly token: Secret;
  readonly origins: readonly string[];
}

/** The right to call a provider as one viewer: nobody can fetch without saying whose eyes it is for. */
export interface Access extends BoundToken {
  readonly connection: Connection;
}

/** One call of the provider's API. `target` is path and query below the provider's `api`, already expanded and checked. */
export interface UpstreamRequest {
  readonly provider: Provider;
  readonly target: string;
  /** Followed links must stay below this literal path prefix (of the whole URL's path). */
  readonly prefix: string;
  readonly accept: string;
  readonly format: Format;
  /** How this API says no within a 200; null leaves it to the provider's record. */
  readonly refused?: Refused | null;
  /** Seconds; see GadgetRequest.ttl. */
  readonly ttl: number;
  readonly follow: { readonly rel: string; readonly pages: number } | null;
  /** Version of the gadget that asks; part of the cache key. */
  readonly gadgetVersion: string;
}

/** Plain frozen data: null-prototype records, arrays, strings, numbers, booleans, null. */
export type Data = string | number | boolean | null | readonly Data[] | { readonly [key: string]: Data };

/**
 * The provider rejects the access token, as far as one answer can tell. `otherwise` is what the answer means where the token turns out
 * to be good: then the resource spoke for itself.
 */
export interface TokenRejection {
  readonly kind: 'unauthorized';
  readonly sign: RejectionSign;
  readonly status: number;
  readonly otherwise:
    | { readonly kind: 'forbidden'; readonly detail: string | null }
    | { readonly kind: 'unusable'; readonly code: string; readonly detail: string | null };
}

/** What the provider answered. Times are epoch milliseconds; `retryAfter` is seconds. */
export type UpstreamOutcome =
  | {
      readonly kind: 'data';
      readonly data: Data;
      readonly fetchedAt: number;
      /** When it was asked for, by the monotonic clock. */
      readonly sentAt: number;
      /** Until when it may be shown without asking again, by the monotonic clock. */
      readonly freshUntil: number;
      /** True when the provider could not be asked and an older answer of the same Connection is shown. */
      readonly stale: boolean;
      /** When `follow` was asked for: pages read, and whether there were more. */
      readonly pages: number;
      readonly more: boolean;
    }
  | TokenRejection
  | { readonly kind: 'insufficient-scope' }
  | { readonly kind: 'forbidden'; readonly detail: string | null }
  | { readonly kind: 'not-found'; readonly detail: string | null }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly code: string; readonly detail: string | null };

/**
 * Calls a provider's API as a viewer, through that Connection's private cache. Never throws for what a server does. A token is sent to
 * the origins it is bound to and to no other: a call elsewhere is `unusable`, `origin-refused`.
 */
export interface Upstream {
  get(access: Access, request: UpstreamRequest): Promise<UpstreamOutcome>;
  /**
   * What is kept of this Connection's answer to a request, without asking: for while there is no token to ask with because the provider
   * is down. Null where nothing is kept, or it is older than its time to live and `maxStale` allow.
   */
  kept(
    connection: Connection,
    request: UpstreamRequest,
  ): Promise<Extract<UpstreamOutcome, { kind: 'data' }> | null>;
  /** One uncached GET with a token that belongs to no Connection yet, to ask whose account it is. */
  ask(
    provider: Provider,
    token: BoundToken,
    request: { readonly target: string; readonly format: Format },
  ): Promise<UpstreamOutcome>;
}

/**
 * The private cache of each Connection, for what is derived from its answers. Droppable at any time. `set` keeps nothing, and `get`
 * gives nothing, that names another owner.
 */
export interface PrivateCaches {
  get(owner: Owner, key: string): Owned | undefined;
  set(owner: Owner, key: string, value: Owned, bytes: number, expiresAt: number): void;
  purge(connection: ConnectionId): void;
}

/** What may be found in the wrong place; `origin`: a token was about to leave for an origin it is not bound to. */
export type Misplaced =
  | 'answer'
  | 'derived'
  | 'call'
  | 'tokens'
  | 'connection'
  | 'session'
  | 'rendering'
  | 'origin';

/**
 * Told when something that is kept for one owner came up for another, which must never happen. It was not used. `owner` is who
 * asked, where that is known.
 */
export type ReportMisplaced = (what: Misplaced, owner: Owner | null) => void;

/** A token that works now, or why there is none. */
export type AccessOutcome =
  | { readonly kind: 'access'; readonly access: Access }
  | { readonly kind: 'none' }
  | { readonly kind: 'reconnect'; readonly reason: ReconnectReason }
  /** `refused`: the server answered, and refused to renew the token in words that leave open why. */
  | { readonly kind: 'down'; readonly reason: string; readonly refused?: true }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | { readonly kind: 'stopped'; readonly code: string };

/** A request that the provider answered, with the token of an Access. */
export interface AskedAddress {
  readonly target: string;
  readonly format: Format;
}

/** An answer that rejected a token: how clearly, and what had been asked for. */
export interface RejectedAt extends AskedAddress {
  readonly sign: RejectionSign;
}

/**
 * `resource-refused`: the token is good, or there is no proof that it is not, so that the answer was the resource's own; `proven` says
 * which.
 */
export type RenewalOutcome = AccessOutcome | { readonly kind: 'resource-refused'; readonly proven: boolean };

/** Gives access as a viewer, refreshing at most once however many ask, on however many machines. */
export interface AccessSource {
  fresh(viewer: Viewer, provider: Provider): Promise<AccessOutcome>;
  /**
   * The provider rejected this access: refreshes once a minute at most, unless it was refreshed already. The Connection ends only where
   * the grant is proven dead, never because one resource refused.
   */
  renewed(rejected: Access, provider: Provider, at: RejectedAt): Promise<RenewalOutcome>;
  /** The provider took this access at an address, which may be asked again to find out whether the token is dead. */
  accepted(access: Access, at: AskedAddress): void;
}
