import type { Connection, ConnectionId, TokenSet } from '../domain/connection.js';
import type { FrameSession } from '../domain/frame-session.js';
import type { Clock } from '../domain/ports.js';
import type { ConnectionStore, NewFrameSession, Stores } from '../domain/stores.js';
import type { Viewer } from '../domain/viewer.js';
import { Memory } from './engine/memory.js';

/** For how long another process's write may go unseen. */
const LIFE = 2000;
const SIZE = 10_000;

const keyOf = (viewer: Viewer, provider: string): string => `${viewer.id} ${provider}`;
const tokensKeyOf = (connection: Connection): string => `${connection.id} ${connection.version}`;

/**
 * Remembers Connections and their opened tokens for two seconds; a write of this process is seen at once, whatever came of it.
 * Nothing is remembered of a viewer without a Connection.
 */
export const rememberedConnections = (store: ConnectionStore, clock: Clock): ConnectionStore => {
  const connections = new Memory<Connection>(SIZE, clock, (_, begun) => begun + LIFE);
  const tokens = new Memory<TokenSet>(SIZE, clock, (_, begun) => begun + LIFE);

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
    if (ids.length > 0) connections.forgetWhere((connection) => ids.includes(connection.id));
  };

  return {
    ...store,
    find: (viewer, provider) => connections.get(keyOf(viewer, provider), () => store.find(viewer, provider)),
    tokens: (connection) => tokens.get(tokensKeyOf(connection), () => store.tokens(connection)),
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

/** Frame sessions, and the stores that end them: with their viewer, or with their host. */
type FrameStores = Pick<Stores, 'frameSessions' | 'connectionLists' | 'departures'>;

/**
 * Remembers frame sessions for two seconds at most: they change in nothing but their expiry, but another process may end them, when
 * their viewer or host leaves. What ends them here is seen at once.
 */
export const rememberedFrameSessions = (
  { frameSessions, connectionLists, departures }: FrameStores,
  clock: Clock,
): FrameStores => {
  const sessions = new Memory<FrameSession>(SIZE, clock, (session, begun) =>
    Math.min(session.expiresAt, begun + LIFE),
  );
  return {
    frameSessions: {
      ...frameSessions,
      byBearer: (bearerHash) => sessions.get(bearerHash, () => frameSessions.byBearer(bearerHash)),
      async renew(renewal: NewFrameSession) {
        try {
          return await frameSessions.renew(renewal);
        } finally {
          sessions.forget(renewal.bearerHash);
        }
      },
    },
    connectionLists: {
      ...connectionLists,
      async erase(viewer) {
        try {
          await connectionLists.erase(viewer);
        } finally {
          sessions.forgetWhere((session) => session.viewer.id === viewer.id);
        }
      },
    },
    departures: {
      ...departures,
      async endSessions(host) {
        try {
          await departures.endSessions(host);
        } finally {
          sessions.forgetWhere((session) => session.viewer.host === host);
        }
      },
    },
  };
};
