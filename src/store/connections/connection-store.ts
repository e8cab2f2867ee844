import type { Connection, ConnectionId, RefreshSetback, TokenSet } from '../../domain/connection.js';
import type { EndOutcome } from '../../domain/departure.js';
import type { Database } from '../engine/database.js';
import { first, text, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import type { TokenSealer } from '../sealing/token-set.js';
import type { ConnectionStore } from '../stores.js';
import { activation } from './activation.js';
import { connectionOf, placeOf } from './connection-row.js';
import { counted } from './departure-row.js';
import { keeping } from './keeping.js';
import type { UnwantedTokens } from './unwanted-tokens.js';

const setbackOf = (setback: RefreshSetback | undefined): string | null =>
  setback === undefined ? null : toJson(setback);

/** Statements that refresh or replace tokens; see `claim` for the lease. */
const leases = (database: Database, seals: TokenSealer) => ({
  claim: async (
    connection: Connection,
    owner: string,
    now: number,
    until: number,
    dead: string | null = null,
  ): Promise<boolean> => {
    const rows = await database.write(sql`
      update connection
      set lease_owner = ${owner}, lease_until = ${until}, refresh_intent_at = coalesce(refresh_intent_at, ${now})
      where id = ${connection.id} and version = ${connection.version} and status = 'active'
        and (lease_until is null or lease_until <= ${now} or lease_owner = ${dead})
      returning id`);
    return rows.length > 0;
  },

  replace: async (connection: Connection, tokens: TokenSet, now: number) => {
    const version = connection.version + 1;
    const scopes = tokens.scopes === null ? null : toJson(tokens.scopes);
    const rows = await database.write(sql`
      update connection
      set tokens = ${seals.seal(tokens, placeOf({ ...connection, version }))}, version = ${version},
        expires_at = ${tokens.expiresAt}, scopes = coalesce(${scopes}, scopes), last_used_at = ${now},
        refreshed_at = ${now}, refresh_setback = null, status = 'active', reason = null,
        lease_owner = null, lease_until = null, refresh_intent_at = null
      where id = ${connection.id} and version = ${connection.version}
        and (status = 'active' or (status = 'reconnect' and reason in ('interrupted', 'expired')))
      returning *`);
    return first(rows, connectionOf);
  },

  release: async (connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> => {
    await database.write(sql`
      update connection
      set lease_owner = null, lease_until = null, refresh_intent_at = null,
        refresh_setback = coalesce(${setbackOf(setback)}, refresh_setback)
      where id = ${connection.id} and version = ${connection.version} and lease_owner = ${owner}`);
  },

  interrupt: async (connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> => {
    await database.write(sql`
      update connection
      set lease_owner = null, lease_until = null,
        refresh_setback = coalesce(${setbackOf(setback)}, refresh_setback)
      where id = ${connection.id} and version = ${connection.version} and lease_owner = ${owner}`);
  },
});

/** Statements that end a Connection. */
const endings = (database: Database, seals: TokenSealer) => ({
  expire: async (connection: Connection, reason: NonNullable<Connection['reason']>): Promise<boolean> => {
    const rows = await database.write(sql`
      update connection
      set status = 'reconnect', reason = ${reason}, tokens = null, expires_at = null,
        lease_owner = null, lease_until = null, refresh_intent_at = null, refresh_setback = null
      where id = ${connection.id} and version = ${connection.version} and status = 'active'
      returning id`);
    return rows.length > 0;
  },

  retire: async (connection: Connection, now: number, until?: number): Promise<Connection | null> => {
    // A refresh whose outcome is not known stays noted: what is revoked then may not be all that was granted.
    const rows = await database.write(sql`
      update connection
      set status = 'revoking', reason = null, generation = generation + 1, last_used_at = ${now},
        lease_owner = null, lease_until = ${until ?? null}
      where id = ${connection.id} and generation = ${connection.generation}
      returning *`);
    return first(rows, connectionOf);
  },

  takeDue: async (due: Connection, until: number): Promise<boolean> => {
    const rows = await database.write(sql`
      update connection set lease_until = ${until}
      where id = ${due.id} and status = 'revoking' and coalesce(lease_until, 0) = ${due.leaseUntil ?? 0}
      returning id`);
    return rows.length > 0;
  },

  keep: async (unwanted: UnwantedTokens): Promise<Connection> => {
    const kept = first(await database.write(keeping(seals, unwanted)), connectionOf);
    if (kept === null) throw new Error('Tokens to be taken back were not kept.');
    return kept;
  },

  intendRefresh: async (retired: Connection, now: number): Promise<void> => {
    await database.write(sql`
      update connection set refresh_intent_at = coalesce(refresh_intent_at, ${now})
      where id = ${retired.id} and version = ${retired.version} and status = 'revoking'`);
  },

  replaceRetired: async (retired: Connection, tokens: TokenSet): Promise<Connection | null> => {
    const version = retired.version + 1;
    const rows = await database.write(sql`
      update connection
      set tokens = ${seals.seal(tokens, placeOf({ ...retired, version }))}, version = ${version},
        expires_at = ${tokens.expiresAt}, refresh_intent_at = null
      where id = ${retired.id} and version = ${retired.version} and status = 'revoking'
      returning *`);
    return first(rows, connectionOf);
  },

  remove: (id: ConnectionId, outcome: EndOutcome): Promise<void> =>
    database.exclusive(async (run) => {
      const [gone] = await run(sql`delete from connection where id = ${id} returning *`);
      if (gone !== undefined) await run(counted(connectionOf(gone), outcome));
    }),

  displace: async (newer: Connection): Promise<readonly ConnectionId[]> => {
    if (newer.account === null) return [];
    // The order of the grants decides which of them the provider ended, not the order in which viewers accepted them.
    const rows = await database.write(sql`
      update connection
      set status = 'reconnect', reason = 'connected-elsewhere', tokens = null, expires_at = null,
        lease_owner = null, lease_until = null, refresh_intent_at = null
      where provider = ${newer.provider} and client_id = ${newer.clientId}
        and account_id = ${toJson(newer.account.id)} and status = 'active' and id <> ${newer.id}
        and granted_at <= (select granted_at from connection where id = ${newer.id})
      returning id`);
    return rows.map((row) => text(row, 'id') as ConnectionId);
  },
});

const queries = (database: Database, seals: TokenSealer) => ({
  find: async (viewer: Connection['viewer'], provider: string): Promise<Connection | null> => {
    const rows = await database.read(sql`
      select * from connection
      where viewer = ${viewer.id} and provider = ${provider} and status <> 'revoking'`);
    return first(rows, connectionOf);
  },

  byId: async (id: ConnectionId): Promise<Connection | null> =>
    first(await database.read(sql`select * from connection where id = ${id}`), connectionOf),

  ofViewer: async (viewer: Connection['viewer']): Promise<readonly Connection[]> => {
    const rows = await database.read(sql`
      select * from connection where viewer = ${viewer.id} order by provider, created_at, id`);
    return rows.map(connectionOf);
  },

  tokens: async (connection: Connection): Promise<TokenSet | null> => {
    const rows = await database.read(sql`
      select tokens from connection
      where id = ${connection.id} and generation = ${connection.generation} and version = ${connection.version}
        and tokens is not null`);
    return first(rows, (row) => seals.open(text(row, 'tokens'), placeOf(connection)));
  },

  hasNewerOfClient: async (connection: Connection): Promise<boolean> => {
    const rows = await database.read(sql`
      select id from connection
      where provider = ${connection.provider} and client_id = ${connection.clientId}
        and id <> ${connection.id}
        and granted_at > (select granted_at from connection where id = ${connection.id})
      limit 1`);
    return rows.length > 0;
  },

  othersRefreshed: async (connection: Connection, since: number): Promise<boolean> => {
    const rows = await database.read(sql`
      select id from connection
      where provider = ${connection.provider} and client_id = ${connection.clientId}
        and refreshed_at > ${since} and id <> ${connection.id}
      limit 1`);
    return rows.length > 0;
  },

  othersOfAccount: async ({
    provider,
    clientId,
    account,
    viewer,
  }: Connection): Promise<readonly Connection[]> => {
    if (account === null) return [];
    const rows = await database.read(sql`
      select * from connection
      where provider = ${provider} and client_id = ${clientId} and account_id = ${toJson(account.id)}
        and status = 'active' and viewer <> ${viewer.id}
      order by last_used_at desc limit 20`);
    return rows.map(connectionOf);
  },

  unusedSince: async (before: number, limit: number): Promise<readonly Connection[]> => {
    const rows = await database.read(sql`
      select * from connection where status in ('active', 'reconnect') and last_used_at < ${before}
      order by last_used_at limit ${limit}`);
    return rows.map(connectionOf);
  },

  due: async (now: number, limit: number): Promise<readonly Connection[]> => {
    const rows = await database.read(sql`
      select * from connection where status = 'revoking' and coalesce(lease_until, 0) <= ${now}
      order by coalesce(lease_until, 0), id limit ${limit}`);
    return rows.map(connectionOf);
  },
});

/** Connections in `database`, their tokens sealed. */
export const connectionStore = (database: Database, seals: TokenSealer): ConnectionStore => ({
  ...queries(database, seals),
  ...leases(database, seals),
  ...endings(database, seals),
  activate: activation(database, seals),
  recall: () => undefined,

  async touch(id, now) {
    await database.write(sql`
      update connection set last_used_at = ${now} where id = ${id} and last_used_at < ${now}`);
  },
});
