import nunjucks from 'nunjucks';

/** Characters of a text that cost about as much to print or to look through as one step. */
const CHARACTERS_OF_A_STEP = 32;
/** What templates made themselves was counted when it was made; printed once more it is only joined. */
const MADE_CHARACTERS_OF_A_STEP = 256;
/** Items that are compared with one in a step. */
const ITEMS_OF_A_STEP = 16;

/** The steps of looking through a value once, without doing anything to its parts. */
export const lookingThrough = (value: unknown): number => {
  if (typeof value === 'string') return value.length / CHARACTERS_OF_A_STEP;
  if (value instanceof nunjucks.runtime.SafeString)
    return value.toString().length / MADE_CHARACTERS_OF_A_STEP;
  return Array.isArray(value) ? value.length / ITEMS_OF_A_STEP : 0;
};

/**
 * Counts what a template does while it runs: it looks something up, calls, filters, loops or prints. A template runs in one go and keeps
 * everyone else waiting, so one that is shown data of a provider has a limit.
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
}

type Filter = (this: unknown, ...given: unknown[]) => unknown;

/** Filters that make as much as a number says, however little they are given. */
const BY_NUMBER: ReadonlySet<string> = new Set(['batch', 'center', 'indent', 'slice']);

/** Up to so many characters in place of each match, a text that a pattern may be looked for in grows to no more than a few megabytes. */
const SMALL = 256;

/** The steps of filters that write one text again and again: what they make is counted before it is there. */
const BY_TEXT: Readonly<Record<string, (given: readonly unknown[]) => number>> = {
  join: ([items, between]) =>
    Array.isArray(items) && typeof between === 'string'
      ? (items.length * between.length) / CHARACTERS_OF_A_STEP
      : 0,
  replace: ([text, , by]) =>
    typeof text === 'string' && typeof by === 'string' && by.length > SMALL
      ? (text.length * by.length) / CHARACTERS_OF_A_STEP
      : 0,
};

const numbersIn = (given: readonly unknown[]): number =>
  given.map((each) => Math.abs(Number(each)) || 0).reduce((sum, each) => sum + each, 0);

/** The steps of a filter that is given next to nothing. */
const OF_A_FILTER = 2;

/** An item of a list that a filter is given takes a step: most do something to each. */
const workOn = (value: unknown): number => (Array.isArray(value) ? value.length : lookingThrough(value));

/** What a filter costs beyond the usual, in steps of about a third of a microsecond. */
interface Cost {
  /** Of every call, on top of the usual. */
  readonly call?: number;
  /** How many times as long a character of a long text takes as one that is merely looked at. */
  readonly text?: number;
  /** How many times as long an item of a list, or a field of a record, takes. */
  readonly items?: number;
  /** Whether it goes through everything inside what it is given. */
  readonly deep?: true;
}

/** Up to so many characters a text is short: the cost of the call covers it. */
const SHORT = 256;

/** A character that a pattern is looked for in takes so many times as long as one that is merely looked at: RE2 follows all ways of matching at once. */
const MATCHING = 80;

/** The steps of looking for a pattern in a text that is one of several, on top of those of the call. */
export const lookingForPattern = (text: string): number =>
  text.length > SHORT ? MATCHING * lookingThrough(text) : 0;

/** What a filter that is not named below may cost: it looks at each character, and does not much with it. */
const USUAL: Cost = { text: 2 };

/**
 * Measured with texts of three million characters, 90,000 items, and as often as one view may call them. A pattern is taken at what a bad
 * one costs.
 */
const COSTS: Readonly<Record<string, Cost>> = {
  capture: { call: 8, text: MATCHING },
  grouped: { call: 6, items: 8 },
  pattern: { call: 100, text: 100 },
  replace: { call: 2, text: MATCHING },
  snake: { text: 30 },
  name: { text: 6 },
  link: { call: 6, text: 2 },
  linked: { call: 14, text: 15 },
  path: { call: 1 },
  json: { call: 8, text: 4, deep: true },
  dump: { call: 6, text: 4, deep: true },
  matches: { call: 8, text: MATCHING, items: 8 },
  markdown: { call: 20, text: 100 },
  unescape: { call: 2, text: 12 },
  sortBy: { call: 8, items: 16 },
  unique: { call: 2, items: 4 },
  index: { call: 2, items: 6 },
  whose: { call: 6, items: 12 },
  byDay: { call: 10, items: 24 },
  sum: { call: 2, items: 6 },
  time: { call: 10 },
  age: { call: 10 },
  clock: { call: 10 },
  day: { call: 10 },
  date: { call: 10 },
  number: { call: 4 },
  bytes: { call: 6 },
  duration: { call: 12 },
  fromNow: { call: 4 },
  until: { call: 4 },
  listed: { call: 4, items: 3 },
  title: { call: 2, text: 12 },
  wordcount: { call: 1, text: 12 },
  urlize: { call: 2, text: 45 },
  urlencode: { call: 1, text: 4 },
  striptags: { call: 4, text: 8 },
  reverse: { call: 1, text: 10 },
  sort: { call: 2, text: 100, items: 10 },
  dictsort: { call: 4, items: 16 },
  groupby: { call: 2, items: 4 },
  length: { items: 2 },
};

const isRecord = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && Object.getPrototypeOf(value) !== String.prototype;

/** Takes a step for every value inside, and for its texts as for looking through them; stops as soon as there are no steps left. */
const takeAll = (value: unknown, steps: Steps): void => {
  steps.take(1 + lookingThrough(value));
  if (isRecord(value)) for (const each of Object.values(value)) takeAll(each, steps);
};

const beyondUsual = (value: unknown, { text = 1, items = 1, deep }: Cost, steps: Steps): void => {
  if (typeof value === 'string') {
    if (value.length > SHORT) steps.take((text - 1) * lookingThrough(value));
  } else if (deep) takeAll(value, steps);
  else if (Array.isArray(value)) steps.take((items - 1) * value.length);
  else if (items > 1 && isRecord(value)) steps.take(items * Object.keys(value).length);
};

const countedFilter = (name: string, run: Filter, steps: Steps): Filter => {
  const isByNumber = BY_NUMBER.has(name);
  const byText = BY_TEXT[name];
  const cost = COSTS[name] ?? USUAL;
  const ofCall = OF_A_FILTER + (cost.call ?? 0);
  return function (this: unknown, ...given) {
    let work = ofCall;
    for (const each of given) work += workOn(each);
    steps.take(work);
    beyondUsual(given[0], cost, steps);
    if (isByNumber) steps.take(numbersIn(given.slice(1)));
    if (byText) steps.take(byText(given));
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
  for (const [name, run] of Object.entries(filters)) filters[name] = countedFilter(name, run, steps);
  environment.addGlobal('range', range(steps));
};
