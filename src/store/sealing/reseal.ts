import type { Database, Row } from '../engine/database.js';
import { keptCounts } from '../engine/kept-counts.js';
import { keyColumns, keyIn, rowsAfter } from '../engine/key-order.js';
import { text } from '../engine/rows.js';
import { joined, type Query, raw, sql } from '../engine/sql.js';
import { keyIdOf, type Sealer } from './seal.js';
import { SEALED, type SealedColumn } from './sealed-columns.js';

/** How far a walk through everything sealed is: where the next step starts. */
export interface ResealCursor {
  readonly column: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** What one step came to. */
interface ResealStep {
  readonly resealed: number;
  readonly lost: number;
  readonly unopened: number;
  readonly next: ResealCursor | null;
}

type Fate = 'resealed' | 'lost' | 'unopened' | 'left';

/** The statement that puts a newly sealed text in place of the one that was read, and of no other. */
const replacement = (sealed: SealedColumn, row: Row, resealed: string): Query => sql`
  update ${raw(sealed.table)} set ${raw(sealed.column)} = ${resealed}
  where (${keyColumns(sealed)}) = (${joined(keyIn(row, sealed).map((value) => sql`${value}`))})
    and ${raw(sealed.column)} = ${text(row, sealed.column)}
  returning 1 as done`;

/**
 * Everything sealed, to be sealed again under the first key of the ring, beside servers that go on writing: every change is one statement
 * that loses to theirs.
 */
export class ResealStore {
  readonly #database: Database;
  readonly #seals: Sealer;

  constructor(database: Database, seals: Sealer) {
    this.#database = database;
    this.#seals = seals;
  }

  /** Ids of the keys of the ring; the first seals. */
  ring(): readonly string[] {
    return this.#seals.ids();
  }

  /** How many values are sealed by which key; kept, not counted. */
  async counts(): Promise<readonly { readonly key: string; readonly rows: number }[]> {
    const counts = await keptCounts(this.#database, 'sealed');
    return [...counts].map(([key, rows]) => ({ key, rows }));
  }

  /**
   * Looks at up to `limit` values from the cursor on (null: from the first) and seals again those that another key than the first
   * sealed. One that was changed in the meantime is left as it is. What no key opens becomes `reconnect` (an active Connection),
   * ends (a flow) or is deleted (a pseudonym's key), and counts as lost; a provider or host stays as it is until it is written again, and
   * counts as unopened at every walk. Where its key is not in the ring at all, all this happens only
   * if `discard` says so. `next` is null at the end.
   */
  async step(cursor: ResealCursor | null, limit: number, discard: boolean): Promise<ResealStep> {
    const { column, after } = cursor ?? { column: 0, after: null };
    const sealed = SEALED[column];
    if (sealed === undefined) return { resealed: 0, lost: 0, unopened: 0, next: null };
    const rows = await this.#database.browse(
      rowsAfter(sealed, after, limit, sql`${raw(sealed.column)} is not null`),
    );
    const fates: Fate[] = [];
    for (const row of rows) fates.push(await this.#treat(sealed, row, discard));
    const last = rows.at(-1);
    const next =
      last === undefined || rows.length < limit
        ? { column: column + 1, after: null }
        : { column, after: keyIn(last, sealed) };
    const count = (wanted: Fate): number => fates.filter((fate) => fate === wanted).length;
    return {
      resealed: count('resealed'),
      lost: count('lost'),
      unopened: count('unopened'),
      next: next.column < SEALED.length ? next : null,
    };
  }

  async #treat(sealed: SealedColumn, row: Row, discard: boolean): Promise<Fate> {
    const old = text(row, sealed.column);
    const [first, ...others] = this.#seals.ids();
    const by = keyIdOf(old);
    if (by === first) return 'left';
    if (!others.includes(by) && !discard) return 'left';
    const place = sealed.place(row);
    const content = this.#seals.open(old, place);
    if (content === null) return this.#dispose(sealed, row);
    const rows = await this.#database.write(replacement(sealed, row, this.#seals.seal(content, place)));
    return rows.length > 0 ? 'resealed' : 'left';
  }

  async #dispose(sealed: SealedColumn, row: Row): Promise<Fate> {
    if (sealed.lost === null) return 'unopened';
    return (await this.#database.write(sealed.lost(row))).length > 0 ? 'lost' : 'left';
  }
}
