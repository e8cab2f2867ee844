import type { BulkDisconnect, Leaver } from '../../domain/bulk-disconnect.js';
import type { Connection } from '../../domain/connection.js';
import type { Flow, FlowFailure } from '../../domain/flow.js';
import { type Viewer, viewerOf } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, integer, toJson } from '../engine/rows.js';
import { list, sql } from '../engine/sql.js';
import { flowOf, STORED_UNFINISHED } from '../flows/flow-row.js';
import { bulkDisconnectOf, columnsOf, concerned, ofHost } from './bulk-disconnect-row.js';
import { connectionOf } from './connection-row.js';

/** Bulk disconnects in a database. Who is affected is looked up again each time: more may turn up while they last. */
export class BulkDisconnectStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** Counts the Connections that have to go and writes the bulk disconnect down, at once. */
  start({
    id,
    leaver,
    startedAt,
    startedBy,
  }: {
    readonly id: string;
    readonly leaver: Leaver;
    readonly startedAt: number;
    readonly startedBy: string;
  }): Promise<BulkDisconnect> {
    // Beside no removal: what is counted here must be counted there when it goes.
    return this.#database.exclusive('connections', async (run) => {
      const { provider, host, viewer } = columnsOf(leaver);
      const [row] = await run(sql`
        insert into departure (
          id, kind, provider, host, viewer, started_at, started_by, total, revoked, unrevoked)
        select ${id}, ${leaver.kind}, ${provider}, ${host}, ${viewer}, ${startedAt}, ${startedBy}, count(*), 0, 0
        from connection where ${concerned({ leaver, startedAt }, 'created_at')}
        returning *`);
      if (row === undefined) throw new Error('A bulk disconnect was not written down.');
      return bulkDisconnectOf(row);
    });
  }

  async byId(id: string): Promise<BulkDisconnect | null> {
    const rows = await this.#database.read(sql`select * from departure where id = ${id}`);
    return first(rows, bulkDisconnectOf);
  }

  async unfinished(): Promise<readonly BulkDisconnect[]> {
    const rows = await this.#database.read(
      sql`select * from departure where finished_at is null order by started_at, id`,
    );
    return rows.map(bulkDisconnectOf);
  }

  /** The unfinished bulk disconnect of this viewer, or null. */
  async ofViewer({ id }: Viewer): Promise<BulkDisconnect | null> {
    const rows = await this.#database.read(sql`
      select * from departure where viewer = ${id} and finished_at is null order by started_at desc limit 1`);
    return first(rows, bulkDisconnectOf);
  }

  /**
   * Makes an unfinished bulk disconnect of a viewer concern all that is kept of them at `now`, as if it started then: they came back, and leave
   * once more. Null when it was finished.
   */
  again(id: string, now: number): Promise<BulkDisconnect | null> {
    return this.#database.exclusive('connections', async (run) => {
      const rows = await run(sql`
        update departure
        set started_at = ${now}, closed_at = null,
          total = revoked + asked + none_left + unrevoked + (select count(*) from connection where connection.viewer = departure.viewer)
        where id = ${id} and kind = 'viewer' and finished_at is null
        returning *`);
      return first(rows, bulkDisconnectOf);
    });
  }

  /** The latest ones, newest first. */
  async latest(limit: number): Promise<readonly BulkDisconnect[]> {
    const rows = await this.#database.read(
      sql`select * from departure order by started_at desc, id limit ${limit}`,
    );
    return rows.map(bulkDisconnectOf);
  }

  /** Connections that still have to go, those being revoked included. */
  async left(bulkDisconnect: BulkDisconnect): Promise<number> {
    const rows = await this.#database.read(sql`
      select count(*) as count from connection where ${concerned(bulkDisconnect, 'created_at')}`);
    return first(rows, (row) => integer(row, 'count')) ?? 0;
  }

  /** Those of them that are not retired yet, at most `limit`. */
  async unretired(bulkDisconnect: BulkDisconnect, limit: number): Promise<readonly Connection[]> {
    const rows = await this.#database.read(sql`
      select * from connection where ${concerned(bulkDisconnect, 'created_at')} and status <> 'revoking'
      order by id limit ${limit}`);
    return rows.map(connectionOf);
  }

  /** Cancels every consent in progress that would make another one; what they hold stays until it is revoked. */
  async cancelFlows(
    bulkDisconnect: Pick<BulkDisconnect, 'leaver' | 'startedAt'>,
    failure: FlowFailure,
  ): Promise<void> {
    await this.#database.write(sql`
      update flow set status = 'cancelled', failure = ${toJson(failure)}, verifier = null
      where ${concerned(bulkDisconnect, 'started_at')} and status in (${list(STORED_UNFINISHED)})`);
  }

  /** Flows of the bulk disconnect, ended, that hold tokens. */
  async holding(bulkDisconnect: BulkDisconnect, limit: number): Promise<readonly Flow[]> {
    const rows = await this.#database.read(sql`
      select * from flow
      where ${concerned(bulkDisconnect, 'started_at')} and tokens is not null and status not in (${list(STORED_UNFINISHED)})
      order by id limit ${limit}`);
    return rows.map(flowOf);
  }

  /** Ends the frame sessions, tickets and sessions of My connections of all viewers of a host, and forgets what they chose in gadgets. */
  async endSessions(host: string): Promise<void> {
    await this.#database.exclusive('connections', async (run) => {
      await run(sql`delete from viewer_choice where ${ofHost(host)}`);
      await run(sql`delete from ticket where ${ofHost(host)}`);
      await run(sql`delete from web_session where ${ofHost(host)}`);
      // A host's token that was used stays used until it expires: only what it said is forgotten.
      await run(sql`
        update frame_lease
        set viewer = ${viewerOf(host, '').id}, profile = ${toJson({ name: null, email: null })}, parameters = '{}',
          locks = '{}', session = '', bearer_hash = '', expires_at = 0
        where ${ofHost(host)}`);
    });
  }

  /** Remembers that flows and sessions were ended. */
  async close(id: string, now: number): Promise<void> {
    await this.#database.write(
      sql`update departure set closed_at = ${now} where id = ${id} and closed_at is null`,
    );
  }

  /** Finishes a bulk disconnect of which nothing is left, and forgets which viewer left. False when something is left, or it was finished. */
  async finish(bulkDisconnect: BulkDisconnect, now: number): Promise<boolean> {
    const statement = sql`
      update departure set finished_at = ${now}, viewer = null
      where id = ${bulkDisconnect.id} and finished_at is null and started_at = ${bulkDisconnect.startedAt}
        and not exists (select 1 from connection where ${concerned(bulkDisconnect, 'created_at')})
        and not exists (
          select 1 from flow where ${concerned(bulkDisconnect, 'started_at')} and tokens is not null)
      returning id`;
    const rows = await this.#database.alone('connections', statement);
    return rows.length > 0;
  }
}
