import { userInfo } from 'node:os';
import { destination } from 'pino';
import { auditLog } from '../admin/audit/audit-writer.js';
import type { Management } from '../admin/management.js';
import { scryptPasswords } from '../admin/people/password-hashing.js';
import type { Config } from '../config/config.js';
import { gadgetsOf } from '../config/declared-gadgets.js';
import { readConfigBesideStore } from '../config/read-config.js';
import { ObservedIssuers } from '../connect/consent/observed-issuers.js';
import { AccessTokens } from '../connect/tokens/access-tokens.js';
import type { Actor } from '../domain/actor.js';
import type { Journal } from '../domain/system.js';
import { openStores } from '../store/open-stores.js';
import { type ManagementWorld, management } from './bind-management.js';
import { openSetup } from './live-setup.js';
import { openLog } from './log.js';
import { systemClock, systemDigest, systemEntropy } from './node-system.js';
import { outgoing } from './outgoing.js';
import { KnownPeers } from './peers.js';
import { misplacedReporter } from './report-misplaced.js';
import { Tally } from './tally.js';

/** What a command works with. */
export interface Managed {
  readonly management: Management;
  /** What the stories are bound to, for the few commands that need a store itself. */
  readonly world: ManagementWorld;
  readonly config: Config;
  /** Resolves when the metadata of every provider was asked for once. */
  readonly settled: Promise<void>;
  /** Whoever the operating system says runs the command. */
  readonly by: Actor;
}

const STANDARD_ERROR = 2;

/** What is wrong with other records is for the server's log: a command tells what it was asked. */
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
 * Opens the stores and doors that the configuration names for one command, beside servers that may be running on them, and closes
 * them when `work` is done. `root` is the folder that holds `templates` and `gadgets`. Rejects as `readConfig` and `work` do.
 */
export const withManagement = async <T>(
  file: string,
  root: string,
  work: (managed: Managed) => Promise<T>,
): Promise<T> => {
  const config = readConfigBesideStore(file);
  // What a command has to say goes to its own output; what needs mending is told beside it.
  const { journal, requests } = openLog('warn', destination({ dest: STANDARD_ERROR, sync: true }));
  // What one command does is nobody's load.
  const meter = new Tally(systemClock.now);
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
  const doors = outgoing(() => config, system);
  // Sleeping keeps no process alive, and a command may have nothing to do but wait for a server.
  const alive = setInterval(() => undefined, LONG);
  let stop = (): void => undefined;
  try {
    const gadgets = await gadgetsOf(config, root);
    const setup = { config, gadgets, stores, discover: doors.discover, ...system, journal: SILENT };
    // A command may be what mends the setup, so no mistake in it keeps a command from being run.
    const { directory, inForce, settled, ...live } = await openSetup(setup, { strict: false });
    stop = live.stop;
    const { siteOrigin, gadgetOrigin } = config;
    const audit = auditLog(stores.audit, system);
    const passwords = scryptPasswords();
    const observedIssuers = new ObservedIssuers({ ...system, audit, stores });
    const deps = {
      ...{ ...system, ...doors },
      ...{ stores, directory, inForce, audit, observedIssuers, passwords, siteOrigin, gadgetOrigin },
    };
    const world = { ...deps, access: new AccessTokens(deps) };
    const by: Actor = { kind: 'command', name: whoRunsIt() };
    return await work({ management: management(world), world, config, settled, by });
  } finally {
    clearInterval(alive);
    stop();
    await doors.close();
    await stores.close();
  }
};
