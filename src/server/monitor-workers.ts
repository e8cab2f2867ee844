import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { ListenOn } from '../config/config.js';
import { HttpServer } from '../web/listening.js';
import { answerScrape } from './monitor.js';
import { type Counted, isMessage, type WorkerMessage } from './worker-process.js';

/** A worker is waited for so long, ms; one that is starting, ends or is busy for longer counts with what it reported last. */
const PATIENCE = 2_000;

/** What only ever grows, and so is left of a worker that ended; how much memory it took is not. */
const ADDS_UP: ReadonlySet<unknown> = new Set(['counter', 'histogram']);

/**
 * What workers counted, those that ended included: a sum that fell when a worker was replaced would be a restart to Prometheus, which
 * would take everything the others had counted before for new. A worker reports when it is asked and at its end; of one that was killed, what came
 * after its last report is lost.
 */
class WorkerCounts {
  readonly #last = new Map<Worker, Counted>();
  #ended: Counted = [];

  watch(worker: Worker): void {
    worker.on('message', (message: WorkerMessage) => {
      if (isMessage(message, 'counted') && 'counted' in message) this.#last.set(worker, message.counted);
    });
    // It comes after all that the worker sent.
    worker.once('disconnect', () => this.#keep(worker));
  }

  /** All of it, in Prometheus' text format. */
  metrics(): Promise<string> {
    return AggregatorRegistry.aggregate([this.#ended, ...this.#last.values()]).metrics();
  }

  #keep(worker: Worker): void {
    const grown = (this.#last.get(worker) ?? []).filter(({ type }) => ADDS_UP.has(type));
    this.#last.delete(worker);
    this.#ended = AggregatorRegistry.aggregate([this.#ended, grown]).getMetricsAsArray();
  }
}

/** Asks a worker what it counted; resolves once it answered, ended, or took too long. */
const ask = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(late);
      worker.off('message', hear);
      worker.off('disconnect', done);
      resolve();
    };
    const hear = (message: WorkerMessage): void => {
      if (isMessage(message, 'counted')) done();
    };
    const late = setTimeout(done, PATIENCE);
    worker.on('message', hear);
    worker.once('disconnect', done);
    const message: WorkerMessage = { oriel: 'count' };
    worker.send(message, (error) => {
      if (error) done();
    });
  });

/**
 * Serves to Prometheus what the workers counted, added up; to be called before the first of them is started. `isServing` says which of them
 * can be asked.
 */
export const monitorWorkers = async (
  on: ListenOn,
  isServing: (worker: Worker) => boolean,
): Promise<{ close(): Promise<void> }> => {
  const counts = new WorkerCounts();
  cluster.on('fork', (worker) => counts.watch(worker));
  const metrics = async (): Promise<string> => {
    await Promise.all(
      Object.values(cluster.workers ?? {}).flatMap((worker) =>
        worker?.isConnected() && isServing(worker) ? [ask(worker)] : [],
      ),
    );
    return counts.metrics();
  };
  const server = new HttpServer((request, response) =>
    answerScrape(request, response, { contentType: AggregatorRegistry.PROMETHEUS_CONTENT_TYPE, metrics }),
  );
  await server.listenOn(on);
  return { close: () => server.drain() };
};
