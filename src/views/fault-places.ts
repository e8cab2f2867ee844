import nunjucks from 'nunjucks';
import { OPTIONS, requirePatterns, toCode } from './template-code.js';

/** Where in a template something is. Line and column are one-based. */
interface Place {
  readonly template: string;
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** The same in a file of a gadget. */
export interface FaultPlace extends Omit<Place, 'template'> {
  readonly file: string;
}

interface Node {
  readonly typename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly value?: unknown;
  readonly name?: Node;
  readonly target?: Node;
}

/** What nunjucks makes code with; its types leave it out. */
interface Compiler {
  _emit(code: string): void;
  _emitLine(code: string): void;
  compile(node: Node, frame?: unknown): void;
  getCode(): string;
  compileFunCall(node: Node, frame: unknown): void;
  compileFilter(node: Node, frame: unknown): void;
  compileOutput(node: Node, frame: unknown): void;
  compileFor(node: Node, frame: unknown): void;
  compileSet(node: Node, frame: unknown): void;
  compileIf(node: Node, frame: unknown): void;
  compileInclude(node: Node, frame: unknown): void;
}

const { compiler, parser } = nunjucks as unknown as {
  readonly compiler: { readonly Compiler: new (name: string, throwOnUndefined: boolean) => Compiler };
  readonly parser: { parse(source: string, extensions: readonly unknown[], options: object): Node };
};

/** Where what is called starts: nunjucks itself knows the bracket after it. */
const startOf = (node: Node): Node => {
  const before = node.typename === 'FunCall' ? node.name : node.target;
  return before === undefined ? node : startOf(before);
};

/** Code that says at run time where it is: nunjucks' own says it of calls alone, of none in a macro of another template, and counts lines from 0. */
class PlacingCompiler extends compiler.Compiler {
  #within(node: Node, length: number, make: () => void): void {
    this._emit(`runtime.within(${node.lineno + 1}, ${node.colno + 1}, ${length}, () => (`);
    make();
    this._emit('))');
  }

  #passing({ lineno, colno }: Node): void {
    this._emitLine(`runtime.passing(${lineno + 1}, ${colno + 1});`);
  }

  override compileFunCall(node: Node, frame: unknown): void {
    const start = startOf(node);
    const length = start.lineno === node.lineno ? Math.max(1, node.colno - start.colno) : 1;
    this.#within(start, length, () => super.compileFunCall(node, frame));
  }

  override compileFilter(node: Node, frame: unknown): void {
    const length = String(node.name?.value ?? '').length;
    this.#within(node.name ?? node, length, () => super.compileFilter(node, frame));
  }

  override compileOutput(node: Node, frame: unknown): void {
    this.#passing(node);
    super.compileOutput(node, frame);
  }

  override compileFor(node: Node, frame: unknown): void {
    this.#passing(node);
    super.compileFor(node, frame);
  }

  override compileSet(node: Node, frame: unknown): void {
    this.#passing(node);
    super.compileSet(node, frame);
  }

  override compileIf(node: Node, frame: unknown): void {
    this.#passing(node);
    super.compileIf(node, frame);
  }

  override compileInclude(node: Node, frame: unknown): void {
    this.#passing(node);
    super.compileInclude(node, frame);
  }
}

const placedCode = (name: string, source: string): string => {
  // nunjucks rewrites such a template before it makes code of it, which it lets no one else do.
  if (/\bsuper\s*\(/.test(source)) return toCode(name, source);
  requirePatterns(source);
  const made = new PlacingCompiler(name, false);
  made.compile(parser.parse(source, [], OPTIONS));
  return made.getCode();
};

const found = new WeakMap<object, FaultPlace>();

/** Where in the gadget's files a view failed, by what it threw; null where that is not known. */
export const placeOfFault = (error: unknown): FaultPlace | null =>
  typeof error === 'object' && error !== null ? (found.get(error) ?? null) : null;

/** Finds the innermost place of a gadget's templates in which showing its view fails. They run a little slower for it. */
export class FaultPlaces {
  readonly #files: ReadonlyMap<string, string>;
  #failed: Place | null = null;
  #passed: Place | null = null;

  /** The files of the gadget's templates by name: a fault within a piece of ours is where the view asks for it. */
  constructor(files: ReadonlyMap<string, string>) {
    this.#files = files;
  }

  has(template: string): boolean {
    return this.#files.has(template);
  }

  code(template: string, source: string): string {
    return placedCode(template, source);
  }

  runtimeOf(template: string): object {
    return {
      within: <T>(line: number, column: number, length: number, work: () => T): T => {
        try {
          return work();
        } catch (error) {
          this.#failed ??= { template, line, column, length };
          throw error;
        }
      },
      passing: (line: number, column: number): void => {
        this.#passed = { template, line, column, length: 1 };
      },
    };
  }

  #forget(): void {
    this.#failed = null;
    this.#passed = null;
  }

  /** Does `work`; what it throws has its place from then on. */
  watch<T>(work: () => T): T {
    this.#forget();
    try {
      return work();
    } catch (error) {
      const failed = this.#failed ?? this.#passed;
      const file = failed === null ? undefined : this.#files.get(failed.template);
      if (failed !== null && file !== undefined && error instanceof Error) {
        const { line, column, length } = failed;
        found.set(error, { file, line, column, length });
      }
      throw error;
    }
  }
}
