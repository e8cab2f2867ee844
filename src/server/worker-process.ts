import cluster from 'node:cluster';

/**
 * What this process is among those that `workers` starts: a worker listens where the first process says. A server that is alone is
 * none.
 */
export const isWorker = cluster.isWorker;

/** Whether it is the first of the workers that were started, or a server that is alone. */
export const isFirst = (cluster.worker?.id ?? 1) === 1;

/** Metrics in the form of Prometheus' client, of which it alone reads the values. */
export type Counted = readonly { readonly name: string; readonly type: unknown }[];

/** What the first process and its workers say to each other. */
export type WorkerMessage =
  | { readonly oriel: 'serving' }
  | { readonly oriel: 'count' }
  /** All that a worker counted since it was started. */
  | { readonly oriel: 'counted'; readonly counted: Counted };

export const isMessage = (message: unknown, what: WorkerMessage['oriel']): boolean =>
  typeof message === 'object' && message !== null && 'oriel' in message && message.oriel === what;
