import { SKEW } from '../../domain/system.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import type { Database, Row } from '../engine/database.js';
import { first, json, toJson, viewer } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import { VIEWER_LIMITS, type ViewerLimits } from '../viewer-limits.js';

interface Kept {
  readonly name: string | null;
  /** Where the page is that asks. */
  readonly origin?: string;
  readonly locale?: string;
}

/** It is the name alone where the page said neither where it is nor its language. */
const profileIn = (row: Row): Kept => {
  const kept = json<Kept | string | null>(row, 'name');
  return kept === null || typeof kept === 'string' ? { name: kept } : kept;
};

/** What a ticket stands for, and until when. */
interface NewTicket extends Kept {
  readonly ticketHash: string;
  readonly viewer: Viewer;
  readonly now: number;
  readonly expiresAt: number;
}

/** One-time tickets that open My connections; another purpose's ticket is not found here. */
export class TicketStore {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False, and nothing is put, when `limits.tickets` of this viewer could still be taken; none counts that a clock dated ahead which was set back since. */
  async put(
    { ticketHash, viewer: owner, name, now, expiresAt, origin, locale }: NewTicket,
    { tickets }: Pick<ViewerLimits, 'tickets'> = VIEWER_LIMITS,
  ): Promise<boolean> {
    const profile = toJson(origin === undefined && locale === undefined ? name : { name, origin, locale });
    const statement = sql`
      insert into ticket (ticket_hash, viewer, name, expires_at)
      select ${ticketHash}, ${owner.id}, ${profile}, ${expiresAt}
      where (
        select count(*) from ticket
        where viewer = ${owner.id} and expires_at > ${now} and expires_at <= ${expiresAt + SKEW}) < ${tickets}
      returning ticket_hash`;
    const rows = await this.#database.alone(`viewer ${owner.id}`, statement);
    return rows.length > 0;
  }

  /** Taking one is deleting it, so it is taken once. */
  async take(
    ticketHash: string,
    now: number,
  ): Promise<(Pick<ViewerProfile, 'name' | 'origin' | 'locale'> & { readonly viewer: Viewer }) | null> {
    const rows = await this.#database.write(sql`
      delete from ticket where ticket_hash = ${ticketHash} and expires_at > ${now} returning *`);
    return first(rows, (row) => ({ viewer: viewer(row, 'viewer'), ...profileIn(row) }));
  }

  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`delete from ticket where expires_at <= ${now}`);
  }
}

/** Which host tokens with a purpose were used, on any process; a launch burns its own token. */
export class SpentTokens {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  /** False when this host's token was used before: the insert that finds no older one is the one use there is. */
  async spend(host: string, jti: string, replayableUntil: number): Promise<boolean> {
    const rows = await this.#database.write(sql`
      insert into spent_token (token, replayable_until) values (${toJson([host, jti])}, ${replayableUntil})
      on conflict (token) do nothing
      returning token`);
    return rows.length > 0;
  }

  /** Forgets those that could no longer be used anyway. */
  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`delete from spent_token where replayable_until <= ${now}`);
  }
}
