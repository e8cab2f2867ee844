import type { Connection, ConnectionId, ConnectionStatus, ReconnectReason } from '../../domain/connection.js';
import { type Viewer, type ViewerProfile, viewerOf } from '../../domain/viewer.js';
import type { Database, Row } from '../engine/database.js';
import { addUpCounts, keptCounts } from '../engine/kept-counts.js';
import { account, integer, json, maybe, oneOf, text, toJson } from '../engine/rows.js';
import { list, type Query, sql } from '../engine/sql.js';
import { connectionOf, maybeReason, statuses } from './connection-row.js';

type Plain = Readonly<Record<string, string | number | null>>;

const maybeText = maybe(text);
const maybeInteger = maybe(integer);

const words = (row: Row, column: string): string => json<readonly string[]>(row, column).join(' ');
const accountOf = (row: Row): Plain => {
  const known = account(row);
  return { accountId: known?.id ?? null, accountLabel: known?.label ?? null };
};
const profileOf = (row: Row): Plain => {
  const { name, email } = json<ViewerProfile>(row, 'profile');
  return { name, email };
};

/** One kind of thing that is kept of a viewer: where it is, and what of it is theirs to see. */
interface Belonging {
  readonly rows: (viewer: Viewer) => Query;
  readonly plain: (row: Row) => Plain;
}

// Columns are named one by one: what is added to a table is kept back until someone decides that it is no secret.
const connections: Belonging = {
  rows: (viewer) => sql`
    select id, provider, account_id, account_label, scopes, status, reason, granted_at, created_at,
      last_used_at, expires_at
    from connection where viewer = ${viewer.id} order by created_at, id`,
  plain: (row) => ({
    id: text(row, 'id'),
    provider: text(row, 'provider'),
    ...accountOf(row),
    scopes: words(row, 'scopes'),
    status: text(row, 'status'),
    reason: maybeText(row, 'reason'),
    grantedAt: integer(row, 'granted_at'),
    createdAt: integer(row, 'created_at'),
    lastUsedAt: integer(row, 'last_used_at'),
    tokenExpiresAt: maybeInteger(row, 'expires_at'),
  }),
};

const gadgetUses: Belonging = {
  rows: (viewer) => sql`
    select provider, gadget, used.last_used_at as used_at
    from connection_use as used join connection on connection.id = used.connection
    where viewer = ${viewer.id} order by used.last_used_at, gadget`,
  plain: (row) => ({
    provider: text(row, 'provider'),
    gadget: text(row, 'gadget'),
    lastUsedAt: integer(row, 'used_at'),
  }),
};

const flows: Belonging = {
  rows: (viewer) => sql`
    select profile, gadget, provider, intent, mode, status, scopes, account_id, account_label, started_at, expires_at
    from flow where viewer = ${viewer.id} order by started_at, id`,
  plain: (row) => ({
    ...profileOf(row),
    gadget: text(row, 'gadget'),
    provider: text(row, 'provider'),
    intent: text(row, 'intent'),
    mode: text(row, 'mode'),
    status: text(row, 'status'),
    scopes: words(row, 'scopes'),
    ...accountOf(row),
    startedAt: integer(row, 'started_at'),
    expiresAt: integer(row, 'expires_at'),
  }),
};

const frameSessions: Belonging = {
  rows: (viewer) => sql`
    select session, profile, gadget, parameters, locks, locale, time_zone, launched_at, expires_at
    from frame_lease where viewer = ${viewer.id} order by launched_at, expires_at, session`,
  plain: (row) => ({
    id: text(row, 'session'),
    ...profileOf(row),
    gadget: text(row, 'gadget'),
    parameters: text(row, 'parameters'),
    locks: text(row, 'locks'),
    locale: text(row, 'locale'),
    timeZone: text(row, 'time_zone'),
    launchedAt: integer(row, 'launched_at'),
    expiresAt: integer(row, 'expires_at'),
  }),
};

const choices: Belonging = {
  rows: (viewer) => sql`
    select gadget, parameter, value, chosen_at from viewer_choice where viewer = ${viewer.id}
    order by gadget, parameter`,
  plain: (row) => ({
    gadget: text(row, 'gadget'),
    parameter: text(row, 'parameter'),
    value: json<string>(row, 'value'),
    chosenAt: integer(row, 'chosen_at'),
  }),
};

const tickets: Belonging = {
  rows: (viewer) => sql`select name, expires_at from ticket where viewer = ${viewer.id} order by expires_at`,
  plain: (row) => ({ name: json<string | null>(row, 'name'), expiresAt: integer(row, 'expires_at') }),
};

const sessions: Belonging = {
  rows: (viewer) => sql`select expires_at from web_session where viewer = ${viewer.id} order by expires_at`,
  plain: (row) => ({ expiresAt: integer(row, 'expires_at') }),
};

const bulkDisconnects: Belonging = {
  rows: (viewer) =>
    sql`select started_at, total from departure where viewer = ${viewer.id} order by started_at`,
  plain: (row) => ({ startedAt: integer(row, 'started_at'), connections: integer(row, 'total') }),
};

const kinds = {
  connections,
  uses: gadgetUses,
  flows,
  frameSessions,
  choices,
  tickets,
  sessions,
  departures: bulkDisconnects,
};

const EMPTY_PROFILE = toJson({ name: null, email: null });
const ERASED = toJson({ code: 'cancelled', as: 'cancelled_erased' });

const eraseAs = (viewer: Viewer): readonly Query[] => [
  sql`
    delete from connection_use
    where connection in (select id from connection where viewer = ${viewer.id})`,
  sql`delete from viewer_choice where viewer = ${viewer.id}`,
  sql`delete from ticket where viewer = ${viewer.id}`,
  sql`delete from web_session where viewer = ${viewer.id}`,
  sql`delete from flow where viewer = ${viewer.id} and tokens is null`,
  // Another person’s flow that this person’s browser had in hand goes no further.
  sql`update flow set vouched_for = null where vouched_for = ${viewer.id}`,
  // Tokens that were held for a consent must be revoked before they are forgotten: the sweep does both within minutes.
  sql`
    update flow
    set status = 'cancelled', failure = ${ERASED}, profile = ${EMPTY_PROFILE}, verifier = null,
      account_id = null, account_label = null
    where viewer = ${viewer.id}`,
  // A host's token that was used stays used until it expires: only what it said is forgotten.
  sql`
    update frame_lease
    set viewer = ${viewerOf(viewer.host, '').id}, profile = ${EMPTY_PROFILE}, parameters = '{}', locks = '{}',
      session = '', bearer_hash = '', expires_at = 0
    where viewer = ${viewer.id}`,
];

export interface ConnectionFilter {
  readonly provider?: string;
  readonly host?: string;
  readonly status?: ConnectionStatus;
}

/** How many Connections of a host and provider are in one state. */
interface ConnectionCount {
  readonly provider: string;
  readonly host: string;
  readonly status: ConnectionStatus;
  readonly reason: ReconnectReason | null;
  readonly count: number;
}

/** When a gadget last used a Connection. */
interface ConnectionUse {
  readonly connection: ConnectionId;
  readonly gadget: string;
  readonly lastUsedAt: number;
}

const nothing = sql``;

const matching = ({ provider, host, status }: ConnectionFilter): Query => sql`
  ${provider === undefined ? nothing : sql`and provider = ${provider}`}
  ${host === undefined ? nothing : sql`and host = ${toJson(host)}`}
  ${status === undefined ? nothing : sql`and status = ${status}`}`;

/** What a kept count is of, as the schema names it. */
const countedAs = (name: string) => {
  const [provider = '', status = '', reason = '', ...host] = name.split(' ');
  const row = { provider, status, reason: reason === '-' ? null : reason, host: host.join(' ') };
  return {
    provider,
    host: json<string>(row, 'host'),
    status: oneOf(row, 'status', statuses),
    reason: maybeReason(row, 'reason'),
  };
};

/** Connections as administrators and viewers look at them: listed, counted, exported and erased. Nothing here reads a token. */
export class ConnectionLists {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** By id, at most `limit`, after the id `after`. */
  async page(
    filter: ConnectionFilter,
    { after, limit }: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly Connection[]> {
    const rows = await this.#database.browse(sql`
      select * from connection where id > ${after ?? ''} ${matching(filter)} order by id limit ${limit}`);
    return rows.map(connectionOf);
  }

  /** They are kept, not counted: it takes no longer with more Connections. */
  async counts(): Promise<readonly ConnectionCount[]> {
    return [...(await keptCounts(this.#database, 'connection'))].map(([name, count]) => ({
      ...countedAs(name),
      count,
    }));
  }

  /** Adds up what was kept of changes, now and then. */
  addUp(): Promise<void> {
    return addUpCounts(this.#database);
  }

  /** Remembers that a gadget used a Connection; the latest use counts. Of one that is gone nothing is remembered. */
  async used(connection: ConnectionId, gadget: string, now: number): Promise<void> {
    await this.#database.write(sql`
      insert into connection_use (connection, gadget, last_used_at)
      select id, ${gadget}, ${now} from connection where id = ${connection}
      on conflict (connection, gadget) do update set last_used_at = excluded.last_used_at
      where connection_use.last_used_at < excluded.last_used_at`);
  }

  async usesOf(connections: readonly ConnectionId[]): Promise<readonly ConnectionUse[]> {
    const rows = await this.#database.read(sql`
      select connection, gadget, last_used_at from connection_use
      where connection in (${list(connections)}) order by last_used_at desc, gadget`);
    return rows.map((row) => ({
      connection: text(row, 'connection') as ConnectionId,
      gadget: text(row, 'gadget'),
      lastUsedAt: integer(row, 'last_used_at'),
    }));
  }

  /**
   * Everything that is kept of one viewer but tokens and the audit log: tables → rows of plain values, for the viewer's own export.
   * Times are epoch milliseconds.
   */
  everythingOf(viewer: Viewer): Promise<Readonly<Record<string, readonly Plain[]>>> {
    return this.#database.snapshot(async (run) => {
      const all: Record<string, readonly Plain[]> = {};
      for (const [kind, { rows, plain }] of Object.entries(kinds)) {
        all[kind] = (await run(rows(viewer))).map(plain);
      }
      return all;
    });
  }

  /**
   * Forgets what is kept of a viewer but Connections (they are revoked first) and the audit log: flows, sessions, uses, choices, tickets.
   * A flow that holds tokens is cancelled, and goes when the sweep has revoked them.
   */
  async erase(viewer: Viewer): Promise<void> {
    await this.#database.exclusive(`viewer ${viewer.id}`, async (run) => {
      for (const statement of eraseAs(viewer)) await run(statement);
    });
  }
}
