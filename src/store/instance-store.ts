import type { Actor } from '../domain/actor.js';
import type { FaultyGadget } from '../domain/faulty-gadget.js';
import type { Database, Row } from './engine/database.js';
import { first, integer, json, maybe, text, toJson } from './engine/rows.js';
import { sql } from './engine/sql.js';

/** A running server, as it last said of itself. */
export interface Instance {
  readonly id: string;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Ids of the keys it can open tokens with; the first seals. */
  readonly keys: readonly string[];
  /** The last reload it carried out, and what came of it: null when all is well. */
  readonly reload: number;
  readonly problem: string | null;
  /** Settings that were changed in its file and wait for a restart. */
  readonly restart: readonly string[];
  /** Gadgets that it leaves out or keeps as they were because of their own mistakes. */
  readonly gadgets: readonly FaultyGadget[];
}

/** A request that every running server read its file again. */
export interface ReloadRequest {
  /** 1, 2, 3 …; 0 when there was none. */
  readonly number: number;
  readonly by: Actor;
}

/** A server that was not heard of for so long no longer runs, ms. */
export const SILENT = 30_000;
/** A server that was not heard of for so long is forgotten: it did not end in good order. */
const FORGOTTEN_AFTER = 24 * 60 * 60_000;

const maybeJson = maybe(json<string>);

const instanceOf = (row: Row): Instance => ({
  id: text(row, 'id'),
  startedAt: integer(row, 'started_at'),
  seenAt: integer(row, 'seen_at'),
  keys: json<readonly string[]>(row, 'keys'),
  reload: integer(row, 'reload'),
  problem: maybeJson(row, 'problem'),
  restart: json<readonly string[]>(row, 'restart'),
  gadgets: json<readonly FaultyGadget[]>(row, 'gadgets'),
});

/** How servers and commands hear of each other. */
export class InstanceStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async beat(instance: Instance): Promise<void> {
    const { id, startedAt, seenAt, keys, reload, problem, restart, gadgets } = instance;
    await this.#database.write(sql`
      insert into instance (id, started_at, seen_at, keys, reload, problem, restart, gadgets)
      values (${id}, ${startedAt}, ${seenAt}, ${toJson(keys)}, ${reload},
        ${problem === null ? null : toJson(problem)}, ${toJson(restart)}, ${toJson(gadgets)})
      on conflict (id) do update
      set seen_at = excluded.seen_at, keys = excluded.keys, reload = excluded.reload,
        problem = excluded.problem, restart = excluded.restart, gadgets = excluded.gadgets`);
    await this.#database.write(sql`delete from instance where seen_at < ${seenAt - FORGOTTEN_AFTER}`);
  }

  async gone(id: string): Promise<void> {
    await this.#database.write(sql`delete from instance where id = ${id}`);
  }

  /** Those seen since then. */
  async alive(since: number): Promise<readonly Instance[]> {
    const rows = await this.#database.read(sql`
      select * from instance where seen_at >= ${since} order by started_at, id`);
    return rows.map(instanceOf);
  }

  /** Asks every running server to read its file again; gives the number of this request. */
  requestReload(by: Actor, now: number): Promise<number> {
    return this.#database.exclusive('reload', async (run) => {
      const rows = await run(sql`
        insert into reload_request (number, requested_at, requested_by)
        select coalesce(max(number), 0) + 1, ${now}, ${toJson(by)} from reload_request
        returning number`);
      const number = first(rows, (row) => integer(row, 'number')) ?? 0;
      // Only the latest is ever asked for.
      await run(sql`delete from reload_request where number < ${number}`);
      return number;
    });
  }

  /** The latest one. */
  async reloadRequested(): Promise<ReloadRequest> {
    const rows = await this.#database.read(
      sql`select number, requested_by from reload_request order by number desc limit 1`,
    );
    const request = first(rows, (row) => ({
      number: integer(row, 'number'),
      by: json<Actor>(row, 'requested_by'),
    }));
    return request ?? { number: 0, by: { kind: 'system' } };
  }
}
