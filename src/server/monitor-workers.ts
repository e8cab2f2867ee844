import cluster, { type Worker } from 'node:cluster';
import { AggregatorRegistry } from 'prom-client';
import type { ListenOn } from '../config/config.js';
import { HttpServer } from '../web/listening.js';
import { answerScrape } from './monitor.js';
import { isMessage, type WorkerMessage } from './worker-process.js';

/** A worker that does not say what it counted for so long is left out, ms: it is starting, or ends. */
const PATIENCE = 2_000;

const countedBy = (worker: Worker): Promise<object | null> =>
  new Promise((resolve) => {
    const done = (counted: object | null): void => {
      clearTimeout(late);
      worker.off('message', hear);
      resolve(counted);
    };
    const hear = (message: WorkerMessage): void => {
      if (isMessage(message, 'counted') && 'counted' in message) done(message.counted);
    };
    const late = setTimeout(() => done(null), PATIENCE);
    worker.on('message', hear);
    const message: WorkerMessage = { oriel: 'count' };
    worker.send(message, (error) => {
      if (error) done(null);
    });
  });

/** Serves to Prometheus what the workers counted, added up. `isServing` says which of them can be asked. */
export const monitorWorkers = async (
  on: ListenOn,
  isServing: (worker: Worker) => boolean,
): Promise<{ close(): Promise<void> }> => {
  const text = async (): Promise<string> => {
    const asked = Object.values(cluster.workers ?? {}).flatMap((worker) =>
      worker?.isConnected() && isServing(worker) ? [countedBy(worker)] : [],
    );
    const counted = (await Promise.all(asked)).filter((each) => each !== null);
    return AggregatorRegistry.aggregate(counted).metrics();
  };
  const server = new HttpServer((request, response) =>
    answerScrape(request, response, {
      contentType: AggregatorRegistry.PROMETHEUS_CONTENT_TYPE,
      metrics: text,
    }),
  );
  await server.listenOn(on);
  return { close: () => server.drain() };
};
