import type { ClientStops } from '../../domain/stores.js';
import type { Database } from '../engine/database.js';
import { integer, text } from '../engine/rows.js';
import { sql } from '../engine/sql.js';

/** Stopped clients in `database`, so that every process keeps from asking. */
export const clientStops = (database: Database): ClientStops => ({
  async isStopped(key) {
    const rows = await database.read(sql`select 1 as stopped from client_stop where client_key = ${key}`);
    return rows.length > 0;
  },

  async stop(provider, key, now) {
    const rows = await database.write(sql`
      insert into client_stop (client_key, provider, stopped_at) values (${key}, ${provider}, ${now})
      on conflict (client_key) do nothing
      returning client_key`);
    return rows.length > 0;
  },

  async clear(provider) {
    const rows = await database.write(
      provider === null
        ? sql`delete from client_stop returning client_key`
        : sql`delete from client_stop where provider = ${provider} returning client_key`,
    );
    return rows.length;
  },

  async list() {
    const rows = await database.read(sql`select provider, stopped_at from client_stop order by stopped_at`);
    return rows.map((row) => ({ provider: text(row, 'provider'), stoppedAt: integer(row, 'stopped_at') }));
  },
});
