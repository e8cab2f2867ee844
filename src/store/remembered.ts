import { LRUCache } from 'lru-cache';
import type { EndOutcome } from '../domain/bulk-disconnect.js';
import {
  type Connection,
  type ConnectionFacts,
  type ConnectionId,
  type Owned,
  ownerOf,
  type ReconnectReason,
  type RefreshSetback,
  type TokenSet,
} from '../domain/connection.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';
import { ChangeFeed, Memory } from './change-memory.js';
import type { NewConnection } from './connections/activation-queries.js';
import { BulkDisconnectStore } from './connections/bulk-disconnect-store.js';
import { ConnectionLists } from './connections/connection-lists.js';
import { ConnectionStore } from './connections/connection-store.js';
import type { Database } from './engine/database.js';
import { FrameSessionStore, type NewFrameSession } from './frame-session-store.js';
import type { TokenSealer } from './sealing/token-set.js';
import { ChangedChoices, choicesMark, ViewerChoiceStore } from './viewer-choice-store.js';

/**
 * Under which key each remembered Connection is found. It is noted with every use, and there is room for twice as many. A Connection
 * whose place has to make room is forgotten with it: without one, a change of it would be missed.
 */
export class Places {
  readonly #connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>;
  readonly #most: number;
  readonly #keys: LRUCache<ConnectionId, string>;

  constructor(connections: Pick<Memory<Connection>, 'forget' | 'forgetReading'>, remembered: number) {
    this.#connections = connections;
    this.#most = 2 * remembered;
    // Not `max`, for which room is taken at once.
    this.#keys = new LRUCache({ maxSize: this.#most, sizeCalculation: () => 1 });
  }

  note(id: ConnectionId, key: string): void {
    // To be found is to be used.
    if (this.#keys.get(id) === key) return;
    // Room is made before it is needed, and not by the cache itself, which would report it in the middle of a change.
    if (this.#keys.size >= this.#most && !this.#keys.has(id)) {
      const oldest = this.#keys.pop();
      if (oldest !== undefined) this.#connections.forget(oldest);
    }
    this.#keys.set(id, key);
  }

  /** Forgets the Connection of this id, and every one that is being read: which of them it is, is not known yet. */
  forget(id: ConnectionId): void {
    const key = this.#keys.get(id);
    if (key !== undefined) this.#connections.forget(key);
    this.#connections.forgetReading();
  }
}

/** How many of each are remembered. */
export interface RememberedLimits {
  readonly connections: number;
  readonly tokens: number;
  readonly sessions: number;
  /** Changes by other processes that are distinguished at one look; where there are more, all is forgotten. */
  readonly changes?: number;
}

export const REMEMBERED_LIMITS: RememberedLimits = { connections: 50_000, tokens: 10_000, sessions: 50_000 };

/** Opened tokens are secrets: they are held for as long as a page of frames needs them at once, ms. */
const TOKENS_LIFE = 2000;
/** Everything is read again after so long, whatever the changes of others say, ms. */
const LONGEST = 5 * 60_000;

const keyOf = (viewer: Viewer, provider: string): string => `${viewer.id} ${provider}`;
/** A Connection that was retired keeps its tokens, for another owner: a question about the one that it was is not about these. */
const tokensKeyOf = ({ id, generation, version }: Connection): string => `${id} ${generation} ${version}`;

/** Opened tokens, and whose they are. */
interface OwnedTokens extends Owned {
  readonly version: number;
  readonly tokens: TokenSet;
}

/** A session and the bearer it was found by; `choices` is the mark of what its viewer chose, as it was when so many changes were known. */
interface BorneSession {
  readonly bearerHash: string;
  readonly choices: string;
  readonly changesThen: number;
  readonly session: FrameSession;
}

/** What remembering takes: where others' changes are read, by which clock, and how much is kept. */
interface RememberedDeps {
  readonly database: Database;
  readonly clock: Clock;
  readonly misplaced: ReportMisplaced;
  readonly limits: RememberedLimits;
}

/**
 * Remembers Connections and frame sessions for as long as no one changes them: this process's writes are seen at once, those of others
 * within two seconds, by one read of what was changed rather than by reading every row again. Opened tokens are remembered for two
 * seconds. Nothing is remembered of what is not there.
 */
export class Remembered {
  readonly feed: ChangeFeed;
  readonly connections: Memory<Connection>;
  readonly places: Places;
  readonly tokens: Memory<OwnedTokens>;
  readonly sessions: Memory<BorneSession>;
  readonly choices: ChangedChoices;

  constructor({ database, clock, misplaced, limits }: RememberedDeps) {
    this.feed = new ChangeFeed(database, clock, {
      onChange: ({ kind, subject }) => {
        if (kind === 'connection') this.places.forget(subject as ConnectionId);
        else if (kind === 'choices') this.noteChoices(subject);
        else this.sessions.forget(subject);
      },
      forgetAll: () => {
        this.connections.forgetWhere(() => true);
        this.sessions.forgetWhere(() => true);
      },
      ...(limits.changes !== undefined && { most: limits.changes }),
    });
    const shared = { clock, misplaced, feed: this.feed, life: LONGEST };
    this.connections = new Memory<Connection>({
      ...shared,
      size: limits.connections,
      kind: 'connection',
      belongs: (key, { viewer, provider }) => key === keyOf(viewer, provider),
    });
    this.places = new Places(this.connections, limits.connections);
    this.tokens = new Memory<OwnedTokens>({
      ...{ clock, misplaced, size: limits.tokens, life: TOKENS_LIFE, kind: 'tokens' },
      belongs: (key, { owner, version }) => key === `${owner.connection} ${owner.generation} ${version}`,
    });
    this.choices = new ChangedChoices(limits.sessions);
    this.sessions = new Memory<BorneSession>({
      ...shared,
      size: limits.sessions,
      kind: 'session',
      belongs: (key, { bearerHash }) => key === bearerHash,
      // Another process may have lengthened it.
      isGood: ({ session, choices, changesThen }, now) =>
        now < session.expiresAt && !this.choices.haveChanged(choices, changesThen),
    });
  }

  /** What the mark stands for was changed: sessions that were read before, or are being read, are read again. */
  noteChoices(mark: string): void {
    this.choices.note(mark);
    this.sessions.forgetReading();
  }
}

/** Connections that are remembered. */
export class RememberedConnections extends ConnectionStore {
  readonly #remembered: Remembered;

  constructor(database: Database, seals: TokenSealer, remembered: Remembered) {
    super(database, seals);
    this.#remembered = remembered;
  }

  override async find(viewer: Viewer, provider: string): Promise<Connection | null> {
    const { connections, places } = this.#remembered;
    const key = keyOf(viewer, provider);
    const known = connections.recall(key);
    if (known !== undefined) {
      places.note(known.id, key);
      return known;
    }
    const found = await connections.get(key, async () => {
      const read = await super.find(viewer, provider);
      if (read !== null) places.note(read.id, key);
      return read;
    });
    if (found !== null) places.note(found.id, key);
    return found;
  }

  override recall(viewer: Viewer, provider: string): Connection | undefined {
    const { connections, places } = this.#remembered;
    const key = keyOf(viewer, provider);
    const found = connections.recall(key);
    if (found !== undefined) places.note(found.id, key);
    return found;
  }

  override async tokens(connection: Connection): Promise<TokenSet | null> {
    const owner = ownerOf(connection);
    const { version } = connection;
    const opened = await this.#remembered.tokens.get(tokensKeyOf(connection), async () => {
      const found = await super.tokens(connection);
      return found && { owner, version, tokens: found };
    });
    return opened?.tokens ?? null;
  }

  override activate(made: NewConnection): Promise<Connection | null> {
    return super.activate(made).finally(() => this.#forget(made.flow));
  }

  override grant(made: Parameters<ConnectionStore['grant']>[0]): Promise<Connection> {
    return super.grant(made).finally(() => this.#forget(made));
  }

  #forget({ viewer, provider }: Pick<Connection, 'viewer' | 'provider'>): void {
    this.#remembered.connections.forget(keyOf(viewer, provider));
  }

  override claim(...given: Parameters<ConnectionStore['claim']>): Promise<boolean> {
    return this.#thenForget(given[0], super.claim(...given));
  }

  override replace(...given: Parameters<ConnectionStore['replace']>): Promise<Connection | null> {
    return this.#thenForget(given[0], super.replace(...given));
  }

  override release(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> {
    return this.#thenForget(connection, super.release(connection, owner, setback));
  }

  override interrupt(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> {
    return this.#thenForget(connection, super.interrupt(connection, owner, setback));
  }

  override expire(connection: Connection, reason: ReconnectReason): Promise<boolean> {
    return this.#thenForget(connection, super.expire(connection, reason));
  }

  override retire(...given: Parameters<ConnectionStore['retire']>): Promise<Connection | null> {
    return this.#thenForget(given[0], super.retire(...given));
  }

  override chooseFacts(connection: Connection, facts: ConnectionFacts): Promise<Connection | null> {
    return this.#thenForget(connection, super.chooseFacts(connection, facts));
  }

  override async displace(newer: Connection): Promise<readonly ConnectionId[]> {
    const displaced = await super.displace(newer);
    for (const id of displaced) this.#remembered.places.forget(id);
    return displaced;
  }

  override async touch(id: ConnectionId, now: number): Promise<void> {
    await super.touch(id, now);
    this.#remembered.places.forget(id);
  }

  override async remove(id: ConnectionId, outcome: EndOutcome): Promise<void> {
    await super.remove(id, outcome);
    this.#remembered.places.forget(id);
  }

  /** Forgets after the write: a read that started during it is then forgotten too. */
  async #thenForget<T>(connection: Connection, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } finally {
      this.#forget(connection);
      this.#remembered.tokens.forget(tokensKeyOf(connection));
    }
  }
}

/** Frame sessions that are remembered. */
export class RememberedFrameSessions extends FrameSessionStore {
  readonly #remembered: Remembered;

  constructor(database: Database, remembered: Remembered) {
    super(database);
    this.#remembered = remembered;
  }

  override async byBearer(bearerHash: string): Promise<FrameSession | null> {
    const { choices: changed, sessions } = this.#remembered;
    const found = await sessions.get(bearerHash, async () => {
      const changesThen = changed.count;
      const session = await super.byBearer(bearerHash);
      const choices = session && choicesMark(session.viewer, session.gadget);
      return session && choices ? { bearerHash, session, choices, changesThen } : null;
    });
    return found?.session ?? null;
  }

  override recall(bearerHash: string): FrameSession | undefined {
    return this.#remembered.sessions.recall(bearerHash)?.session;
  }

  override renew(renewal: NewFrameSession): Promise<boolean> {
    return super.renew(renewal).finally(() => this.#remembered.sessions.forget(renewal.bearerHash));
  }

  override async sweep(now: number): Promise<void> {
    await super.sweep(now);
    await this.#remembered.feed.sweep(now);
  }
}

/** What viewers chose, which is part of the sessions that are asked for next. */
export class ForgettingChoices extends ViewerChoiceStore {
  readonly #remembered: Remembered;

  constructor(database: Database, remembered: Remembered) {
    super(database);
    this.#remembered = remembered;
  }

  override put(...given: Parameters<ViewerChoiceStore['put']>): Promise<boolean> {
    const [{ viewer, gadget }] = given;
    return this.#thenForget(viewer, gadget, super.put(...given));
  }

  override reset(viewer: Viewer, gadget: string, parameter?: string): Promise<void> {
    return this.#thenForget(viewer, gadget, super.reset(viewer, gadget, parameter));
  }

  async #thenForget<T>(viewer: Viewer, gadget: string, write: Promise<T>): Promise<T> {
    try {
      return await write;
    } finally {
      this.#remembered.noteChoices(choicesMark(viewer, gadget));
    }
  }
}

/** The lists, which end what is remembered of a viewer with the viewer. */
export class ForgettingLists extends ConnectionLists {
  readonly #remembered: Remembered;

  constructor(database: Database, remembered: Remembered) {
    super(database);
    this.#remembered = remembered;
  }

  override async erase(viewer: Viewer): Promise<void> {
    try {
      await super.erase(viewer);
    } finally {
      this.#remembered.sessions.forgetWhere(({ session }) => session.viewer.id === viewer.id);
    }
  }
}

/** Bulk disconnects, which end what is remembered of a host's frames with its sessions. */
export class ForgettingBulkDisconnects extends BulkDisconnectStore {
  readonly #remembered: Remembered;

  constructor(database: Database, remembered: Remembered) {
    super(database);
    this.#remembered = remembered;
  }

  override async endSessions(host: string): Promise<void> {
    try {
      await super.endSessions(host);
    } finally {
      this.#remembered.sessions.forgetWhere(({ session }) => session.viewer.host === host);
    }
  }
}
