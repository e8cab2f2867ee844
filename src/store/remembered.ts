import { LRUCache } from 'lru-cache';
import {
  type Connection,
  type ConnectionId,
  type Owned,
  ownerOf,
  type TokenSet,
} from '../domain/connection.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Clock } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';
import { ChangeFeed } from './change-feed.js';
import type { ConnectionStore } from './connections/connection-store.js';
import { Memory } from './engine/change-memory.js';
import type { Database } from './engine/database.js';
import type { NewFrameSession } from './frame-session-store.js';
import type { Stores } from './stores.js';

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

/** A session and the bearer it was found by. */
interface BorneSession {
  readonly bearerHash: string;
  readonly session: FrameSession;
}

/** The stores that are asked with every look, and those that end what is remembered of them. */
type RememberedStores = Pick<Stores, 'connections' | 'frameSessions' | 'connectionLists' | 'bulkDisconnects'>;

interface Deps {
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
export const remembering = (
  stores: RememberedStores,
  { database, clock, misplaced, limits }: Deps,
): RememberedStores => {
  const feed = new ChangeFeed(database, clock, {
    onChange: ({ kind, subject }) =>
      kind === 'connection' ? places.forget(subject as ConnectionId) : sessions.forget(subject),
    forgetAll: () => {
      connections.forgetWhere(() => true);
      sessions.forgetWhere(() => true);
    },
    ...(limits.changes !== undefined && { most: limits.changes }),
  });
  const shared = { clock, misplaced, feed, life: LONGEST };
  const connections = new Memory<Connection>({
    ...shared,
    size: limits.connections,
    kind: 'connection',
    belongs: (key, { viewer, provider }) => key === keyOf(viewer, provider),
  });
  const sessions = new Memory<BorneSession>({
    ...shared,
    size: limits.sessions,
    kind: 'session',
    belongs: (key, { bearerHash }) => key === bearerHash,
    // Another process may have lengthened it.
    isGood: ({ session }, now) => now < session.expiresAt,
  });
  const places = new Places(connections, limits.connections);
  return {
    connections: rememberedConnections(stores.connections, connections, places, { clock, misplaced, limits }),
    ...rememberedSessions(stores, sessions, feed),
  };
};

const rememberedConnections = (
  store: ConnectionStore,
  connections: Memory<Connection>,
  places: Places,
  { clock, misplaced, limits }: Omit<Deps, 'database'>,
): ConnectionStore => {
  const tokens = new Memory<OwnedTokens>({
    ...{ clock, misplaced, size: limits.tokens, life: TOKENS_LIFE, kind: 'tokens' },
    belongs: (key, { owner, version }) => key === `${owner.connection} ${owner.generation} ${version}`,
  });
  /** Forgets after the write: a read that began during it is then forgotten too. */
  const thenForget =
    <A extends readonly [Connection, ...unknown[]], R>(write: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      try {
        return await write(...args);
      } finally {
        connections.forget(keyOf(args[0].viewer, args[0].provider));
        tokens.forget(tokensKeyOf(args[0]));
      }
    };
  const forgetIds = (ids: readonly ConnectionId[]): void => {
    for (const id of ids) places.forget(id);
  };

  return {
    ...store,
    async find(viewer, provider) {
      const key = keyOf(viewer, provider);
      const known = connections.recall(key);
      if (known !== undefined) {
        places.note(known.id, key);
        return known;
      }
      const found = await connections.get(key, async () => {
        const read = await store.find(viewer, provider);
        if (read !== null) places.note(read.id, key);
        return read;
      });
      if (found !== null) places.note(found.id, key);
      return found;
    },
    recall(viewer, provider) {
      const key = keyOf(viewer, provider);
      const found = connections.recall(key);
      if (found !== undefined) places.note(found.id, key);
      return found;
    },
    async tokens(connection) {
      const owner = ownerOf(connection);
      const { version } = connection;
      const opened = await tokens.get(tokensKeyOf(connection), async () => {
        const found = await store.tokens(connection);
        return found && { owner, version, tokens: found };
      });
      return opened?.tokens ?? null;
    },
    claim: thenForget(store.claim),
    replace: thenForget(store.replace),
    release: thenForget(store.release),
    interrupt: thenForget(store.interrupt),
    expire: thenForget(store.expire),
    retire: thenForget(store.retire),
    async activate(connection) {
      try {
        return await store.activate(connection);
      } finally {
        connections.forget(keyOf(connection.flow.viewer, connection.flow.provider));
      }
    },
    async displace(newer) {
      const displaced = await store.displace(newer);
      forgetIds(displaced);
      return displaced;
    },
    async touch(id, now) {
      await store.touch(id, now);
      forgetIds([id]);
    },
    async remove(id, outcome) {
      await store.remove(id, outcome);
      forgetIds([id]);
    },
  };
};

/** What ends frame sessions here is seen at once: with their viewer, or with their host. */
const rememberedSessions = (
  { frameSessions, connectionLists, bulkDisconnects }: Omit<RememberedStores, 'connections'>,
  sessions: Memory<BorneSession>,
  feed: ChangeFeed,
): Omit<RememberedStores, 'connections'> => ({
  frameSessions: {
    ...frameSessions,
    async byBearer(bearerHash) {
      const found = await sessions.get(bearerHash, async () => {
        const session = await frameSessions.byBearer(bearerHash);
        return session && { bearerHash, session };
      });
      return found?.session ?? null;
    },
    recall: (bearerHash) => sessions.recall(bearerHash)?.session,
    async renew(renewal: NewFrameSession) {
      try {
        return await frameSessions.renew(renewal);
      } finally {
        sessions.forget(renewal.bearerHash);
      }
    },
    async sweep(now) {
      await frameSessions.sweep(now);
      await feed.sweep(now);
    },
  },
  connectionLists: {
    ...connectionLists,
    async erase(viewer) {
      try {
        await connectionLists.erase(viewer);
      } finally {
        sessions.forgetWhere(({ session }) => session.viewer.id === viewer.id);
      }
    },
  },
  bulkDisconnects: {
    ...bulkDisconnects,
    async endSessions(host) {
      try {
        await bulkDisconnects.endSessions(host);
      } finally {
        sessions.forgetWhere(({ session }) => session.viewer.host === host);
      }
    },
  },
});
