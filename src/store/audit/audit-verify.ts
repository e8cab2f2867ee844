import type { AuditVerdict } from '../../domain/audit-event.js';
import type { Row, Run } from '../engine/database.js';
import { integer, text } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import { chained, entryOf } from './audit-row.js';

const AT_ONCE = 500;

/** Why `row` cannot be the entry `seq` that was written after the one with the hash `previous`; null when it can. */
const faultOf = (row: Row, seq: number, previous: string): string | null => {
  if (row.seq !== seq) return `Entry ${seq} is missing: where it should be stands entry ${row.seq}.`;
  if (row.hash === chained(previous, row)) return null;
  return seq === 1
    ? 'Entry 1 was changed after it was written.'
    : `Entry ${seq} was changed after it was written, or entry ${seq - 1} was, together with its hash.`;
};

/** Where an entry of ours says what was archived: the last entry's number is its subject, and this path of its changes has that one's hash. */
export const ARCHIVED = 'audit.archived';
export const ARCHIVED_HEAD = 'head';

/** The last entry of archives. */
export interface ArchivedEnd {
  readonly seq: number;
  readonly head: string;
}

/** The hash of entry `seq`, of which an entry says that everything up to it was archived; null where none says so. */
const archivedHead = async (read: Run, seq: number): Promise<string | null> => {
  const rows = await read(sql`
    select * from audit_entry where action = ${ARCHIVED} and subject = ${String(seq)} order by seq desc limit 1`);
  const said = rows
    .map(entryOf)
    .flatMap(({ changes }) => changes.filter(({ path }) => path === ARCHIVED_HEAD));
  return said[0]?.after ?? null;
};

/** Where the log starts: after so many entries that were archived, the last of which has this hash. */
const beginning = async (read: Run, known?: ArchivedEnd): Promise<ArchivedEnd> => {
  const [first] = await read(sql`select * from audit_entry order by seq limit 1`);
  const before = first === undefined ? 0 : integer(first, 'seq') - 1;
  const head = known?.seq === before ? known.head : await archivedHead(read, before);
  return before < 1 || head === null ? { seq: 0, head: '' } : { seq: before, head };
};

/**
 * Reads the log from its first entry to its last, and stops at the first that cannot have been written there. What was archived is proven by
 * the entry that says so, which is in the chain itself, and by the archive, whose end may be given.
 */
export const verify = async (read: Run, known?: ArchivedEnd): Promise<AuditVerdict> => {
  const { seq: archived, head: before } = await beginning(read, known);
  let head: string | null = archived === 0 ? null : before;
  let last = archived;
  // We never write below 1, but someone may have put something there.
  for (let after = Number.MIN_SAFE_INTEGER; ; after = last) {
    const rows = await read(
      sql`select * from audit_entry where seq > ${after} order by seq limit ${AT_ONCE}`,
    );
    if (rows.length === 0)
      return { intact: true, entries: last - archived, ...(archived > 0 && { archived }), head };
    for (const row of rows) {
      const reason = faultOf(row, last + 1, head ?? '');
      if (reason !== null) return { intact: false, entries: last - archived, brokenAt: last + 1, reason };
      head = text(row, 'hash');
      last += 1;
    }
  }
};
