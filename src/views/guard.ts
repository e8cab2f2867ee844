import nunjucks from 'nunjucks';
import { textOf } from './html.js';

type Lookup = (holder: unknown, name: string) => unknown;
type Scope = { lookup(name: string): unknown };

/** What a compiled template calls at run time; nunjucks exports it, its types leave it out. */
interface Runtime {
  readonly fromIterator: (list: unknown) => unknown;
  readonly memberLookup: Lookup;
  readonly contextOrFrameLookup: (context: Scope, frame: Scope, name: string) => unknown;
  readonly suppressValue: (value: unknown, autoescape: boolean) => unknown;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof nunjucks.runtime.SafeString);

/** Characters that cost about as much to print as one step. */
const CHARACTERS_OF_A_STEP = 32;

/**
 * Counts what a template does while it runs: it looks something up, or prints. A template runs in one go and keeps everyone else waiting,
 * so one that is shown data of a provider has a limit.
 */
export class Steps {
  #left = Number.POSITIVE_INFINITY;

  /** Runs `work` with at most so many steps; null when they did not suffice. Throws what `work` throws. */
  within<T>(most: number, work: () => T): T | null {
    this.#left = most;
    try {
      return work();
    } catch (error) {
      if (this.#left < 0) return null;
      throw error;
    } finally {
      this.#left = Number.POSITIVE_INFINITY;
    }
  }

  take(steps = 1): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Error('a template took too many steps');
  }

  takePrinting(value: unknown): void {
    this.take(typeof value === 'string' ? 1 + value.length / CHARACTERS_OF_A_STEP : 1);
  }
}

/**
 * The run time our templates get instead of nunjucks' own. They reach own properties only: not `constructor`, not
 * `__proto__`, no method of a string or a list, nothing of a function. Printing an XML element prints its text.
 */
export const guardedRuntime = (steps: Steps): Runtime => {
  const original = nunjucks.runtime as unknown as Runtime;
  return Object.freeze({
    ...original,
    fromIterator: (list) => {
      // A loop over what it prints nothing of takes its time too.
      steps.take(Array.isArray(list) ? list.length : 1);
      return original.fromIterator(list);
    },
    memberLookup: (holder, name) => {
      steps.take();
      if (holder === undefined || holder === null || typeof holder === 'function') return undefined;
      return Object.hasOwn(holder, name) ? original.memberLookup(holder, name) : undefined;
    },
    contextOrFrameLookup: (context, frame, name) =>
      name in Object.prototype ? undefined : original.contextOrFrameLookup(context, frame, name),
    suppressValue: (value, autoescape) => {
      const printed = isPlain(value) ? textOf(value) : value;
      steps.takePrinting(printed);
      return original.suppressValue(printed, autoescape);
    },
  } satisfies Runtime);
};
