import type { Departure } from '../../domain/departure.js';
import { UNFINISHED } from '../../domain/flow.js';
import { viewerOf } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, integer, toJson } from '../engine/rows.js';
import { list, sql } from '../engine/sql.js';
import { flowOf } from '../flows/flow-row.js';
import type { DepartureStore } from '../setup-stores.js';
import { connectionOf } from './connection-row.js';
import { columnsOf, concerned, departureOf, ofHost } from './departure-row.js';

const queries = (database: Database) => ({
  byId: async (id: string): Promise<Departure | null> =>
    first(await database.read(sql`select * from departure where id = ${id}`), departureOf),

  unfinished: async (): Promise<readonly Departure[]> =>
    (await database.read(sql`select * from departure where finished_at is null order by started_at, id`)).map(
      departureOf,
    ),

  ofViewer: async ({ id }: { readonly id: string }): Promise<Departure | null> => {
    const rows = await database.read(sql`
      select * from departure where viewer = ${id} and finished_at is null order by started_at desc limit 1`);
    return first(rows, departureOf);
  },

  latest: async (limit: number): Promise<readonly Departure[]> =>
    (await database.read(sql`select * from departure order by started_at desc, id limit ${limit}`)).map(
      departureOf,
    ),

  left: async (departure: Departure): Promise<number> => {
    const rows = await database.read(sql`
      select count(*) as count from connection where ${concerned(departure, 'created_at')}`);
    return first(rows, (row) => integer(row, 'count')) ?? 0;
  },

  unretired: async (departure: Departure, limit: number) => {
    const rows = await database.read(sql`
      select * from connection where ${concerned(departure, 'created_at')} and status <> 'revoking'
      order by id limit ${limit}`);
    return rows.map(connectionOf);
  },

  holding: async (departure: Departure, limit: number) => {
    const rows = await database.read(sql`
      select * from flow
      where ${concerned(departure, 'started_at')} and tokens is not null and status not in (${list(UNFINISHED)})
      order by id limit ${limit}`);
    return rows.map(flowOf);
  },
});

/** Departures in `database`. Whom they concern is asked anew each time: more may come to light while they last. */
export const departureStore = (database: Database): DepartureStore => ({
  ...queries(database),

  // Beside no removal: what is counted here must be counted there when it goes.
  start: ({ id, leaver, startedAt, startedBy }) =>
    database.exclusive(async (run) => {
      const { provider, host, viewer } = columnsOf(leaver);
      const [row] = await run(sql`
        insert into departure (
          id, kind, provider, host, viewer, started_at, started_by, total, revoked, unrevoked)
        select ${id}, ${leaver.kind}, ${provider}, ${host}, ${viewer}, ${startedAt}, ${startedBy}, count(*), 0, 0
        from connection where ${concerned({ leaver, startedAt }, 'created_at')}
        returning *`);
      if (row === undefined) throw new Error('A departure was not written down.');
      return departureOf(row);
    }),

  again: (id, now) =>
    database.exclusive(async (run) => {
      const rows = await run(sql`
        update departure
        set started_at = ${now}, closed_at = null,
          total = revoked + asked + none_left + unrevoked + (select count(*) from connection where connection.viewer = departure.viewer)
        where id = ${id} and kind = 'viewer' and finished_at is null
        returning *`);
      return first(rows, departureOf);
    }),

  async cancelFlows(departure, failure) {
    await database.write(sql`
      update flow set status = 'cancelled', failure = ${toJson(failure)}, verifier = null
      where ${concerned(departure, 'started_at')} and status in (${list(UNFINISHED)})`);
  },

  endSessions: (host) =>
    database.exclusive(async (run) => {
      await run(sql`delete from ticket where ${ofHost(host)}`);
      await run(sql`delete from web_session where ${ofHost(host)}`);
      // A host's token that was used stays used until it expires: only what it said is forgotten.
      await run(sql`
        update frame_lease
        set viewer = ${viewerOf(host, '').id}, profile = ${toJson({ name: null, email: null })}, parameters = '{}',
          locks = '{}', session = '', bearer_hash = '', expires_at = 0
        where ${ofHost(host)}`);
    }),

  async close(id, now) {
    await database.write(sql`update departure set closed_at = ${now} where id = ${id} and closed_at is null`);
  },

  async finish(departure, now) {
    const rows = await database.write(sql`
      update departure set finished_at = ${now}, viewer = null
      where id = ${departure.id} and finished_at is null and started_at = ${departure.startedAt}
        and not exists (select 1 from connection where ${concerned(departure, 'created_at')})
        and not exists (
          select 1 from flow where ${concerned(departure, 'started_at')} and tokens is not null)
      returning id`);
    return rows.length > 0;
  },
});
