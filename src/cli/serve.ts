import { readConfigBesideStore } from '../config/read-config.js';
import type { Secret } from '../domain/secret.js';
import { watchHeapGrowth } from '../server/heap-growth.js';
import { budgetOf } from '../server/limits.js';
import { Server } from '../server.js';

/** Requests under way get ten seconds from the server itself; one more to close what is behind it. */
const PATIENCE = 11_000;

/** Ends the process in good order at the first signal, at once at the second. */
const endBySignal = (running: () => Server | null): void => {
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) process.exit(1);
    ending = true;
    setTimeout(() => process.exit(0), PATIENCE).unref();
    await running()?.drain();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      end().catch((error: unknown) => {
        console.error('It could not be ended in good order:', error);
        process.exit(1);
      });
    });
  }
};

/** Reads the configuration again at SIGHUP, once the server serves; what came of it is in the log. */
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
    'There is no administrator yet. Open this link within 24 hours to become the first; it works once:',
    '',
    `  ${link.reveal()}`,
    '',
  ].join('\n');

/** Serves until a signal ends it. Rejects when it cannot be started. */
export const serve = async (file: string, root: string): Promise<void> => {
  let running: Server | null = null;
  endBySignal(() => running);
  let serves = (_: Server): void => undefined;
  reloadBySignal(
    new Promise((resolve) => {
      serves = resolve;
    }),
  );
  const config = readConfigBesideStore(file);
  running = await Server.create(config, { root });
  await running.listen();
  watchHeapGrowth(budgetOf(config.memoryBudget));
  serves(running);
  const first = await running.inviteFirst();
  // For the person at the terminal: whoever reads the log must not find it there.
  if (first !== null) console.error(firstLink(first.link));
};
