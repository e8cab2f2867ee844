import nunjucks from 'nunjucks';

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

const NOTHING = Object.freeze(Object.create(null));

/**
 * The variables of one scope, as nunjucks keeps them. Its own frame takes every name apart at its dots and keeps variables in a dictionary, which
 * was a tenth of a render: each turn of a loop sets eight.
 */
export class QuickFrame extends Original {
  constructor(parent?: Frame, isolateWrites?: boolean) {
    super(parent, isolateWrites);
    this.variables = Object.create(NOTHING);
  }

  override set(name: string, value: unknown, resolveUp?: boolean): void {
    const dot = name.indexOf('.');
    const first = dot === -1 ? name : name.slice(0, dot);
    const above = resolveUp ? this.resolve(first, true) : undefined;
    if (above !== undefined && above !== this) above.set(name, value);
    else if (dot === -1) this.variables[name] = value;
    else if (first === 'loop') this.#setLoop(name, value);
    else super.set(name, value);
  }

  /** What nunjucks sets at each turn, all in one record that is made with its fields. */
  #setLoop(name: string, value: unknown): void {
    this.variables.loop ??= {
      index: 0,
      index0: 0,
      revindex: 0,
      revindex0: 0,
      first: false,
      last: false,
      length: 0,
    };
    (this.variables.loop as Record<string, unknown>)[name.slice(5)] = value;
  }

  override push(isolateWrites?: boolean): QuickFrame {
    return new QuickFrame(this, isolateWrites);
  }
}

/** The frame a template begins with, as one of ours. */
export const quick = (frame: unknown): unknown => {
  if (!(frame instanceof Original) || frame instanceof QuickFrame || frame.parent !== undefined) return frame;
  const made = new QuickFrame(undefined, frame.isolateWrites);
  made.topLevel = frame.topLevel;
  Object.assign(made.variables, frame.variables);
  return made;
};
