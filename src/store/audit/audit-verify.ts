import type { AuditVerdict } from '../../domain/audit-event.js';
import type { Row, Run } from '../engine/database.js';
import { text } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import { chained } from './audit-row.js';

const AT_ONCE = 500;

/** Why `row` cannot be the entry `seq` that was written after the one with the hash `previous`; null when it can. */
const faultOf = (row: Row, seq: number, previous: string): string | null => {
  if (row.seq !== seq) return `Entry ${seq} is missing: where it should be stands entry ${row.seq}.`;
  if (row.hash === chained(previous, row)) return null;
  return seq === 1
    ? 'Entry 1 was changed after it was written.'
    : `Entry ${seq} was changed after it was written, or entry ${seq - 1} was, together with its hash.`;
};

/** Reads the log from its first entry to its last, and stops at the first that cannot have been written there. */
export const verify = async (read: Run): Promise<AuditVerdict> => {
  let head: string | null = null;
  let entries = 0;
  // We never write below 1, but someone may have put something there.
  for (let after = Number.MIN_SAFE_INTEGER; ; after = entries) {
    const rows = await read(
      sql`select * from audit_entry where seq > ${after} order by seq limit ${AT_ONCE}`,
    );
    if (rows.length === 0) return { intact: true, entries, head };
    for (const row of rows) {
      const reason = faultOf(row, entries + 1, head ?? '');
      if (reason !== null) return { intact: false, entries, brokenAt: entries + 1, reason };
      head = text(row, 'hash');
      entries += 1;
    }
  }
};
