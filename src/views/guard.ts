import nunjucks from 'nunjucks';
import { textOf } from './html.js';

type Lookup = (holder: unknown, name: string) => unknown;
type Scope = { lookup(name: string): unknown };

/** What a compiled template calls at run time; nunjucks exports it, its types leave it out. */
interface Runtime {
  readonly memberLookup: Lookup;
  readonly contextOrFrameLookup: (context: Scope, frame: Scope, name: string) => unknown;
  readonly suppressValue: (value: unknown, autoescape: boolean) => unknown;
}

const isPlain = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !(value instanceof nunjucks.runtime.SafeString);

/**
 * The run time our templates get instead of nunjucks' own. They reach own properties only: not `constructor`, not
 * `__proto__`, no method of a string or a list, nothing of a function. Printing an XML element prints its text.
 */
export const guardedRuntime = (): Runtime => {
  const original = nunjucks.runtime as unknown as Runtime;
  return Object.freeze({
    ...original,
    memberLookup: (holder, name) => {
      if (holder === undefined || holder === null || typeof holder === 'function') return undefined;
      return Object.hasOwn(holder, name) ? original.memberLookup(holder, name) : undefined;
    },
    contextOrFrameLookup: (context, frame, name) =>
      name in Object.prototype ? undefined : original.contextOrFrameLookup(context, frame, name),
    suppressValue: (value, autoescape) =>
      original.suppressValue(isPlain(value) ? textOf(value) : value, autoescape),
  } satisfies Runtime);
};
