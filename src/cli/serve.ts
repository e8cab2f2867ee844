import { setFlagsFromString } from 'node:v8';
import { readConfigBesideStore } from '../config/read-config.js';
import type { Secret } from '../domain/secret.js';
import { budgetOf } from '../server/limits.js';
import { isFirst, isWorker, type WorkerMessage } from '../server/worker-process.js';
import { Server } from '../server.js';

/** Milliseconds between two looks at the memory. */
const EVERY = 2000;
/** Of the memory that the process should stay within: above `NEAR` old garbage is collected early, below `FAR` late. */
const NEAR = 0.75;
const FAR = 0.6;
/** How much of the live heap may be garbage before it is collected, percent; 0 leaves it to V8. */
const EARLY = 20;
const AS_USUAL = 0;
const LATE = 100;

/** What the process may take of memory: what it takes before anyone looks, and one and a half times the budget; bytes. */
export const memoryAim = (base: number, budget: number): number => base + 1.5 * budget;

/**
 * Keeps the heap near what is alive in it once the process comes close to what `memoryBudget` promises, and collects seldom while it is far from
 * that. By itself V8 collects a small heap every few megabytes, and lets a large one grow to several times what is alive; collecting early all
 * the time would make every render dearer. For the one server of a process: the growth is the whole process's.
 */
export const watchHeapGrowth = (
  budget: number,
  set: (percent: number) => void = (percent) => setFlagsFromString(`--heap-growing-percent=${percent}`),
  resident: () => number = () => process.memoryUsage.rss(),
): NodeJS.Timeout => {
  const aim = memoryAim(resident(), budget);
  let growth = AS_USUAL;
  const look = (): void => {
    const share = resident() / aim;
    const between = growth === EARLY ? EARLY : AS_USUAL;
    const next = share >= NEAR ? EARLY : share <= FAR ? LATE : between;
    if (next === growth) return;
    growth = next;
    set(growth);
  };
  look();
  return setInterval(look, EVERY).unref();
};

/** Requests in progress get ten seconds from the server itself; one more to close everything else. */
const PATIENCE = 11_000;

/** Calls `then` when the process is asked to stop. A worker waits for the first process to ask, which gets the terminal's Ctrl-C as well. */
const onEnd = (then: () => void): void => {
  process.on('SIGTERM', then);
  process.on('SIGINT', isWorker ? () => undefined : then);
};

/** Stops the process cleanly at the first signal, immediately at the second. */
const endBySignal = (running: () => Server | null): void => {
  let ending = false;
  const end = async (): Promise<void> => {
    // A worker is signalled by the first process and often by the system too.
    if (ending && !isWorker) process.exit(1);
    if (ending) return;
    ending = true;
    setTimeout(() => process.exit(0), PATIENCE).unref();
    await running()?.drain();
    process.exit(0);
  };
  onEnd(() => {
    end().catch((error: unknown) => {
      console.error('The server could not be stopped cleanly:', error);
      process.exit(1);
    });
  });
};

/** Reloads the configuration at SIGHUP, once the server serves; the result is in the log. */
const reloadBySignal = (serving: Promise<Server>): void => {
  process.on('SIGHUP', () => {
    serving
      .then((running) => running.reload())
      .catch((error: unknown) => console.error('The configuration could not be reloaded:', error));
  });
};

const firstLink = (link: Secret): string =>
  [
    '',
    'There is no administrator yet. Open this link within 24 hours to become the first one; it works once:',
    '',
    `  ${link.reveal()}`,
    '',
  ].join('\n');

/** Serves until a signal ends it. Rejects when it cannot be started. */
export const serve = async (file: string, root: string): Promise<void> => {
  const config = readConfigBesideStore(file);
  if (config.workers > 1 && !isWorker) {
    const { serveByWorkers } = await import('./workers.js');
    return serveByWorkers(config);
  }
  let running: Server | null = null;
  endBySignal(() => running);
  let serves = (_: Server): void => undefined;
  reloadBySignal(
    new Promise((resolve) => {
      serves = resolve;
    }),
  );
  running = await Server.create(config, { root });
  await running.listen();
  watchHeapGrowth(budgetOf(config.memoryBudget, config.workers));
  serves(running);
  const message: WorkerMessage = { oriel: 'serving' };
  // Whatever else started this process may not expect to hear of it.
  if (isWorker) process.send?.(message);
  // Another worker's link would take the place of the first one's.
  const first = isFirst ? await running.inviteFirst() : null;
  // For the person at the terminal: people who read the log must not find it there.
  if (first !== null) console.error(firstLink(first.link));
};
