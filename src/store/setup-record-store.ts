import type { AuditEvent } from '../domain/audit-event.js';
import { Secret } from '../domain/secret.js';
import type { SetupKind, SetupRecord } from '../domain/setup-record.js';
import { appendAudit } from './audit/audit-append.js';
import type { Database, Row, Run } from './engine/database.js';
import { first, integer, json, maybe, oneOf, text, toJson } from './engine/rows.js';
import { type Query, sql } from './engine/sql.js';
import { Sealer, type SetupPlace } from './sealing/seal.js';
import type { SealingKey } from './sealing/sealing-key.js';

const kinds: readonly SetupKind[] = ['provider', 'host'];
const maybeInteger = maybe(integer);

const placeOf = (record: SetupKind, id: string, version: number): SetupPlace => ({
  kind: 'setup',
  record,
  id,
  version,
});

const recordOf =
  (seals: Sealer) =>
  (row: Row): SetupRecord => {
    const kind = oneOf(row, 'kind', kinds);
    const id = text(row, 'id');
    const version = integer(row, 'version');
    const entry = seals.open(text(row, 'entry'), placeOf(kind, id, version));
    return {
      kind,
      id,
      version,
      entry: entry === null ? null : new Secret(entry),
      secretsSetAt: json<Record<string, number>>(row, 'secrets_set_at'),
      createdAt: integer(row, 'created_at'),
      updatedAt: integer(row, 'updated_at'),
      updatedBy: json<string>(row, 'updated_by'),
      leavingAt: maybeInteger(row, 'leaving_at'),
    };
  };

const noteRevision = (run: Run) => run(sql`update setup_revision set revision = revision + 1`);

/** What a record is made or replaced with. */
interface RecordChange {
  readonly kind: SetupKind;
  readonly id: string;
  /** Null: it is made; else the version that the change was made of. */
  readonly version: number | null;
  readonly entry: Secret;
  readonly secretsSetAt: Readonly<Record<string, number>>;
  readonly now: number;
  readonly by: string;
  /** Whether it is made only for its Connections to be revoked by: it leaves from the first moment. */
  readonly leaving?: boolean;
  readonly audit: AuditEvent;
}

/** The providers and hosts that administrators made, their entries sealed; each change and its audit entry are one transaction. */
export class SetupStore {
  readonly #database: Database;
  readonly #seals: Sealer;

  constructor(database: Database, seals: Sealer) {
    this.#database = database;
    this.#seals = seals;
  }

  /** With `keys` as that ring would open them, whatever the one in force is. */
  async all(keys?: readonly SealingKey[]): Promise<readonly SetupRecord[]> {
    const opened = recordOf(keys === undefined ? this.#seals : new Sealer(keys));
    return (await this.#database.read(sql`select * from setup_record order by kind, id`)).map(opened);
  }

  /** Grows with every change of any record: processes look at it to see that another one changed something. */
  async revision(): Promise<number> {
    const rows = await this.#database.read(sql`select revision from setup_revision`);
    return first(rows, (row) => integer(row, 'revision')) ?? 0;
  }

  /**
   * Makes or replaces a record and writes the audit event, both or neither. Null when there is one already, or another version than
   * the change was made of.
   */
  put(change: RecordChange): Promise<SetupRecord | null> {
    return this.#database.exclusive('audit and setup', async (run) => {
      const { version } = change;
      const rows = await run(version === null ? this.#insert(change) : this.#update(change, version));
      const record = first(rows, recordOf(this.#seals));
      if (record === null) return null;
      await noteRevision(run);
      await appendAudit(run, change.audit, change.now, this.#seals);
      return record;
    });
  }

  /**
   * Marks a record as leaving, of that version only, with its audit event. `atOnce`: deletes it instead, since nothing that it served has
   * to be revoked; in two steps, a process killed in between would have left something to be revoked.
   */
  leave(change: {
    readonly kind: SetupKind;
    readonly id: string;
    readonly version: number;
    readonly now: number;
    readonly by: string;
    readonly atOnce?: boolean;
    readonly audit: AuditEvent;
  }): Promise<SetupRecord | null> {
    const { kind, id, version, now, by, atOnce, audit } = change;
    return this.#database.exclusive('audit and setup', async (run) => {
      const own = sql`kind = ${kind} and id = ${id} and version = ${version} and leaving_at is null`;
      // The version stays, since the seal names it: a record that is leaving is never changed again.
      const rows = await run(
        atOnce === true
          ? sql`delete from setup_record where ${own} returning *`
          : sql`
              update setup_record set leaving_at = ${now}, updated_at = ${now}, updated_by = ${toJson(by)}
              where ${own} returning *`,
      );
      const record = first(rows, recordOf(this.#seals));
      if (record === null) return null;
      await noteRevision(run);
      await appendAudit(run, audit, now, this.#seals);
      return record;
    });
  }

  /** Deletes a record that is leaving. */
  async drop(kind: SetupKind, id: string): Promise<void> {
    await this.#database.exclusive('audit and setup', async (run) => {
      const rows = await run(sql`
        delete from setup_record where kind = ${kind} and id = ${id} and leaving_at is not null
        returning id`);
      if (rows.length > 0) await noteRevision(run);
    });
  }

  #insert({ kind, id, entry, secretsSetAt, now, by, leaving }: RecordChange): Query {
    return sql`
      insert into setup_record (kind, id, version, entry, secrets_set_at, created_at, updated_at, updated_by,
        leaving_at)
      values (${kind}, ${id}, 1, ${this.#sealed(entry, placeOf(kind, id, 1))}, ${toJson(secretsSetAt)},
        ${now}, ${now}, ${toJson(by)}, ${leaving === true ? now : null})
      on conflict (kind, id) do nothing
      returning *`;
  }

  #update({ kind, id, entry, secretsSetAt, now, by }: RecordChange, version: number): Query {
    return sql`
      update setup_record
      set version = ${version + 1}, entry = ${this.#sealed(entry, placeOf(kind, id, version + 1))},
        secrets_set_at = ${toJson(secretsSetAt)}, updated_at = ${now}, updated_by = ${toJson(by)}
      where kind = ${kind} and id = ${id} and version = ${version} and leaving_at is null
      returning *`;
  }

  #sealed(entry: Secret, place: SetupPlace): string {
    return this.#seals.seal(entry.reveal(), place);
  }
}
