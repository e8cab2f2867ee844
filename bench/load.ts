import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Pool } from 'undici';
import type { Server } from './server.js';

/** One request of a scenario; `make` gives each its own, so that tokens can be used once. */
export interface Shot {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Scenario {
  readonly server: Server;
  readonly origin: string;
  readonly status: number;
  /** Answers of the provider that one request comes to, where time is measured for each of them. */
  readonly answers?: number;
  /** The shot of one of `connections` clients; requests of one client follow each other. */
  shot(client: number): Shot;
}

export interface Measurement {
  /** Microseconds of processor time of the server per request, or per answer of the provider. */
  readonly cpu: number;
  readonly perSecond: number;
}

/** What a frame gets while its content is still being made. */
const ASK_AGAIN = 202;

/**
 * Sends `count` requests over `clients` kept-alive connections and reads every answer whole: each as soon as the one before was answered, or
 * `pace` of them in a second.
 */
export const measure = async (
  scenario: Scenario,
  count: number,
  clients: number,
  pace = Number.POSITIVE_INFINITY,
): Promise<Measurement> => {
  const pool = new Pool(scenario.origin, { connections: clients, pipelining: 1 });
  let left = count;
  const client = async (index: number): Promise<void> => {
    while (left > 0) {
      const due = started + ((count - left) / pace) * 1000;
      left -= 1;
      const early = due - performance.now();
      if (early > 0) await pause(early);
      const { method, path, headers, body } = scenario.shot(index);
      const ask = () => pool.request({ method, path, headers, body: body ?? null });
      let answer = await ask();
      // On a busy machine a rendering may take longer than a frame is kept waiting for it.
      while (answer.statusCode === ASK_AGAIN && scenario.status !== ASK_AGAIN) {
        await answer.body.dump();
        answer = await ask();
      }
      const text =
        answer.statusCode === scenario.status ? await answer.body.arrayBuffer() : await answer.body.text();
      if (typeof text === 'string')
        throw new Error(
          `${method} ${path}: ${answer.statusCode} in place of ${scenario.status}: ${text.slice(0, 400)}`,
        );
    }
  };
  const before = await scenario.server.usage();
  const started = performance.now();
  await Promise.all(Array.from({ length: clients }, (_, index) => client(index)));
  const ms = performance.now() - started;
  const after = await scenario.server.usage();
  await pool.close();
  return {
    cpu: (after.cpu - before.cpu) / (count * (scenario.answers ?? 1)),
    perSecond: (count / ms) * 1000,
  };
};
