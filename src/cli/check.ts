import { join, resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/config-faults.js';
import { gadgetsIn } from '../config/declared-gadgets.js';
import { examineFile } from '../config/read-config.js';
import type { Fault } from '../domain/fault.js';
import type { SetupRecord } from '../domain/setup-record.js';
import type { CatalogEntry } from '../gadgets/load-gadgets.js';
import { faultsBeside } from '../server/file-faults.js';
import { DatabaseTrouble } from '../store/database-trouble.js';
import { examineStore } from '../store/examine-store.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';
import { compileFaults } from '../views/nunjucks-views.js';
import { loadAssets } from '../web/load-assets.js';
import { summary } from './summary.js';

/** What a store was found to hold, and what about it keeps a server from starting or from serving. */
interface ExaminedDatabase {
  /** Null where it could not be read. */
  readonly records: readonly SetupRecord[] | null;
  readonly faults: readonly Fault[];
  /** Why it could not be read, where that is no fault. */
  readonly unread: string | null;
}

const databaseFault = (file: string, path: string, problem: string, expected: string): Fault => ({
  file: resolve(file),
  path,
  line: null,
  problem: problem.replace(/\.$/, ''),
  expected,
  example: null,
});

const NONE: ExaminedDatabase = { records: [], faults: [], unread: null };

/** Reads the database that `file` names, as far as it is known: null where the file is wrong about it. Changes nothing. */
const examineDatabase = async (
  url: string | null,
  keys: readonly SealingKey[],
  file: string,
): Promise<ExaminedDatabase> => {
  if (url === null || keys.length === 0)
    return {
      records: null,
      faults: [],
      unread: 'the database address or the keys in the file are wrong.',
    };
  if (url === 'sqlite::memory:') return NONE;
  try {
    const { records, opened, unopened } = await examineStore(url, keys);
    const faults =
      opened === 0 && unopened > 0
        ? [
            databaseFault(
              file,
              'keys',
              'no key of this ring opens anything in the database: no token, and no provider or host of the console',
              'the keys that sealed it, behind a new one if there is one',
            ),
          ]
        : [];
    return { records, faults, unread: null };
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // A server creates the first when it starts, and migrates the second.
    if (error.fault === 'not_made') return NONE;
    const reason = error.reason ?? error.message;
    if (error.fault === 'older') return { records: null, faults: [], unread: reason };
    return {
      records: null,
      faults: [databaseFault(file, 'database', reason, 'a database that a server can use')],
      unread: null,
    };
  }
};

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** What keeps pages from being shown: templates, styles and scripts that are missing, and those that cannot be compiled. */
const pageFaults = (root: string, entries: readonly CatalogEntry[]): readonly Fault[] => {
  const fault = (file: string, problem: string, expected: string): Fault => ({
    ...{ file, path: '', line: null, example: null },
    problem: problem.trim().replaceAll(/\s+/g, ' ').replace(/\.$/, ''),
    expected,
  });
  const templates = compileFaults({ templates: join(root, 'templates'), gadgets: entries }).map(
    ({ file, problem }) => fault(file, problem, 'a template that Nunjucks can compile'),
  );
  try {
    loadAssets(
      root,
      entries.map(({ gadget }) => gadget),
      // Whether they are there does not depend on the origin that is written into them.
      '',
    );
    return templates;
  } catch (error) {
    return [
      ...templates,
      fault(
        root,
        `scripts or styles of the pages cannot be read (${wordsOf(error)})`,
        'a complete build of Oriel',
      ),
    ];
  }
};

interface Checked {
  readonly config: Config | null;
  readonly faults: readonly Fault[];
  /** Why the store was not checked; null where it was, and where there is no store yet. */
  readonly unread: string | null;
}

/** Without duplicates: two of the checks below may find the same. */
const distinct = (faults: readonly Fault[]): readonly Fault[] => [
  ...new Map(
    faults.map((fault) => [JSON.stringify([fault.file, fault.path, fault.problem]), fault]),
  ).values(),
];

/** The file as a whole; where there is no store, each name that is not declared anywhere is reported with its line. */
const examined = (file: string, records: readonly SetupRecord[] | null) =>
  examineFile(file, records?.length === 0 ? 'alone' : 'beside-store');

const checked = async (file: string, root: string): Promise<Checked> => {
  const first = examineFile(file, 'beside-store');
  const sound = 'config' in first ? first.config : first.sound;
  const kept = await examineDatabase(sound.database, sound.keys, file);
  const whole = examined(file, kept.records);
  const { entries, faults: gadgetFaults } = await gadgetsIn(sound, root, file);
  const gadgets = entries.map(({ gadget }) => gadget);
  const beside =
    'config' in whole && kept.records !== null ? faultsBeside(whole.config, gadgets, kept.records) : [];
  const faults = distinct([
    ...('faults' in whole ? whole.faults : []),
    ...kept.faults,
    ...gadgetFaults,
    ...beside,
    ...pageFaults(root, entries),
  ]);
  return {
    config: faults.length === 0 && 'config' in whole ? whole.config : null,
    faults,
    unread: kept.unread,
  };
};

/**
 * Reports everything that would keep a server from starting or from serving: in the configuration, together with what the store holds, in
 * the database and with the key ring, in the gadgets and their templates; or a summary of what was understood. Nothing is changed, and no
 * server is called except the database. Throws `ConfigFaults`; with `json` it prints them and sets the exit code.
 */
export const check = async (file: string, root: string, json: boolean): Promise<void> => {
  const { config, faults, unread } = await checked(file, root);
  if (json) {
    console.log(JSON.stringify({ ok: config !== null, faults, config, unread }));
    if (config === null) process.exitCode = 1;
    return;
  }
  if (config === null) throw new ConfigFaults(faults);
  console.log(summary(config));
  if (unread !== null) console.error(`Providers and hosts of the console were not checked: ${unread}`);
};
