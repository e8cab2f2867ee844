import { userInfo } from 'node:os';
import { destination } from 'pino';
import type { AdminDeps } from '../admin/admin-deps.js';
import type { Config } from '../config/config.js';
import { declaredGadgets } from '../config/declared-gadgets.js';
import { readConfigBesideStore } from '../config/read-config.js';
import type { Actor } from '../domain/actor.js';
import type { Journal } from '../domain/system.js';
import type { CallDeps } from '../render/provider-calls.js';
import { openStores } from '../store/open-stores.js';
import { LiveSetup } from './live-setup.js';
import { openLog } from './log.js';
import { Metrics } from './metrics.js';
import { systemClock, systemDigest, systemEntropy } from './node-system.js';
import { Outgoing } from './outgoing.js';
import { KnownPeers } from './peers.js';
import { misplacedReporter } from './report-misplaced.js';
import { useCaseDeps } from './use-case-deps.js';

/** What a command works with. */
export interface CommandContext {
  readonly deps: AdminDeps;
  readonly config: Config;
  /** What calls providers as a viewer, beside the servers that do. */
  readonly calls: CallDeps;
  /** Resolves when the metadata of every provider was asked for once. */
  readonly settled: Promise<void>;
  /** The user that the operating system says runs the command. */
  readonly by: Actor;
}

const STANDARD_ERROR = 2;

/** What is wrong with other records is for the server's log: a command reports what it was asked for. */
const SILENT: Journal = { note: () => undefined, warn: () => undefined };
const LONG = 60_000;

const whoRunsIt = (): string => {
  try {
    return userInfo().username;
  } catch {
    // A container's user need not have a name.
    return `user ${process.getuid?.() ?? ''}`.trim();
  }
};

/**
 * Opens the stores and clients that the configuration names for one command, beside servers that may be running on them, and closes
 * them when `work` is done. `root` is the folder that holds `templates` and `gadgets`. Rejects as `readConfig` and `work` do.
 */
export const withCommandContext = async <T>(
  file: string,
  root: string,
  work: (context: CommandContext) => Promise<T>,
): Promise<T> => {
  const config = readConfigBesideStore(file);
  // What a command has to say goes to its own output; what needs fixing is reported beside it.
  const { journal, requests } = openLog('warn', destination({ dest: STANDARD_ERROR, sync: true }));
  // What one command does is not counted.
  const meter = new Metrics(systemClock.now);
  const misplaced = misplacedReporter(meter, requests);
  const system = {
    peers: new KnownPeers(systemClock, systemEntropy),
    clock: systemClock,
    entropy: systemEntropy,
    digest: systemDigest,
    journal,
    meter,
    misplaced,
  };
  const { database: url, keys } = config;
  const stores = await openStores({ ...system, journal: SILENT, url, keys, schema: 'as-it-is' });
  const calls = new Outgoing(() => config, system);
  // Sleeping keeps no process alive, and a command may have nothing to do but wait for a server.
  const alive = setInterval(() => undefined, LONG);
  let stop = (): void => undefined;
  try {
    const { entries, faulty } = await declaredGadgets(config, root);
    const gadgets = { gadgets: entries.map(({ gadget }) => gadget), leftOut: new Set(faulty.keys()) };
    const setup = { config, ...gadgets, stores, discovery: calls.discovery, ...system, journal: SILENT };
    // A command may be what fixes the setup, so no mistake in it keeps a command from being run.
    const live = await LiveSetup.open(setup, { strict: false });
    stop = () => live.stop();
    const { directory, inForce, settled } = live;
    const deps = useCaseDeps(system, calls, { config, stores, directory, inForce });
    const by: Actor = { kind: 'command', name: whoRunsIt() };
    const { connections } = stores;
    const calling: CallDeps = { ...deps, connections };
    return await work({ deps, config, calls: calling, settled, by });
  } finally {
    clearInterval(alive);
    stop();
    await calls.close();
    await stores.close();
  }
};
