import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/config-faults.js';
import { gadgetsIn } from '../config/declared-gadgets.js';
import { examineFile } from '../config/read-config.js';
import type { Fault } from '../domain/fault.js';
import type { SetupRecord } from '../domain/setup-record.js';
import { faultsBeside } from '../server/file-faults.js';
import { examineDatabase } from './examine-database.js';
import { pageFaults } from './page-faults.js';
import { summary } from './summary.js';

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
