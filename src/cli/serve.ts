import { readConfigBesideStore } from '../config/read-config.js';
import type { Secret } from '../domain/secret.js';
import { watchHeapGrowth } from '../server/heap-growth.js';
import { budgetOf } from '../server/limits.js';
import { Server } from '../server.js';

/** Requests in progress get ten seconds from the server itself; one more to close everything else. */
const PATIENCE = 11_000;

/** Stops the process cleanly at the first signal, immediately at the second. */
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
        console.error('The server could not be stopped cleanly:', error);
        process.exit(1);
      });
    });
  }
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
  // For the person at the terminal: people who read the log must not find it there.
  if (first !== null) console.error(firstLink(first.link));
};
