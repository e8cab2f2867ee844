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
export class QuickFrame extends Original {
  constructor(parent?: Frame, isolateWrites?: boolean) {
    super(parent, isolateWrites);
    this.variables = Object.create(NOTHING);
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

/** The frame a template begins with, as one of ours. */
export const quick = (frame: unknown): unknown => {
  if (!(frame instanceof Original) || frame instanceof QuickFrame || frame.parent !== undefined) return frame;
  const made = new QuickFrame(undefined, frame.isolateWrites);
  made.topLevel = frame.topLevel;
  Object.assign(made.variables, frame.variables);
  return made;
};
