import type { ReportMisplaced } from '../domain/misplaced.js';
import type { SetupRecord } from '../domain/setup-record.js';
import type { Clock, Journal } from '../domain/system.js';
import { auditStore } from './audit/audit-store.js';
import { archiveOf } from './backup/archive.js';
import { bulkDisconnectStore } from './connections/bulk-disconnect-store.js';
import { clientStops } from './connections/client-stops.js';
import { connectionLists } from './connections/connection-lists.js';
import { connectionStore } from './connections/connection-store.js';
import type { DatabaseLimits } from './engine/database-limits.js';
import { DatabaseHealth, guarded } from './engine/guarded-database.js';
import { keyColumns } from './engine/key-order.js';
import { checkSchema, migrate, requireSchema } from './engine/migrate.js';
import { openDatabase } from './engine/open-database.js';
import { text } from './engine/rows.js';
import { raw, sql } from './engine/sql.js';
import { flowStore } from './flows/flow-store.js';
import { spentTokens, ticketStore } from './flows/one-time-tokens.js';
import { frameSessionStore } from './frame-session-store.js';
import { instanceStore } from './instance-store.js';
import { meterStore } from './meter-store.js';
import { adminStore } from './people/admin-store.js';
import { apiKeyStore } from './people/api-key-store.js';
import { webSessionStore } from './people/web-session-store.js';
import { dryRunThrottle, signInThrottle } from './rate-limits.js';
import { REMEMBERED_LIMITS, type RememberedLimits, remembering } from './remembered.js';
import { fingerprintsOf } from './sealing/fingerprints.js';
import { resealStore } from './sealing/reseal.js';
import { sealer } from './sealing/seal.js';
import { SEALED } from './sealing/sealed-columns.js';
import type { SealingKey } from './sealing/sealing-key.js';
import { tokenSealer } from './sealing/token-set.js';
import { setupStore } from './setup-record-store.js';
import type { Stores } from './stores.js';

const failing: ReportMisplaced = (what) => {
  throw new Error(`misplaced: ${what} of another owner was found, and not used.`);
};

const SILENT: Journal = { note: () => undefined, warn: () => undefined };

/**
 * Opens the database named by `url` (`sqlite:./oriel.db`, `sqlite::memory:`, `postgres://…`) and gives its stores. As a server does it
 * (`schema: 'ours'`), it is made where there is none and its schema is brought forward; a command takes it `as-it-is`, or not at all.
 * `journal` hears when the database cannot be used, at most once a minute. Throws a sentence that says what to do (`DatabaseTrouble`)
 * when it cannot be used now, and a plain Error when the key ring cannot.
 */
export const openStores = async ({
  url,
  keys,
  clock,
  misplaced = failing,
  limits = REMEMBERED_LIMITS,
  databaseLimits = {},
  journal = SILENT,
  schema = 'ours',
}: {
  readonly url: string;
  readonly keys: readonly SealingKey[];
  readonly clock: Clock;
  /** By default what is found in the wrong place fails the question. */
  readonly misplaced?: ReportMisplaced;
  /** How much is remembered of what is read. */
  readonly limits?: RememberedLimits;
  readonly databaseLimits?: DatabaseLimits;
  readonly journal?: Journal;
  readonly schema?: 'ours' | 'as-it-is';
}): Promise<Stores> => {
  const seals = sealer(keys);
  const opened = await openDatabase(url, { create: schema === 'ours', limits: databaseLimits });
  try {
    await (schema === 'ours' ? migrate(opened) : requireSchema(opened));
  } catch (error) {
    await opened.close();
    throw error;
  }
  const health = new DatabaseHealth(journal);
  const database = guarded(opened, health);
  return {
    flows: flowStore(database, seals),
    ...remembering(
      {
        connections: connectionStore(database, tokenSealer(seals)),
        frameSessions: frameSessionStore(database),
        connectionLists: connectionLists(database),
        bulkDisconnects: bulkDisconnectStore(database),
      },
      { database, clock, misplaced, limits },
    ),
    tickets: ticketStore(database),
    spentTokens: spentTokens(database),
    webSessions: webSessionStore(database),
    clientStops: clientStops(database),
    meter: meterStore(database),
    audit: auditStore(database, seals),
    setup: setupStore(database, seals),
    admins: adminStore(database),
    apiKeys: apiKeyStore(database),
    signInThrottle: signInThrottle(database, clock),
    dryRunThrottle: dryRunThrottle(database, clock),
    instances: instanceStore(database),
    useKeys: (ring) => seals.use(ring),
    reseal: resealStore(database, seals),
    archive: archiveOf(database, seals),
    fingerprints: fingerprintsOf(seals),
    async ping() {
      await checkSchema(database);
      const trouble = health.trouble();
      if (trouble !== null) throw trouble;
    },
    close: () => database.close(),
  };
};

/** So many sealed values of a kind are tried: a ring that fits opens the first. */
const SAMPLE = 50;

/** What a store holds, as a key ring opens it. */
interface ExaminedStore {
  readonly records: readonly SetupRecord[];
  /** Of the sealed values that were tried, how many the ring opens, and how many it does not. */
  readonly opened: number;
  readonly unopened: number;
}

/** Looks into the database named by `url` and changes nothing. Throws `DatabaseTrouble` when it is not there, not ours, or of another schema. */
export const examineStore = async (url: string, keys: readonly SealingKey[]): Promise<ExaminedStore> => {
  const seals = sealer(keys);
  const database = await openDatabase(url, { create: false });
  try {
    await requireSchema(database);
    let [opened, unopened] = [0, 0];
    for (const sealed of SEALED) {
      const column = raw(sealed.column);
      const rows = await database.read(sql`
        select * from ${raw(sealed.table)} where ${column} is not null
        order by ${keyColumns(sealed)} limit ${SAMPLE}`);
      for (const row of rows) {
        if (seals.open(text(row, sealed.column), sealed.place(row)) === null) unopened += 1;
        else opened += 1;
      }
    }
    return { records: await setupStore(database, seals).all(), opened, unopened };
  } finally {
    await database.close();
  }
};
