import type { ConnectionId } from '../../domain/connection.js';
import type { Database, Run } from '../engine/database.js';
import { first, integer, text } from '../engine/rows.js';
import { list, type Query, raw, sql } from '../engine/sql.js';

/** One Connection's refresh at which the server said that it does not know our client. */
export interface ClientDoubt {
  readonly provider: string;
  readonly key: string;
  readonly connection: ConnectionId;
  /** When the server was asked. */
  readonly askedAt: number;
}

/** For how long a doubt waits for another Connection's, ms: what is proven is proven soon, since all are refreshed by the same client. */
const DOUBTED = 60 * 60_000;

/** The name under which it is written down that all providers may be asked again. */
const ALL = '';

const retriedSince = (provider: string, askedAt: number): Query => sql`
  select 1 from provider_retry where provider in (${provider}, ${ALL}) and retried_at >= ${askedAt}`;

const clearedIn = async (run: Run, provider: string | null): Promise<number> => {
  const those = provider === null ? sql`` : sql`where provider = ${provider}`;
  await run(sql`delete from client_doubt ${those}`);
  return (await run(sql`delete from client_stop ${those} returning client_key`)).length;
};

/**
 * Clients whose token requests are stopped because their credentials are proven wrong, so that every process keeps from asking. `key`
 * names all that a provider's record says about its token requests: another record is another key.
 */
export class ClientStops {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  async isStopped(key: string): Promise<boolean> {
    const rows = await this.#database.read(
      sql`select 1 as stopped from client_stop where client_key = ${key}`,
    );
    return rows.length > 0;
  }

  /** False when it was stopped before, or when the provider was allowed to be asked again since `askedAt`. */
  async stop(provider: string, key: string, now: number, askedAt = now): Promise<boolean> {
    // Evidence from before someone said "ask again" no longer counts.
    const statement = sql`
      insert into client_stop (client_key, provider, stopped_at)
      select wanted.client_key, wanted.provider, wanted.stopped_at
      from (select ${key} as client_key, ${provider} as provider, cast(${now} as bigint) as stopped_at) as wanted
      where not exists (${retriedSince(provider, askedAt)})
      on conflict (client_key) do nothing
      returning client_key`;
    const rows = await this.#database.alone('clients', statement);
    return rows.length > 0;
  }

  /**
   * Writes one Connection's doubt down. True when another Connection has had the same within the last hour, and no request of this
   * client did well in between: then the credentials are wrong. What was asked before the last `retry` counts for nothing.
   */
  doubt({ provider, key, connection, askedAt }: ClientDoubt): Promise<boolean> {
    return this.#database.exclusive('clients', async (run) => {
      if ((await run(retriedSince(provider, askedAt))).length > 0) return false;
      await run(sql`delete from client_doubt where asked_at < ${askedAt - DOUBTED}`);
      await run(sql`
        insert into client_doubt (client_key, connection, provider, asked_at)
        values (${key}, ${connection}, ${provider}, ${askedAt})
        on conflict (client_key, connection) do update set asked_at = excluded.asked_at`);
      const others = await run(sql`
        select 1 from client_doubt where client_key = ${key} and connection <> ${connection} limit 1`);
      return others.length > 0;
    });
  }

  /** A request of this client did well: earlier doubts were not about the client. */
  async trust(key: string): Promise<void> {
    const doubts = await this.#database.read(
      sql`select 1 from client_doubt where client_key = ${key} limit 1`,
    );
    if (doubts.length > 0)
      await this.#database.write(sql`delete from client_doubt where client_key = ${key}`);
  }

  /** All stops of a provider, or of all. Returns how many. */
  clear(provider: string | null): Promise<number> {
    return this.#database.exclusive('clients', (run) => clearedIn(run, provider));
  }

  /** As `clear`, and its Connections may be refreshed at once; evidence from before `now` counts for nothing any more, on any process. */
  retry(provider: string | null, now: number): Promise<number> {
    return this.#database.exclusive('clients', async (run) => {
      const count = await clearedIn(run, provider);
      await run(sql`
        update connection set refresh_setback = null
        where refresh_setback is not null ${provider === null ? sql`` : sql`and provider = ${provider}`}`);
      await run(sql`
        insert into provider_retry (provider, retried_at) values (${provider ?? ALL}, ${now})
        on conflict (provider) do update set retried_at = excluded.retried_at`);
      return count;
    });
  }

  /** When a provider was last allowed to be asked again, in epoch milliseconds. */
  async retriedAt(provider: string): Promise<number | null> {
    const rows = await this.#database.read(sql`
      select retried_at from provider_retry where provider in (${provider}, ${ALL})
      order by retried_at desc limit 1`);
    return first(rows, (row) => integer(row, 'retried_at'));
  }

  /** Ends the stops of a provider that are of none of these keys: its record says something else now. */
  async keepOnly(provider: string, keys: readonly string[]): Promise<void> {
    for (const table of ['client_stop', 'client_doubt']) {
      const stale = sql`from ${raw(table)} where provider = ${provider} and client_key not in (${list(keys)})`;
      const found = await this.#database.read(sql`select 1 ${stale} limit 1`);
      if (found.length > 0) await this.#database.write(sql`delete ${stale}`);
    }
  }

  /** Which providers' clients are stopped, and since when. */
  async list(): Promise<readonly { readonly provider: string; readonly stoppedAt: number }[]> {
    const rows = await this.#database.read(
      sql`select provider, stopped_at from client_stop order by stopped_at`,
    );
    return rows.map((row) => ({ provider: text(row, 'provider'), stoppedAt: integer(row, 'stopped_at') }));
  }
}
