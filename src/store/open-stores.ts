import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { SetupRecord } from '../domain/setup-record.js';
import type { Clock, Journal } from '../domain/system.js';
import { AuditStore } from './audit/audit-store.js';
import { Archive } from './backup/archive.js';
import { ClientStops } from './connections/client-stops.js';
import type { DatabaseAddress } from './engine/database-address.js';
import type { DatabaseLimits } from './engine/database-limits.js';
import { DatabaseHealth, GuardedDatabase } from './engine/guarded-database.js';
import { keyColumns } from './engine/key-order.js';
import { checkSchema, migrate, requireSchema } from './engine/migrate.js';
import { openDatabase } from './engine/open-database.js';
import { text } from './engine/rows.js';
import { raw, sql } from './engine/sql.js';
import { FlowStore } from './flows/flow-store.js';
import { SpentTokens, TicketStore } from './flows/one-time-tokens.js';
import { InstanceStore } from './instance-store.js';
import { openJobs } from './jobs/open-jobs.js';
import { MeterStore } from './meter-store.js';
import { AdminStore } from './people/admin-store.js';
import { ApiKeyStore } from './people/api-key-store.js';
import { SignInThrottle } from './people/sign-in-limits.js';
import { WebSessionStore } from './people/web-session-store.js';
import { DryRunThrottle, PasteThrottle, RequestThrottle } from './rate-limits.js';
import {
  ForgettingBulkDisconnects,
  ForgettingChoices,
  ForgettingLists,
  REMEMBERED_LIMITS,
  Remembered,
  RememberedConnections,
  RememberedFrameSessions,
  type RememberedLimits,
} from './remembered.js';
import { Fingerprints } from './sealing/fingerprints.js';
import { ResealStore } from './sealing/reseal.js';
import { Sealer } from './sealing/seal.js';
import { SEALED } from './sealing/sealed-columns.js';
import type { SealingKey } from './sealing/sealing-key.js';
import { TokenSealer } from './sealing/token-set.js';
import { SetupStore } from './setup-record-store.js';
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
  meter,
  schema = 'ours',
}: {
  readonly url: DatabaseAddress;
  readonly keys: readonly SealingKey[];
  readonly clock: Clock;
  /** By default what is found in the wrong place fails the question. */
  readonly misplaced?: ReportMisplaced;
  /** How much is remembered of what is read. */
  readonly limits?: RememberedLimits;
  readonly databaseLimits?: DatabaseLimits;
  readonly journal?: Journal;
  /** Counts statements, and those that failed because the database could not be used. */
  readonly meter?: Pick<Meter, 'databaseFailed' | 'queried'>;
  readonly schema?: 'ours' | 'as-it-is';
}): Promise<Stores> => {
  const seals = new Sealer(keys);
  const opened = await openDatabase(url, { create: schema === 'ours', limits: databaseLimits });
  try {
    await (schema === 'ours' ? migrate(opened) : requireSchema(opened));
  } catch (error) {
    await opened.close();
    throw error;
  }
  const health = new DatabaseHealth(journal, undefined, meter);
  const database = new GuardedDatabase(opened, health);
  const jobs = await openJobs(database, clock, journal);
  try {
    if (schema === 'ours') await jobs.prepare();
  } catch (error) {
    await database.close();
    throw error;
  }
  const remembered = new Remembered({ database, clock, misplaced, limits });
  return {
    listen: (onNotice) =>
      database.listen(() => {
        void remembered.feed.lookAgain();
        onNotice();
      }),
    flows: new FlowStore(database, seals),
    connections: new RememberedConnections(database, new TokenSealer(seals), remembered),
    frameSessions: new RememberedFrameSessions(database, remembered),
    viewerChoices: new ForgettingChoices(database, remembered),
    connectionLists: new ForgettingLists(database, remembered),
    bulkDisconnects: new ForgettingBulkDisconnects(database, remembered),
    tickets: new TicketStore(database),
    spentTokens: new SpentTokens(database),
    webSessions: new WebSessionStore(database),
    clientStops: new ClientStops(database),
    meter: new MeterStore(database),
    audit: new AuditStore(database, seals),
    setup: new SetupStore(database, seals),
    admins: new AdminStore(database),
    apiKeys: new ApiKeyStore(database),
    signInThrottle: new SignInThrottle(database, clock),
    dryRunThrottle: new DryRunThrottle(database, clock),
    requestThrottle: new RequestThrottle(database, clock),
    pasteThrottle: new PasteThrottle(database, clock),
    instances: new InstanceStore(database),
    jobs,
    useKeys: (ring) => seals.use(ring),
    reseal: new ResealStore(database, seals),
    archive: new Archive(database, seals),
    fingerprints: new Fingerprints(seals),
    async ping() {
      await checkSchema(database);
      const trouble = health.trouble();
      if (trouble !== null) throw trouble;
    },
    async close() {
      await jobs.close();
      await database.close();
    },
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
export const examineStore = async (
  url: DatabaseAddress,
  keys: readonly SealingKey[],
): Promise<ExaminedStore> => {
  const seals = new Sealer(keys);
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
    return { records: await new SetupStore(database, seals).all(), opened, unopened };
  } finally {
    await database.close();
  }
};
