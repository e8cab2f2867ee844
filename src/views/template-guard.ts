import nunjucks from 'nunjucks';
import { bareRecord } from '../domain/data.js';
import { textOf } from './html.js';
import { lookingThrough, type Steps } from './step-budget.js';

/** What nunjucks' own frame is; its types leave it out. */
interface Frame {
  variables: Record<string, unknown>;
  parent: Frame | undefined;
  topLevel: boolean;
  isolateWrites: boolean | undefined;
  set(name: string, value: unknown, resolveUp?: boolean): void;
  resolve(name: string, forWrite?: boolean): Frame | undefined;
  push(isolateWrites?: boolean): Frame;
}

const Original = (
  nunjucks.runtime as unknown as { Frame: new (parent?: Frame, isolateWrites?: boolean) => Frame }
).Frame;

const loopOf = () => ({
  index: 0 as unknown,
  index0: 0 as unknown,
  revindex: 0 as unknown,
  revindex0: 0 as unknown,
  first: false as unknown,
  last: false as unknown,
  length: 0 as unknown,
});

type Loop = ReturnType<typeof loopOf>;

/**
 * The variables of one scope, as nunjucks keeps them. Its own frame takes every name apart at its dots and keeps variables in a dictionary, which
 * was a tenth of a render: each turn of a loop sets eight.
 */
class QuickFrame extends Original {
  constructor(parent?: Frame, isolateWrites?: boolean) {
    super(parent, isolateWrites);
    this.variables = bareRecord<unknown>();
  }

  override set(name: string, value: unknown, resolveUp?: boolean): void {
    if (name.startsWith('loop.') && !resolveUp) {
      this.#setLoop(name, value);
      return;
    }
    const dot = name.indexOf('.');
    const first = dot === -1 ? name : name.slice(0, dot);
    const above = resolveUp ? this.resolve(first, true) : undefined;
    if (above !== undefined && above !== this) above.set(name, value);
    else if (dot === -1) this.variables[name] = value;
    else super.set(name, value);
  }

  /** What nunjucks sets at each turn, all in one record that is made with its fields. */
  #setLoop(name: string, value: unknown): void {
    this.variables.loop ??= loopOf();
    const loop = this.variables.loop as Loop;
    switch (name) {
      case 'loop.index':
        loop.index = value;
        break;
      case 'loop.index0':
        loop.index0 = value;
        break;
      case 'loop.revindex':
        loop.revindex = value;
        break;
      case 'loop.revindex0':
        loop.revindex0 = value;
        break;
      case 'loop.first':
        loop.first = value;
        break;
      case 'loop.last':
        loop.last = value;
        break;
      case 'loop.length':
        loop.length = value;
        break;
      default:
        super.set(name, value);
    }
  }

  override push(isolateWrites?: boolean): QuickFrame {
    return new QuickFrame(this, isolateWrites);
  }
}

/** The frame a template starts with, as one of ours. */
export const quick = (frame: unknown): unknown => {
  if (!(frame instanceof Original) || frame instanceof QuickFrame || frame.parent !== undefined) return frame;
  const made = new QuickFrame(undefined, frame.isolateWrites);
  made.topLevel = frame.topLevel;
  Object.assign(made.variables, frame.variables);
  return made;
};

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
