import type { AuditVerdict } from '../../domain/audit-event.js';
import type { Database, Row, Run } from '../engine/database.js';
import { type Keyed, keyIn, rowsAfter } from '../engine/key-order.js';
import { migrations } from '../engine/migrations.js';
import type { Value } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { BACKUP, sealStream } from '../sealing/sealed-stream.js';
import { ARCHIVED } from './archive-tables.js';

/** A row of the store as a backup holds it: column → value. Tokens and entries stay sealed in it, within the seal of the whole. */
export interface ArchivedRow {
  readonly table: string;
  readonly row: Readonly<Record<string, string | number | null>>;
}

/** What a backup says of itself before its rows. */
export interface ArchiveHead {
  /** The schema its rows are of. */
  readonly schema: number;
  readonly takenAt: number;
}

/** Who could come in by what was restored. */
export interface RestoredAccess {
  readonly administrators: readonly {
    readonly id: string;
    readonly name: string;
    readonly hasPassword: boolean;
    readonly lastSignInAt: number | null;
  }[];
  /** `revoked`: by the restoration; those that were revoked or had expired before are not among them. */
  readonly apiKeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly scopes: readonly string[];
    readonly revoked: boolean;
  }[];
}

/** What becomes of what is in the database, and of the API keys in the backup. */
export interface Restoring {
  /** Lose what is in the database now; without it only an empty one is filled. */
  readonly replace: boolean;
  /** API keys that were good when the backup was made go on as they were. Otherwise they are revoked. */
  readonly keepApiKeys: boolean;
  readonly now: number;
}

/** What was found in a database that a backup was loaded into. */
export interface Proof extends RestoredAccess {
  /** Table → rows. */
  readonly rows: Readonly<Record<string, number>>;
  /** Sealed values that the key ring opens, and those it does not. */
  readonly opened: number;
  readonly unopened: number;
  readonly audit: AuditVerdict;
}

/** Rows in memory at a time. */
const PAGE = 500;

async function* rowsOf(run: Run, table: Keyed): AsyncGenerator<ArchivedRow> {
  let after: readonly Value[] | null = null;
  for (;;) {
    const rows: readonly Row[] = await run(rowsAfter(table, after, PAGE));
    for (const row of rows) yield { table: table.table, row };
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE) return;
    after = keyIn(last, table);
  }
}

interface Moment {
  readonly run: Run;
  /** Lets go of it; resolves when it is gone. */
  end(): Promise<void>;
}

/** A snapshot that lives until `end` is called. */
const moment = (database: Database): Promise<Moment> =>
  new Promise((resolve, reject) => {
    const gone: Promise<void> = database.snapshot(
      (run) =>
        new Promise<void>((end) => {
          resolve({
            run,
            end: () => {
              end();
              return gone;
            },
          });
        }),
    );
    gone.catch(reject);
  });

/** Reads everything worth keeping, as of one moment, however long it takes and whatever is written in the meantime. */
export class Archive {
  readonly schema = migrations.length;
  readonly #database: Database;
  readonly #ring: Pick<Sealer, 'derive' | 'ids'>;

  constructor(database: Database, ring: Pick<Sealer, 'derive' | 'ids'>) {
    this.#database = database;
    this.#ring = ring;
  }

  /** Everything as of the moment the first row is asked for; to be read to its end, or returned from. */
  async *rows(): AsyncIterable<ArchivedRow> {
    const { run, end } = await moment(this.#database);
    try {
      for (const table of ARCHIVED) yield* rowsOf(run, table);
    } finally {
      await end();
    }
  }

  /** Seals what was made of them as a whole, under the first key of the ring in use. */
  seal(plain: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
    return sealStream(plain, this.#ring, BACKUP);
  }
}
