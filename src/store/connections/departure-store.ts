import type { Connection } from '../../domain/connection.js';
import type { Departure, Leaver } from '../../domain/departure.js';
import { type Flow, type FlowFailure, UNFINISHED } from '../../domain/flow.js';
import { type Viewer, viewerOf } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, integer, toJson } from '../engine/rows.js';
import { list, sql } from '../engine/sql.js';
import { flowOf } from '../flows/flow-row.js';
import { connectionOf } from './connection-row.js';
import { columnsOf, concerned, departureOf, ofHost } from './departure-row.js';

export interface DepartureStore {
  /** Counts the Connections that have to go and writes the departure down, at once. */
  start(departure: {
    readonly id: string;
    readonly leaver: Leaver;
    readonly startedAt: number;
    readonly startedBy: string;
  }): Promise<Departure>;
  byId(id: string): Promise<Departure | null>;
  unfinished(): Promise<readonly Departure[]>;
  /** The unfinished departure of this viewer, or null. */
  ofViewer(viewer: Viewer): Promise<Departure | null>;
  /**
   * Makes an unfinished departure of a viewer concern all that is kept of them at `now`, as if it began then: they came back, and leave
   * once more. Null when it was finished.
   */
  again(id: string, now: number): Promise<Departure | null>;
  /** The latest ones, newest first. */
  latest(limit: number): Promise<readonly Departure[]>;
  /** Connections that still have to go, those being revoked included. */
  left(departure: Departure): Promise<number>;
  /** Those of them that nobody retired yet, at most `limit`. */
  unretired(departure: Departure, limit: number): Promise<readonly Connection[]>;
  /** Cancels every consent in progress that would make another one; what they hold stays until it is revoked. */
  cancelFlows(departure: Pick<Departure, 'leaver' | 'startedAt'>, failure: FlowFailure): Promise<void>;
  /** Flows of the departure, ended, that hold tokens. */
  holding(departure: Departure, limit: number): Promise<readonly Flow[]>;
  /** Ends the frame sessions, tickets and sessions of My connections of all viewers of a host. */
  endSessions(host: string): Promise<void>;
  /** Remembers that flows and sessions were ended. */
  close(id: string, now: number): Promise<void>;
  /** Finishes a departure of which nothing is left, and forgets which viewer left. False when something is left, or it was finished. */
  finish(departure: Departure, now: number): Promise<boolean>;
}

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
