import nunjucks from 'nunjucks';
import { textOf } from './html.js';
import { QuickFrame } from './quick-frame.js';
import { lookingThrough, type Steps } from './steps.js';

type Lookup = (holder: unknown, name: string) => unknown;
type Scope = { lookup(name: string): unknown };

/** What a compiled template calls at run time; nunjucks exports it, its types leave it out. */
interface Runtime {
  readonly fromIterator: (list: unknown) => unknown;
  readonly inOperator: (item: unknown, list: unknown) => boolean;
  readonly callWrap: (called: unknown, name: string, context: Scope, given: readonly unknown[]) => unknown;
  readonly memberLookup: Lookup;
  readonly contextOrFrameLookup: (context: Scope, frame: Scope, name: string) => unknown;
  readonly suppressValue: (value: unknown, autoescape: boolean) => unknown;
  readonly Frame: unknown;
}

/** Escaping a text takes about so much longer than printing it as it is. */
const ESCAPING = 4;

/** The characters that nunjucks escapes, the backslash among them. Most texts have none of them. */
const ESCAPED = /[&"'<>\\]/;

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof nunjucks.runtime.SafeString);

/** How often a loop goes round: over a text or list as often as it is long, over a record by its fields, or by the length it claims. */
const turnsOver = (list: unknown): number => {
  if (typeof list === 'string' || Array.isArray(list)) return list.length;
  if (typeof list !== 'object' || list === null) return 1;
  const claimed = Object.hasOwn(list, 'length') ? Number((list as { length?: unknown }).length) : 0;
  return Math.max(1, Object.keys(list).length, claimed || 0);
};

/**
 * The run time our templates get instead of nunjucks' own. They reach own properties only: not `constructor`, not
 * `__proto__`, no method of a string or a list, nothing of a function. Printing an XML element prints its text.
 */
export const guardedRuntime = (steps: Steps): Runtime => {
  const original = nunjucks.runtime as unknown as Runtime;
  return Object.freeze({
    ...original,
    Frame: QuickFrame,
    fromIterator: (list) => {
      // A loop over what it prints nothing of takes its time too.
      steps.take(turnsOver(list));
      return original.fromIterator(list);
    },
    inOperator: (item, list) => {
      steps.take(1 + lookingThrough(list));
      return original.inOperator(item, list);
    },
    callWrap: (called, name, context, given) => {
      steps.take();
      return original.callWrap(called, name, context, given);
    },
    memberLookup: (holder, name) => {
      steps.take();
      if (holder === undefined || holder === null || typeof holder === 'function') return undefined;
      if (!Object.hasOwn(holder, name)) return undefined;
      const value = (holder as Record<string, unknown>)[name];
      return typeof value === 'function' ? original.memberLookup(holder, name) : value;
    },
    contextOrFrameLookup: (context, frame, name) => {
      steps.take();
      return name in Object.prototype ? undefined : original.contextOrFrameLookup(context, frame, name);
    },
    suppressValue: (value, autoescape) => {
      const printed = isPlain(value) ? textOf(value) : value;
      const work = lookingThrough(printed);
      // Counted first: a text that was put together of many is copied into one when it is looked at.
      steps.take(1 + work);
      if (typeof printed === 'string') {
        if (!ESCAPED.test(printed)) return printed;
        steps.take((ESCAPING - 1) * work);
      }
      return original.suppressValue(printed, autoescape);
    },
  } satisfies Runtime);
};
