import type { AuditEntry, AuditEvent, AuditFilter, AuditVerdict } from '../../domain/audit-event.js';
import type { Viewer } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, integer } from '../engine/rows.js';
import { list, type Query, sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { appender } from './audit-append.js';
import { pseudonymOf } from './audit-person.js';
import { entryOf } from './audit-row.js';
import { verify } from './audit-verify.js';

/** The log of what happened: append-only, each entry chained to the one before it. */
export interface AuditStore {
  append(event: AuditEvent, now: number): Promise<AuditEntry>;
  /** Newest first, at most `limit`, before the entry `before` when given. */
  list(
    filter: AuditFilter,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** Oldest first, after the entry `after`: for export. */
  since(
    filter: AuditFilter,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** Recomputes the whole chain. */
  verify(): Promise<AuditVerdict>;
  /** What the log calls this viewer; null when it does not, or not any more. */
  personOf(viewer: Viewer): Promise<string | null>;
  /** Which entry has this hash; null when none has. */
  seqOf(hash: string): Promise<number | null>;
  /** Destroys the viewer's pseudonym key: their entries stay in the chain, and no one can say any more whose they are. */
  forget(viewer: Viewer): Promise<void>;
}

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

/** The audit log in `database`. Nothing here changes or deletes an entry. */
export const auditStore = (database: Database, seals: Sealer): AuditStore => {
  /** Null when no entry can match: the log does not know that viewer. */
  const conditionsOf = async (filter: AuditFilter): Promise<Query | null> => {
    const { viewer } = filter;
    const all = [...plain(filter)];
    if (viewer !== undefined) {
      const person = await pseudonymOf(database.read, seals, viewer);
      if (person === null) return null;
      all.push(sql`person = ${person}`);
    }
    return all.reduce((conditions, each) => sql`${conditions} and ${each}`, sql`1 = 1`);
  };

  return {
    append: appender(database, seals),

    async list(filter, { before, limit }) {
      const conditions = await conditionsOf(filter);
      if (conditions === null) return [];
      const rows = await database.browse(sql`
        select * from audit_entry where ${conditions} and seq < ${before ?? Number.MAX_SAFE_INTEGER}
        order by seq desc limit ${limit}`);
      return rows.map(entryOf);
    },

    async since(filter, { after, limit }) {
      const conditions = await conditionsOf(filter);
      if (conditions === null) return [];
      const rows = await database.browse(sql`
        select * from audit_entry where ${conditions} and seq > ${after} order by seq limit ${limit}`);
      return rows.map(entryOf);
    },

    personOf: (viewer) => pseudonymOf(database.read, seals, viewer),

    verify: () => verify(database.browse),

    async seqOf(hash) {
      const rows = await database.read(sql`select seq from audit_entry where hash = ${hash}`);
      return first(rows, (row) => integer(row, 'seq'));
    },

    async forget(viewer) {
      await database.write(sql`delete from audit_person where viewer = ${viewer.id}`);
    },
  };
};
