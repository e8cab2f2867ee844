import type { Data } from '../domain/data.js';
import { type Clock, Waker } from '../domain/system.js';
import type { Called } from './provider-calls.js';

/** Bounds of one rendering as a whole, whatever its gadget asks for. */
export interface RenderLimits {
  /** Requests to providers; each further page is one. */
  readonly requests: number;
  /** Bytes of all answers together, uncompressed. */
  readonly bytes: number;
  /** Values in all answers together: records, lists, texts and numbers. */
  readonly values: number;
  /** Milliseconds until the last answer. */
  readonly time: number;
  /** Requests at the same time. */
  readonly atOnce: number;
}

export const RENDER_LIMITS: RenderLimits = {
  requests: 100,
  bytes: 32 * 1024 * 1024,
  values: 500_000,
  time: 60_000,
  atOnce: 10,
};

/** Which limit was reached; stable, in `docs/errors.md`. */
export type LimitCode =
  | 'rendering-too-many-requests'
  | 'rendering-too-large'
  | 'rendering-too-many-values'
  | 'rendering-too-slow';

/** How many values there are in an answer; counting ends where there are more than `most`. */
const valuesIn = (data: Data, most: number): number => {
  const left: Data[] = [data];
  let count = 0;
  for (let value = left.pop(); value !== undefined && count <= most; value = left.pop()) {
    count += 1;
    if (typeof value !== 'object' || value === null) continue;
    for (const inner of Array.isArray(value) ? value : Object.values(value)) left.push(inner);
  }
  return count;
};

/** What one rendering has used of its limits. */
export class RenderBudget {
  readonly #limits: RenderLimits;
  readonly #ended = new Waker();
  readonly #over: Promise<'rendering-too-slow'>;
  /** Requests that wait until fewer are under way. */
  readonly #waiting: (() => void)[] = [];
  #underWay = 0;
  #requests = 0;
  #bytes = 0;
  #values = 0;
  /** Answers whose values were not counted: each takes a byte at least, so that few bytes need no count. */
  #uncounted: Data[] = [];

  constructor(limits: RenderLimits, clock: Pick<Clock, 'sleep'>) {
    this.#limits = limits;
    this.#over = clock.sleep(limits.time, this.#ended).then(() => 'rendering-too-slow' as const);
  }

  /** Makes a request, with as many of these further `pages` as are left, when it may be made; rejects as `call` does. */
  async spend(pages: number, call: (pages: number) => Promise<Called>): Promise<Called | LimitCode> {
    while (this.#underWay >= this.#limits.atOnce) {
      const turn = new Promise<void>((resolve) => this.#waiting.push(resolve));
      const over = await Promise.race([turn, this.#over]);
      if (over !== undefined) return over;
    }
    const left = this.#limits.requests - this.#requests;
    if (left < 1) {
      this.#waiting.shift()?.();
      return 'rendering-too-many-requests';
    }
    const taken = Math.min(1 + pages, left);
    this.#requests += taken;
    this.#underWay += 1;
    try {
      // A late request goes on for the next one that asks, since answers are shared.
      const called = await Promise.race([call(taken - 1), this.#over]);
      if (typeof called === 'string' || 'obstacle' in called) return called;
      this.#requests -= taken - called.answer.pages;
      this.#bytes += called.answer.bytes;
      return this.#overfull(called.answer.data) ?? called;
    } finally {
      this.#underWay -= 1;
      this.#waiting.shift()?.();
    }
  }

  #overfull(data: Data): LimitCode | null {
    if (this.#bytes > this.#limits.bytes) return 'rendering-too-large';
    this.#uncounted.push(data);
    if (this.#bytes <= this.#limits.values) return null;
    for (const each of this.#uncounted) this.#values += valuesIn(each, this.#limits.values);
    this.#uncounted = [];
    return this.#values > this.#limits.values ? 'rendering-too-many-values' : null;
  }

  /** Called when no further request is made: the timer ends. */
  close(): void {
    this.#ended.wake();
  }
}
