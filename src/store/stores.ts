import type { SignInThrottle } from '../domain/administrator-sign-in.js';
import type {
  Account,
  Connection,
  ConnectionId,
  ReconnectReason,
  RefreshSetback,
  TokenSet,
} from '../domain/connection.js';
import type { EndOutcome } from '../domain/departure.js';
import type { Flow } from '../domain/flow.js';
import type { FrameSession } from '../domain/frame-session.js';

import type { SpentTokens } from '../domain/token-purpose.js';
import type { Viewer, ViewerProfile } from '../domain/viewer.js';
import type { AdminStore, ApiKeyStore, AuditStore } from './admin-stores.js';
import type { Archive } from './backup/archived-rows.js';
import type { UnwantedTokens } from './connections/unwanted-tokens.js';
import type { FlowStore } from './flows/flow-store.js';
import type { Fingerprints, SealingKey } from './sealing/sealing-key.js';
import type {
  ConnectionLists,
  DepartureStore,
  InstanceStore,
  MeterStore,
  ResealStore,
  SetupStore,
} from './setup-stores.js';
import type { ViewerLimits } from './viewer-limits.js';

/** Limits how often the same thing may be done, over all processes together. */
export interface Throttle {
  /** Counts one more attempt of `who`. Seconds to wait where there were too many; null: go on. */
  attempt(who: string): Promise<number | null>;
}

/*
 * What the domain asks of durable storage. Every method is one atomic statement, so it holds under any interleaving and on any
 * number of processes. Times are epoch milliseconds. Tokens and verifiers are sealed by the store, never kept in clear.
 */

/** What is needed to save a new Connection at the end of a flow. */
export interface NewConnection {
  readonly id: ConnectionId;
  readonly flow: Flow;
  readonly tokens: TokenSet;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly now: number;
  /** Tokens of another known account that it replaces are kept under this id, to be taken back: until `replacedUntil` by who asks. */
  readonly replacedAs: ConnectionId;
  readonly replacedUntil: number;
}

export interface ConnectionStore {
  /** The viewer's Connection, never one that is being revoked: beside such a one a new Connection can be made. */
  find(viewer: Viewer, provider: string): Promise<Connection | null>;
  /** What `find` would give, where memory knows it without waiting; undefined where it has to be read. */
  recall(viewer: Viewer, provider: string): Connection | undefined;
  byId(id: ConnectionId): Promise<Connection | null>;
  /** Those being revoked too. */
  ofViewer(viewer: Viewer): Promise<readonly Connection[]>;
  /** The tokens of exactly this version, or null when the row moved on or no key of the ring opens it. */
  tokens(connection: Connection): Promise<TokenSet | null>;
  /**
   * Makes or replaces the viewer's Connection while the flow is still `accepted` and no newer flow was activated. A
   * replacement keeps the id, bumps generation and version, and leaves another account's tokens as a Connection on its way out, both
   * or neither. Asked again, gives the Connection this flow made. Null when the flow is not accepted or was overtaken.
   */
  activate(connection: NewConnection): Promise<Connection | null>;
  /**
   * Takes the refresh lease of this id and version until `until`, and notes the intent unless an older one is still open. False
   * when another holds it, unless that is the owner known to be `dead`, or the row moved on.
   */
  claim(
    connection: Connection,
    owner: string,
    now: number,
    until: number,
    dead?: string | null,
  ): Promise<boolean>;
  /**
   * Replaces the tokens, version + 1, and ends the lease, no matter which process holds it: the server has replaced what the row has. A Connection that
   * another process ended because of that, holding the same tokens, is active again. Null when the version was lost.
   */
  replace(connection: Connection, tokens: TokenSet, now: number): Promise<Connection | null>;
  /**
   * Ends the lease and forgets the intent: the refresh certainly did not happen, or its outcome does not matter. A `setback` takes the
   * place of the one before.
   */
  release(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void>;
  /** As `release`, but remembers that a refresh was begun whose outcome is unknown. */
  interrupt(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void>;
  /** Whether tokens of another Connection of the same provider and client were refreshed since then. */
  othersRefreshed(connection: Connection, since: number): Promise<boolean>;
  /** active → reconnect, for this version only; drops the tokens. False when the row moved on. */
  expire(connection: Connection, reason: ReconnectReason): Promise<boolean>;
  /**
   * Any status → revoking since `now` (its `lastUsedAt`), generation + 1, for this generation only; the tokens stay until `remove`.
   * Until `until` it is not `due`: whoever retires it asks the provider first.
   */
  retire(connection: Connection, now: number, until?: number): Promise<Connection | null>;
  /** Keeps unwanted tokens as a Connection that is `revoking` from the beginning: for nothing but to be taken back. */
  keep(unwanted: UnwantedTokens): Promise<Connection>;
  /** Notes on one that is revoking, before it is refreshed to be revoked, that the outcome of that refresh is not known yet. */
  intendRefresh(retired: Connection, now: number): Promise<void>;
  /** Replaces the tokens of one that is revoking, version + 1, and forgets the intent; null when the row moved on or is gone. */
  replaceRetired(retired: Connection, tokens: TokenSet): Promise<Connection | null>;
  /** Other viewers' active Connections of the same provider, client and account, the latest twenty. */
  othersOfAccount(connection: Connection): Promise<readonly Connection[]>;
  /** Deletes it, and counts it in the unfinished departures that waited for it, both or neither. */
  remove(id: ConnectionId, outcome: EndOutcome): Promise<void>;
  touch(id: ConnectionId, now: number): Promise<void>;
  /** active Connections of the same provider, client and account → reconnect `connected-elsewhere`. Returns their ids. */
  displace(newer: Connection): Promise<readonly ConnectionId[]>;
  /** Whether a Connection of the same provider and client was made after this one (where accounts are not known). */
  hasNewerOfClient(connection: Connection): Promise<boolean>;
  unusedSince(before: number, limit: number): Promise<readonly Connection[]>;
  /** Those being revoked whose provider is to be asked now, the longest due first. */
  due(now: number, limit: number): Promise<readonly Connection[]>;
  /** Takes one that is due, until `until`; false when somebody else did. Asked with what `due` gave. */
  takeDue(due: Connection, until: number): Promise<boolean>;
}

export interface NewFrameSession {
  readonly session: FrameSession;
  readonly bearerHash: string;
  readonly jti: string;
  readonly replayableUntil: number;
}

export interface FrameSessionStore {
  /**
   * One durable insert that also burns the `jti`. `replayed` when that token was used before, at launch or renewal; `too-many` when
   * `limits.frames` sessions of this viewer are in force, and then the token was not used.
   */
  launch(
    launch: NewFrameSession,
    limits?: Pick<ViewerLimits, 'frames'>,
  ): Promise<'launched' | 'replayed' | 'too-many'>;
  /** The session of this bearer with its latest expiry, also when expired; null when unknown. */
  byBearer(bearerHash: string): Promise<FrameSession | null>;
  /** What `byBearer` would give, where memory knows it without waiting; undefined where it has to be read. */
  recall(bearerHash: string): FrameSession | undefined;
  /** Burns the token's `jti` and extends the session, in one insert. False when the token was used before. */
  renew(renewal: NewFrameSession): Promise<boolean>;
  sweep(now: number): Promise<void>;
}

/** One-time tickets that open My connections; another purpose's ticket is not found here. */
export interface TicketStore {
  /** False, and nothing is put, when `limits.tickets` of this viewer could still be taken. */
  put(
    ticket: {
      readonly ticketHash: string;
      readonly viewer: Viewer;
      readonly name: string | null;
      readonly now: number;
      readonly expiresAt: number;
      /** Where the page is that asks. */
      readonly origin?: string;
      readonly locale?: string;
    },
    limits?: Pick<ViewerLimits, 'tickets'>,
  ): Promise<boolean>;
  take(
    ticketHash: string,
    now: number,
  ): Promise<(Pick<ViewerProfile, 'name' | 'origin' | 'locale'> & { readonly viewer: Viewer }) | null>;
  sweep(now: number): Promise<void>;
}

/** Sessions of people on the site origin, as koa-session stores them. */
export interface WebSessionStore {
  get(key: string, now: number): Promise<string | null>;
  /** `viewer` is whose session it is, where it is a viewer's: it ends when they are forgotten. */
  set(key: string, content: string, expiresAt: number, viewer?: Viewer): Promise<void>;
  /** As `set`, of a session that is there; one that was destroyed stays so. */
  replace(key: string, content: string, expiresAt: number): Promise<void>;
  /** A session that is there goes on as it is. */
  prolong(key: string, expiresAt: number): Promise<void>;
  destroy(key: string): Promise<void>;
  sweep(now: number): Promise<void>;
}

/** One Connection's refresh at which the server said that it does not know our client. */
export interface ClientDoubt {
  readonly provider: string;
  readonly key: string;
  readonly connection: ConnectionId;
  /** When the server was asked. */
  readonly askedAt: number;
}

/**
 * Clients whose token requests are stopped because their credentials are proven wrong. `key` names all that a provider's record says
 * about its token requests: another record is another key.
 */
export interface ClientStops {
  isStopped(key: string): Promise<boolean>;
  /** False when it was stopped before, or when the provider was allowed to be asked again since `askedAt`. */
  stop(provider: string, key: string, now: number, askedAt?: number): Promise<boolean>;
  /**
   * Writes one Connection's doubt down. True when another Connection has had the same within the last hour, and no request of this
   * client did well in between: then the credentials are wrong. What was asked before the last `retry` counts for nothing.
   */
  doubt(doubt: ClientDoubt): Promise<boolean>;
  /** A request of this client did well: earlier doubts were not about the client. */
  trust(key: string): Promise<void>;
  /** All stops of a provider, or of all. Returns how many. */
  clear(provider: string | null): Promise<number>;
  /** As `clear`, and its Connections may be refreshed at once; evidence from before `now` counts for nothing any more, on any process. */
  retry(provider: string | null, now: number): Promise<number>;
  /** When a provider was last allowed to be asked again, in epoch milliseconds. */
  retriedAt(provider: string): Promise<number | null>;
  /** Ends the stops of a provider that are of none of these keys: its record says something else now. */
  keepOnly(provider: string, keys: readonly string[]): Promise<void>;
  /** Which providers' clients are stopped, and since when. */
  list(): Promise<readonly { readonly provider: string; readonly stoppedAt: number }[]>;
}

export interface Stores {
  readonly connections: ConnectionStore;
  readonly flows: FlowStore;
  readonly frameSessions: FrameSessionStore;
  readonly tickets: TicketStore;
  readonly spentTokens: SpentTokens;
  readonly webSessions: WebSessionStore;
  readonly clientStops: ClientStops;
  readonly connectionLists: ConnectionLists;
  readonly setup: SetupStore;
  readonly audit: AuditStore;
  readonly admins: AdminStore;
  readonly apiKeys: ApiKeyStore;
  readonly signInThrottle: SignInThrottle & { sweep(now: number): Promise<void> };
  readonly dryRunThrottle: Throttle;
  readonly departures: DepartureStore;
  readonly meter: MeterStore;
  readonly instances: InstanceStore;
  readonly reseal: ResealStore;
  readonly archive: Archive;
  readonly fingerprints: Fingerprints;
  /** Opens and seals with this ring from now on. Throws, and keeps the ring in use, when it cannot be used. */
  useKeys(keys: readonly SealingKey[]): void;
  /** Resolves when the database answers, takes what is written, and its schema is ours. Throws `DatabaseTrouble`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
