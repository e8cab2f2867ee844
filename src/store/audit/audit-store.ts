import type { AuditEntry, AuditEvent, AuditFilter, AuditVerdict } from '../../domain/audit-event.js';
import type { Viewer } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, integer, text } from '../engine/rows.js';
import { list, type Query, sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { AuditAppender, appendAudit } from './audit-append.js';
import { pseudonymOf } from './audit-person.js';
import { entryOf } from './audit-row.js';
import { type ArchivedEnd, verify } from './audit-verify.js';

const when = <T>(value: T | undefined, condition: (value: T) => Query): readonly Query[] =>
  value === undefined ? [] : [condition(value)];

const plain = ({
  actions,
  provider,
  host,
  outcome,
  actorId,
  person,
  requestId,
  from,
  to,
}: AuditFilter): readonly Query[] => [
  ...when(actions, (words) => sql`action in (${list(words)})`),
  ...when(provider, (id) => sql`provider = ${id}`),
  ...when(host, (id) => sql`host = ${id}`),
  ...when(outcome, (word) => sql`outcome = ${word}`),
  ...when(person, (pseudonym) => sql`person = ${pseudonym}`),
  ...when(requestId, (id) => sql`request_id = ${id}`),
  ...when(actorId, (id) => sql`actor_id = ${id}`),
  ...when(from, (time) => sql`at >= ${time}`),
  ...when(to, (time) => sql`at < ${time}`),
];

/** Entries from the first that is there to one with this hash. */
export interface AuditPart {
  readonly first: number;
  readonly last: number;
  readonly head: string;
}

/**
 * The log of what happened: append-only, each entry chained to the one before it. Nothing here changes an entry, and none is deleted but from
 * the first on, once they are archived.
 */
export class AuditStore {
  readonly #database: Database;
  readonly #seals: Sealer;
  readonly #appender: AuditAppender;

  constructor(database: Database, seals: Sealer) {
    this.#database = database;
    this.#seals = seals;
    this.#appender = new AuditAppender(database, seals);
  }

  append(event: AuditEvent, now: number): Promise<AuditEntry> {
    return this.#appender.append(event, now);
  }

  /** Newest first, at most `limit`, before the entry `before` when given. */
  async list(
    filter: AuditFilter,
    { before, limit }: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly AuditEntry[]> {
    const conditions = await this.#conditionsOf(filter);
    if (conditions === null) return [];
    const rows = await this.#database.browse(sql`
      select * from audit_entry where ${conditions} and seq < ${before ?? Number.MAX_SAFE_INTEGER}
      order by seq desc limit ${limit}`);
    return rows.map(entryOf);
  }

  /** Oldest first, after the entry `after`: for export. */
  async since(
    filter: AuditFilter,
    { after, limit }: { readonly after: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]> {
    const conditions = await this.#conditionsOf(filter);
    if (conditions === null) return [];
    const rows = await this.#database.browse(sql`
      select * from audit_entry where ${conditions} and seq > ${after} order by seq limit ${limit}`);
    return rows.map(entryOf);
  }

  /** Recomputes the whole chain; `archived` is the last entry of the archives, where these are at hand. */
  verify(archived?: ArchivedEnd): Promise<AuditVerdict> {
    return verify(this.#database.browse, archived);
  }

  /** Everything before the first entry that was written at `time` or later; null where that is nothing. */
  async before(time: number): Promise<AuditPart | null> {
    const rows = await this.#database.browse(sql`
      select seq, hash, (select min(seq) from audit_entry) as start from audit_entry
      where seq < coalesce(
        (select min(seq) from audit_entry where at >= ${time}),
        (select max(seq) + 1 from audit_entry))
      order by seq desc limit 1`);
    return first(rows, (row) => ({
      first: integer(row, 'start'),
      last: integer(row, 'seq'),
      head: text(row, 'hash'),
    }));
  }

  /**
   * Deletes this part, which an archive holds by now, and appends the entry that proves what follows: both or neither. Throws a sentence where
   * the part is not what it was.
   */
  async cut({ first: start, last, head }: AuditPart, event: AuditEvent, now: number): Promise<AuditEntry> {
    return this.#database.exclusive('audit and setup', async (run) => {
      const rows = await run(sql`
        select count(*) as entries, min(seq) as start from audit_entry where seq <= ${last}`);
      const ends = await run(sql`select seq from audit_entry where seq = ${last} and hash = ${head}`);
      const is = first(rows, (row) => ({ entries: integer(row, 'entries'), start: Number(row.start) }));
      if (ends.length !== 1 || is?.start !== start || is.entries !== last - start + 1)
        throw new Error('The audit log was changed while it was archived. Nothing was removed: try again.');
      const entry = await appendAudit(run, event, now, this.#seals);
      await run(sql`delete from audit_entry where seq <= ${last}`);
      return entry;
    });
  }

  /** What the log calls this viewer; null when it does not, or not any more. */
  personOf(viewer: Viewer): Promise<string | null> {
    return pseudonymOf(this.#database.read, this.#seals, viewer);
  }

  /** Which entry has this hash; null when none has. */
  async seqOf(hash: string): Promise<number | null> {
    const rows = await this.#database.read(sql`select seq from audit_entry where hash = ${hash}`);
    return first(rows, (row) => integer(row, 'seq'));
  }

  /** Destroys the viewer's pseudonym key: their entries stay in the chain, and no one can say any more whose they are. */
  async forget(viewer: Viewer): Promise<void> {
    await this.#database.write(sql`delete from audit_person where viewer = ${viewer.id}`);
  }

  /** Null when no entry can match: the log does not know that viewer. */
  async #conditionsOf(filter: AuditFilter): Promise<Query | null> {
    const { viewer } = filter;
    const all = [...plain(filter)];
    if (viewer !== undefined) {
      const person = await this.personOf(viewer);
      if (person === null) return null;
      all.push(sql`person = ${person}`);
    }
    return all.reduce((conditions, each) => sql`${conditions} and ${each}`, sql`1 = 1`);
  }
}
