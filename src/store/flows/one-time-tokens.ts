import type { SpentTokens } from '../../domain/token-purpose.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import type { Database, Row } from '../engine/database.js';
import { first, json, toJson, viewer } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import { VIEWER_LIMITS, type ViewerLimits } from '../viewer-limits.js';

/** Used tokens in `database`: the insert that finds no older one is the one use there is. */
export const spentTokens = (database: Database): SpentTokens => ({
  async spend(host, jti, replayableUntil) {
    const rows = await database.write(sql`
      insert into spent_token (token, replayable_until) values (${toJson([host, jti])}, ${replayableUntil})
      on conflict (token) do nothing
      returning token`);
    return rows.length > 0;
  },

  async sweep(now) {
    await database.write(sql`delete from spent_token where replayable_until <= ${now}`);
  },
});

/** One-time tickets that open My connections; another purpose's ticket is not found here. */
export interface TicketStore {
  /** False, and nothing is put, when `limits.tickets` of this viewer could still be taken. */
  put(
    ticket: {
      readonly ticketHash: string;
      readonly viewer: Viewer;
      readonly name: string | null;
      readonly now: number;
      readonly expiresAt: number;
      /** Where the page is that asks. */
      readonly origin?: string;
      readonly locale?: string;
    },
    limits?: Pick<ViewerLimits, 'tickets'>,
  ): Promise<boolean>;
  take(
    ticketHash: string,
    now: number,
  ): Promise<(Pick<ViewerProfile, 'name' | 'origin' | 'locale'> & { readonly viewer: Viewer }) | null>;
  sweep(now: number): Promise<void>;
}

interface Kept {
  readonly name: string | null;
  readonly origin?: string;
  readonly locale?: string;
}

/** It is the name alone where the page said neither where it is nor its language. */
const profileIn = (row: Row): Kept => {
  const kept = json<Kept | string | null>(row, 'name');
  return kept === null || typeof kept === 'string' ? { name: kept } : kept;
};

/** Tickets in `database`: taking one is deleting it, so it is taken once. */
export const ticketStore = (database: Database): TicketStore => ({
  async put({ ticketHash, viewer: owner, name, now, expiresAt, ...page }, { tickets } = VIEWER_LIMITS) {
    const { origin, locale } = page;
    const profile = toJson(origin === undefined && locale === undefined ? name : { name, origin, locale });
    const rows = await database.write(sql`
      insert into ticket (ticket_hash, viewer, name, expires_at)
      select ${ticketHash}, ${owner.id}, ${profile}, ${expiresAt}
      where (select count(*) from ticket where viewer = ${owner.id} and expires_at > ${now}) < ${tickets}
      returning ticket_hash`);
    return rows.length > 0;
  },

  async take(ticketHash, now) {
    const rows = await database.write(sql`
      delete from ticket where ticket_hash = ${ticketHash} and expires_at > ${now} returning *`);
    return first(rows, (row) => ({ viewer: viewer(row, 'viewer'), ...profileIn(row) }));
  },

  async sweep(now) {
    await database.write(sql`delete from ticket where expires_at <= ${now}`);
  },
});
