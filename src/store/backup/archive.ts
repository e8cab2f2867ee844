import type { Database, Row, Run } from '../engine/database.js';
import { type Keyed, keyIn, rowsAfter } from '../engine/key-order.js';
import { migrations } from '../engine/migrations.js';
import type { Value } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { BACKUP, sealStream } from '../sealing/sealed-stream.js';
import { ARCHIVED } from './archive-tables.js';
import type { Archive, ArchivedRow } from './archived-rows.js';

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

/** A snapshot that lives until it is told to end. */
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

/** Reads `database` as of one moment, however long it takes and whatever is written meanwhile. */
export const archiveOf = (database: Database, ring: Pick<Sealer, 'derive' | 'ids'>): Archive => ({
  schema: migrations.length,
  async *rows() {
    const { run, end } = await moment(database);
    try {
      for (const table of ARCHIVED) yield* rowsOf(run, table);
    } finally {
      await end();
    }
  },
  seal: (plain) => sealStream(plain, ring, BACKUP),
});
