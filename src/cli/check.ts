import { checkCatalog, gadgetsOf } from '../compose/catalog.js';
import { faultsBeside } from '../compose/setup/file-faults.js';
import { recordsKept } from '../compose/setup/records-kept.js';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/faults.js';
import { readConfig, readConfigBesideStore } from '../config/read-config.js';
import type { Fault } from '../domain/fault.js';
import type { SetupRecord } from '../domain/setup.js';
import { summary } from './summary.js';

/** What the store holds, or why nobody can say. */
type Kept = { readonly records: readonly SetupRecord[] } | { readonly unread: string };

interface Checked {
  readonly config: Config | null;
  readonly faults: readonly Fault[];
  /** Why what the store holds was not looked at; null where it was, and where there is no store yet. */
  readonly unread: string | null;
}

const keptBy = async (config: Config): Promise<Kept> => {
  try {
    return { records: await recordsKept(config) };
  } catch (error) {
    return { unread: error instanceof Error ? error.message : String(error) };
  }
};

const faultsOf = async (config: Config, root: string, kept: Kept): Promise<readonly Fault[]> => {
  const faults = await checkCatalog(config, root);
  if (faults.length > 0 || 'unread' in kept) return faults;
  return faultsBeside(config, await gadgetsOf(config, root), kept.records);
};

const checked = async (file: string, root: string): Promise<Checked> => {
  try {
    const beside = readConfigBesideStore(file);
    const kept = await keptBy(beside);
    // A file that stands alone is told the line of each name that is declared nowhere.
    const config = 'records' in kept && kept.records.length === 0 ? readConfig(file) : beside;
    const faults = await faultsOf(config, root, kept);
    return {
      config: faults.length === 0 ? config : null,
      faults,
      unread: 'unread' in kept ? kept.unread : null,
    };
  } catch (error) {
    if (error instanceof ConfigFaults) return { config: null, faults: error.faults, unread: null };
    throw error;
  }
};

/**
 * Says everything that is wrong with the configuration, beside what the store holds, and with the gadgets; or in short what was
 * understood. Nothing is changed, and no server is called but the database. Throws `ConfigFaults`; with `json` it prints them and sets
 * the exit code.
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
  if (unread !== null)
    console.error(`What the console made was not looked at, since the database cannot be read: ${unread}`);
};
