import cluster, { type Worker } from 'node:cluster';
import { randomInt } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { readStandardInput } from '../config/bounded-files.js';
import type { Config } from '../config/config.js';
import { isStandardInput } from '../config/read-config.js';
import { openLog } from '../server/log.js';
import { isMessage } from '../server/worker-process.js';
import { prepareSocket } from '../web/listening.js';

/** A worker that ended by itself is started again after so long at first, and after twice as long each time, ms. */
const AGAIN = 250;
const LONGEST = 30_000;
/** One that has served for so long ended for another reason than the one before, ms. */
const SETTLED = 60_000;
/** A worker gets ten seconds for requests in progress from its server; then it is ended, ms. */
const PATIENCE = 12_000;

/** The place of one worker, whichever process has it. */
class Slot {
  readonly number: number;
  worker: Worker | null = null;
  failures = 0;

  constructor(number: number) {
    this.number = number;
  }
}

const everyWorker = (): readonly Worker[] =>
  Object.values(cluster.workers ?? {}).filter((worker) => worker !== undefined);

const ended = (worker: Worker): Promise<number> =>
  worker.isDead()
    ? Promise.resolve(worker.process.exitCode ?? 1)
    : new Promise((resolve) => worker.once('exit', (code: number | null) => resolve(code ?? 1)));

/** Resolves with null once the worker serves, else with the code it ended with. */
const serving = (worker: Worker): Promise<number | null> =>
  new Promise((resolve) => {
    worker.on('message', (message: unknown) => {
      if (isMessage(message, 'serving')) resolve(null);
    });
    void ended(worker).then(resolve);
  });

/** Asks a worker to finish and end, and waits for that. */
const end = async (worker: Worker): Promise<void> => {
  worker.process.kill('SIGTERM');
  const late = setTimeout(() => worker.process.kill('SIGKILL'), PATIENCE);
  await ended(worker);
  clearTimeout(late);
};

/**
 * The first process of a server with several workers: it listens, hands connections to them by turns, starts those again that end, and
 * replaces them one after another when it is asked to, without a request lost. It does nothing else: no request and no secret passes
 * through it.
 */
class Workers {
  readonly #slots: readonly Slot[];
  readonly #input: Uint8Array | null;
  readonly #log: ReturnType<typeof openLog>;
  readonly #serving = new Set<Worker>();
  #isEnding = false;
  #rolling: Promise<void> | null = null;

  constructor(config: Config) {
    this.#slots = Array.from({ length: config.workers }, (_, index) => new Slot(index + 1));
    const input = isStandardInput(config) ? readStandardInput() : null;
    this.#input = input !== null && 'bytes' in input ? input.bytes : null;
    this.#log = openLog(config.logLevel);
    cluster.setupPrimary({
      args: process.argv.slice(2),
      stdio: [this.#input === null ? 'ignore' : 'pipe', 'inherit', 'inherit', 'ipc'],
    });
  }

  /** Resolves with null once all serve, else with the code of the one that could not be started; then none is left. */
  async start(): Promise<number | null> {
    // The first makes the database, and the others find it made.
    for (const slots of [this.#slots.slice(0, 1), this.#slots.slice(1)]) {
      const codes = await Promise.all(slots.map((slot) => serving(this.#place(slot))));
      const failed = codes.find((code) => code !== null);
      if (failed === undefined) continue;
      await this.stop();
      return failed;
    }
    this.#log.journal.note('workers-serving', { workers: this.#slots.length });
    return null;
  }

  /** Puts new processes in the place of all workers, one after another; each ends when its successor serves. */
  roll(): Promise<void> {
    this.#rolling ??= this.#rollOnce().finally(() => {
      this.#rolling = null;
    });
    return this.#rolling;
  }

  isServing(worker: Worker): boolean {
    return this.#serving.has(worker);
  }

  signal(name: NodeJS.Signals): void {
    for (const worker of everyWorker()) worker.process.kill(name);
  }

  async stop(): Promise<void> {
    this.#isEnding = true;
    // While they are replaced there are more of them than places.
    await Promise.all(everyWorker().map(end));
    this.#log.flush();
  }

  async #rollOnce(): Promise<void> {
    this.#log.journal.note('workers-replacing', { workers: this.#slots.length });
    for (const slot of this.#slots) {
      if (this.#isEnding) return;
      const next = this.#fork(slot);
      const code = await serving(next);
      if (code !== null) {
        this.#log.journal.warn('worker-not-replaced', { worker: slot.number, code });
        return;
      }
      const before = slot.worker;
      slot.worker = next;
      if (before !== null) await end(before);
    }
    this.#log.journal.note('workers-replaced', { workers: this.#slots.length });
  }

  #place(slot: Slot): Worker {
    slot.worker = this.#fork(slot);
    return slot.worker;
  }

  #fork(slot: Slot): Worker {
    const worker = cluster.fork();
    // One that ends at once does not read what it is sent.
    worker.process.stdin?.on('error', () => undefined);
    if (this.#input !== null) worker.process.stdin?.end(this.#input);
    void this.#watch(slot, worker);
    return worker;
  }

  /** Starts a worker again that served and ended without being asked. */
  async #watch(slot: Slot, worker: Worker): Promise<void> {
    const code = await serving(worker);
    if (code !== null) return;
    this.#serving.add(worker);
    const since = performance.now();
    const status = await ended(worker);
    this.#serving.delete(worker);
    if (this.#isEnding || slot.worker !== worker) return;
    this.#log.journal.warn('worker-ended', {
      worker: slot.number,
      code: status,
      signal: worker.process.signalCode ?? undefined,
    });
    if (performance.now() - since > SETTLED) slot.failures = 0;
    await this.#startAgain(slot);
  }

  async #startAgain(slot: Slot): Promise<void> {
    for (;;) {
      const before = slot.worker;
      const delay = Math.min(LONGEST, AGAIN * 2 ** slot.failures);
      slot.failures += 1;
      await pause(delay / 2 + randomInt(Math.ceil(delay / 2)));
      // Its place may have been taken when all were replaced.
      if (this.#isEnding || slot.worker !== before) return;
      const code = await serving(this.#place(slot));
      if (code === null) return;
      this.#log.journal.warn('worker-not-started', { worker: slot.number, code });
    }
  }
}

/** Serves by several processes until a signal ends it. SIGHUP reloads the configuration in each, SIGUSR2 replaces one after another. */
export const serveByWorkers = async (config: Config): Promise<void> => {
  const { socket } = config.listen;
  // One of them listens in the name of all.
  if (socket !== null) await prepareSocket(socket.path);
  const workers = new Workers(config);
  const monitor = await monitorOf(config, workers);
  let isEnding = false;
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.on(signal, () => {
      if (isEnding) {
        workers.signal('SIGKILL');
        process.exit(1);
      }
      isEnding = true;
      void workers
        .stop()
        .then(() => monitor?.close())
        .then(() => process.exit(0));
    });
  process.on('SIGHUP', () => workers.signal('SIGHUP'));
  process.on('SIGUSR2', () => void workers.roll());
  const code = await workers.start();
  if (isEnding) return;
  if (code !== null) process.exit(code);
};

const monitorOf = async ({ metrics }: Config, workers: Workers) => {
  if (metrics === null) return null;
  const { monitorWorkers } = await import('../server/monitor-workers.js');
  return monitorWorkers(metrics.listen, (worker) => workers.isServing(worker));
};
