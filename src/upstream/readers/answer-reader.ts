import { availableParallelism } from 'node:os';
import type { Tinypool } from 'tinypool';
import type { Format } from '../../domain/gadget.js';
import { type Parsed, readBody } from './parse.js';
import { joined } from './pieces.js';
import type { ReadInWorker, Reading } from './reader-worker.js';

/** Bodies up to here are read at once: the densest takes a few milliseconds. */
const MOST_AT_ONCE = 64 * 1024;

/** Milliseconds for reading one body in a worker, waiting for one included: reading takes a second at most. */
const DEADLINE = 30_000;

/** Milliseconds after which an unused worker ends. */
const IDLE = 10 * 60_000;

/** Bodies that wait for a worker. */
const MOST_WAITING = 200;

/** Megabytes of one worker's heap. */
const MOST_HEAP = 512;

export interface ReaderLimits {
  readonly atOnce: number;
  readonly workers: number;
  readonly deadline: number;
  /** Bodies that wait for a worker. */
  readonly waiting: number;
  /** Megabytes of one worker's heap; an answer that needs more is refused. */
  readonly heap: number;
}

const LIMITS: ReaderLimits = {
  atOnce: MOST_AT_ONCE,
  workers: Math.max(1, Math.min(3, availableParallelism() - 1)),
  deadline: DEADLINE,
  waiting: MOST_WAITING,
  heap: MOST_HEAP,
};

// Run from its source, as tests do, this file has what was built beside it.
const entry = import.meta.url.endsWith('.ts')
  ? new URL('../../../dist/reader-worker.js', import.meta.url)
  : new URL('../../reader-worker.js', import.meta.url);

/** Gives out turns of the event loop, one each time round however many ask, so that everything else is served in between. */
class Turns {
  #last: Promise<void> = Promise.resolve();

  next(): Promise<void> {
    this.#last = this.#last.then(() => new Promise((resolve) => setImmediate(resolve)));
    return this.#last;
  }
}

/**
 * Reads bodies as data. A large one is read in a worker thread and put together here piece by piece: no answer of a provider keeps
 * anyone else waiting.
 */
export class AnswerReader {
  readonly #limits: ReaderLimits;
  readonly #turns = new Turns();
  #pool: Promise<Tinypool> | null = null;
  /** Bodies that a worker reads, or that wait for one. */
  #reading = 0;

  constructor(limits: Partial<ReaderLimits> = {}) {
    this.#limits = { ...LIMITS, ...limits };
  }

  /** Whether a body is read at once, in a few milliseconds. */
  isQuick(body: Uint8Array): boolean {
    return body.length <= this.#limits.atOnce;
  }

  /** Never throws; `too-slow` when there was no time to read it, `too-large` when there was no memory. */
  read(format: Format, contentType: string, body: Uint8Array): Parsed | Promise<Parsed> {
    return this.isQuick(body)
      ? readBody(format, contentType, body)
      : this.#readLarge(format, contentType, body);
  }

  async #readLarge(format: Format, contentType: string, body: Uint8Array): Promise<Parsed> {
    // Counted here: a task that the pool itself refuses would end the process when its time is over.
    if (this.#reading >= this.#limits.workers + this.#limits.waiting) return { code: 'too-slow' };
    const signal = AbortSignal.timeout(this.#limits.deadline);
    this.#reading += 1;
    try {
      const task: Reading = { format, contentType, body };
      const workers = await this.#workers();
      const read: ReadInWorker = await workers.run(task, { signal });
      return 'code' in read ? read : { data: await joined(read, () => this.#turns.next()) };
    } catch (error) {
      const isMemory = error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
      return { code: isMemory ? 'too-large' : 'too-slow' };
    } finally {
      this.#reading -= 1;
    }
  }

  async close(): Promise<void> {
    const pool = await this.#pool;
    await pool?.destroy();
    this.#pool = null;
  }

  #workers(): Promise<Tinypool> {
    this.#pool ??= this.#started();
    return this.#pool;
  }

  async #started(): Promise<Tinypool> {
    // Most servers never read a large answer.
    const { Tinypool } = await import('tinypool');
    return new Tinypool({
      filename: entry.href,
      name: 'readInWorker',
      runtime: 'worker_threads',
      minThreads: 0,
      maxThreads: this.#limits.workers,
      concurrentTasksPerWorker: 1,
      idleTimeout: IDLE,
      resourceLimits: { maxOldGenerationSizeMb: this.#limits.heap },
      // Nothing of the environment is for reading answers.
      env: {},
      execArgv: [],
    });
  }
}
