import { compose, type Running } from '../compose.js';
import { readConfig } from '../config/read-config.js';

/** Requests under way get ten seconds from the server itself; one more to close what is behind it. */
const PATIENCE = 11_000;

/** Ends the process in good order at the first signal, at once at the second. */
const endBySignal = (running: () => Running | null): void => {
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

/** Serves until a signal ends it. Rejects when it cannot be started. */
export const serve = async (file: string, root: string): Promise<void> => {
  let running: Running | null = null;
  endBySignal(() => running);
  running = await compose(readConfig(file), { root });
  await running.listen();
};
