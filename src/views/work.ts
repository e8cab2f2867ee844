import type nunjucks from 'nunjucks';
import { lookingThrough, type Steps } from './steps.js';

type Filter = (this: unknown, ...given: unknown[]) => unknown;

/** Filters that make as much as a number says, however little they are given. */
const BY_NUMBER: ReadonlySet<string> = new Set(['batch', 'center', 'indent', 'slice']);

const numbersIn = (given: readonly unknown[]): number =>
  given.map((each) => Math.abs(Number(each)) || 0).reduce((sum, each) => sum + each, 0);

/** The steps of a filter that is given next to nothing: a date or a link takes about as long. */
const OF_A_FILTER = 2;

/** An item of a list that a filter is given takes a step: most do something to each. */
const workOn = (value: unknown): number => (Array.isArray(value) ? value.length : lookingThrough(value));

const counted = (name: string, run: Filter, steps: Steps): Filter => {
  const isByNumber = BY_NUMBER.has(name);
  return function (this: unknown, ...given) {
    let work = OF_A_FILTER;
    for (const each of given) work += workOn(each);
    steps.take(work);
    if (isByNumber) steps.take(numbersIn(given.slice(1)));
    const made = run.apply(this, given);
    steps.take(lookingThrough(made));
    return made;
  };
};

/** Numbers from `start` on until before `stop`; what is no number, or no step, leads nowhere. */
const range =
  (steps: Steps) =>
  (...given: unknown[]): readonly number[] => {
    const [first, second, third] = given.map(Number);
    const [start = 0, stop = 0] = given.length < 2 ? [0, first] : [first, second];
    const step = third || 1;
    const count = Math.max(0, Math.ceil((stop - start) / step)) || 0;
    steps.take(count);
    return Array.from({ length: count }, (_, index) => start + index * step);
  };

interface Equipped {
  readonly filters: Record<string, Filter>;
}

/** Makes all filters of an environment count what they go through, the library's own too, and its `range` what it makes. */
export const countWork = (environment: nunjucks.Environment, steps: Steps): void => {
  const { filters } = environment as unknown as Equipped;
  for (const [name, run] of Object.entries(filters)) filters[name] = counted(name, run, steps);
  environment.addGlobal('range', range(steps));
};
