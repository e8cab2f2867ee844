import { checkCatalog } from '../compose/catalog.js';
import type { Config } from '../config/config.js';
import { ConfigFaults } from '../config/faults.js';
import { readConfig } from '../config/read-config.js';
import type { Fault } from '../domain/fault.js';
import { summary } from './summary.js';

type Checked =
  | { readonly config: Config; readonly faults: readonly [] }
  | { readonly config: null; readonly faults: readonly Fault[] };

const checked = async (file: string, root: string): Promise<Checked> => {
  try {
    const config = readConfig(file);
    const faults = await checkCatalog(config, root);
    return faults.length === 0 ? { config, faults: [] } : { config: null, faults };
  } catch (error) {
    if (error instanceof ConfigFaults) return { config: null, faults: error.faults };
    throw error;
  }
};

/**
 * Says everything that is wrong with the configuration and the gadgets, or in short what was understood. Nothing is opened or
 * called. Throws `ConfigFaults`; with `json` it prints them and sets the exit code.
 */
export const check = async (file: string, root: string, json: boolean): Promise<void> => {
  const { config, faults } = await checked(file, root);
  if (json) {
    console.log(JSON.stringify({ ok: config !== null, faults, config }));
    if (config === null) process.exitCode = 1;
    return;
  }
  if (config === null) throw new ConfigFaults(faults);
  console.log(summary(config));
};
