import type { Connection, ConnectionId } from '../../domain/connection.js';
import type { Database } from '../engine/database.js';
import { addUpCounts, keptCounts } from '../engine/kept-counts.js';
import { integer, json, oneOf, text, toJson } from '../engine/rows.js';
import { list, type Query, sql } from '../engine/sql.js';
import type { ConnectionFilter, ConnectionLists } from '../setup-stores.js';
import { connectionOf, maybeReason, statuses } from './connection-row.js';
import { belongings } from './viewer-belongings.js';

const nothing = sql``;

const matching = ({ provider, host, status }: ConnectionFilter): Query => sql`
  ${provider === undefined ? nothing : sql`and provider = ${provider}`}
  ${host === undefined ? nothing : sql`and host = ${toJson(host)}`}
  ${status === undefined ? nothing : sql`and status = ${status}`}`;

const uses = (database: Database): Pick<ConnectionLists, 'used' | 'usesOf'> => ({
  async used(connection, gadget, now) {
    await database.write(sql`
      insert into connection_use (connection, gadget, last_used_at)
      select id, ${gadget}, ${now} from connection where id = ${connection}
      on conflict (connection, gadget) do update set last_used_at = excluded.last_used_at
      where connection_use.last_used_at < excluded.last_used_at`);
  },

  async usesOf(connections) {
    const rows = await database.read(sql`
      select connection, gadget, last_used_at from connection_use
      where connection in (${list(connections)}) order by last_used_at desc, gadget`);
    return rows.map((row) => ({
      connection: text(row, 'connection') as ConnectionId,
      gadget: text(row, 'gadget'),
      lastUsedAt: integer(row, 'last_used_at'),
    }));
  },
});

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

/** Connections in `database` as they are listed, counted, exported and erased: nothing here reads a token. */
export const connectionLists = (database: Database): ConnectionLists => ({
  async page(filter, { after, limit }): Promise<readonly Connection[]> {
    const rows = await database.browse(sql`
      select * from connection where id > ${after ?? ''} ${matching(filter)} order by id limit ${limit}`);
    return rows.map(connectionOf);
  },

  async counts() {
    return [...(await keptCounts(database, 'connection'))].map(([name, count]) => ({
      ...countedAs(name),
      count,
    }));
  },

  addUp: () => addUpCounts(database),

  ...uses(database),
  ...belongings(database),
});
