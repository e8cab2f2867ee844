import nunjucks from 'nunjucks';
import { blockedHtml } from './blocked-html.js';
import { addFilters } from './filters/all.js';
import { blockMistakes, type TemplateMistake } from './template-blocks.js';

/** What views are given by name. */
const GIVEN = [
  'parameters',
  'answers',
  'unknown',
  'missing',
  'connected',
  'gadget',
  'locale',
  'timeZone',
  'stale',
  'lang',
  'dir',
];
const FUNCTIONS = ['t', 'tText', 'range', 'cycler', 'joiner'];
const ALWAYS: ReadonlySet<string> = new Set([
  ...GIVEN,
  ...FUNCTIONS,
  ...['loop', 'caller', 'varargs', 'kwargs', 'true', 'false', 'none', 'super', 'viewLang', 'viewDir'],
]);

interface Node {
  readonly typename: string;
  readonly lineno: number;
  readonly colno: number;
  readonly fields: readonly string[];
  readonly [field: string]: unknown;
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'typename' in value && 'fields' in value;

const childrenOf = (node: Node): readonly Node[] =>
  node.fields.flatMap((field) => {
    const value = node[field];
    return Array.isArray(value) ? value.filter(isNode) : isNode(value) ? [value] : [];
  });

const everyNode = function* (node: Node): Generator<Node> {
  yield node;
  for (const child of childrenOf(node)) yield* everyNode(child);
};

interface Parsing {
  readonly parser: { parse(source: string, extensions: readonly unknown[], options: object): Node };
}

const parse = (source: string): Node =>
  (nunjucks as unknown as Parsing).parser.parse(source, [], { trimBlocks: true, lstripBlocks: true });

const textIn = (node: unknown): string | null =>
  isNode(node) && typeof node.value === 'string' ? node.value : null;

/** A name of something in a template, and where it stands. */
export interface Named {
  readonly name: string;
  readonly line: number;
  readonly column: number;
}

/** What one template of a gadget uses. */
export interface TemplateUse {
  readonly mistakes: readonly TemplateMistake[];
  readonly parameters: readonly Named[];
  readonly answers: readonly Named[];
  /** Providers whose connection it asks for by name. */
  readonly connected: readonly Named[];
  /** Ways into answers that begin at a request and whose every key is written out, each key with its place. */
  readonly paths: readonly (readonly Named[])[];
  /** Whether parameters or answers are reached by names that only show at run time. */
  readonly isOpen: { readonly parameters: boolean; readonly answers: boolean };
  /** Names it gives a meaning to, and names it reads. */
  readonly bound: ReadonlySet<string>;
  /** What others can import of it: macros and variables of its own, but none of what is inside of a macro, and none that starts with `_`. */
  readonly exported: ReadonlySet<string>;
  readonly read: readonly (Named & { readonly isCalled: boolean })[];
  /** What it imports by name of which template. */
  readonly imports: readonly (Named & { readonly template: string })[];
}

/** How many letters have to be added, left out, replaced or swapped with the next one. */
const distance = (one: string, other: string): number => {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, n) => n)];
  const at = (i: number, j: number): number => rows[i]?.[j] ?? Number.POSITIVE_INFINITY;
  for (let i = 1; i <= one.length; i += 1) {
    const row = [i];
    rows.push(row);
    for (let j = 1; j <= other.length; j += 1) {
      const replacing = at(i - 1, j - 1) + (one[i - 1] === other[j - 1] ? 0 : 1);
      const isSwapped = one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      const swapping = isSwapped ? at(i - 2, j - 2) + 1 : Number.POSITIVE_INFINITY;
      row.push(Math.min(at(i - 1, j) + 1, (row[j - 1] ?? 0) + 1, replacing, swapping));
    }
  }
  return at(one.length, other.length);
};

/** The name that was probably meant; null where none is close. */
export const closest = (name: string, known: Iterable<string>): string | null => {
  const near = [...known]
    .map((each) => [each, distance(name.toLowerCase(), each.toLowerCase())] as const)
    .filter(([each, far]) => far <= Math.max(1, Math.floor(Math.min(name.length, each.length) / 3)))
    .toSorted(([, one], [, other]) => one - other);
  return near[0]?.[0] ?? null;
};

/** The filters and tests that views may use. */
const tools = (() => {
  let made: { readonly filters: ReadonlySet<string>; readonly tests: ReadonlySet<string> } | null = null;
  return () => {
    if (made !== null) return made;
    const environment = new nunjucks.Environment();
    addFilters(environment);
    const { filters, tests } = environment as unknown as Record<'filters' | 'tests', object>;
    made = {
      filters: new Set(Object.keys(filters).filter((name) => name !== 'safe')),
      tests: new Set(Object.keys(tests)),
    };
    return made;
  };
})();

/** Nunjucks gives the place near a name; this is the place of the name itself. */
const placeOf = (lines: readonly string[], node: Node, name: string): Named => {
  const line = lines[node.lineno] ?? '';
  const near = [line.indexOf(name, Math.max(0, node.colno - 1)), line.lastIndexOf(name, node.colno)].find(
    (at) => at >= 0,
  );
  return { name, line: node.lineno + 1, column: (near ?? node.colno) + 1 };
};

const filterMistakes = (node: Node, lines: readonly string[]): readonly TemplateMistake[] => {
  const { filters, tests } = tools();
  const check = (
    name: string | null,
    known: ReadonlySet<string>,
    noun: string,
  ): readonly TemplateMistake[] => {
    if (name === null || known.has(name)) return [];
    const { line, column } = placeOf(lines, node, name);
    return [
      {
        ...{ line, column, length: name.length },
        problem:
          name === 'safe'
            ? 'there is no filter "safe": all output is escaped'
            : `there is no ${noun} "${name}"`,
        expected: `a ${noun} that views have (docs/view-reference.md lists them)`,
        example: closest(name, known),
      },
    ];
  };
  if (node.typename === 'Filter') return check(textIn(node.name), filters, 'filter');
  if (node.typename !== 'Is') return [];
  const { right } = node;
  return check(textIn(isNode(right) && right.typename === 'FunCall' ? right.name : right), tests, 'test');
};

const boundBy = (node: Node): readonly string[] => {
  const names = (value: unknown): readonly string[] =>
    isNode(value)
      ? value.typename === 'Symbol'
        ? [String(value.value)]
        : [...everyNode(value)]
            .filter(({ typename }) => typename === 'Symbol')
            .map((each) => String(each.value))
      : Array.isArray(value)
        ? value.flatMap(names)
        : [];
  switch (node.typename) {
    case 'Set':
      return names(node.targets);
    case 'For':
    case 'AsyncEach':
    case 'AsyncAll':
      return names(node.name);
    case 'Import':
      return names(node.target);
    case 'FromImport':
      return names(node.names);
    case 'Macro':
      return [...names(node.name), ...parameterNames(node)];
    case 'Caller':
      return parameterNames(node);
    default:
      return [];
  }
};

const parameterNames = (node: Node): readonly string[] =>
  isNode(node.args)
    ? childrenOf(node.args).flatMap((arg) =>
        arg.typename === 'KeywordArgs'
          ? childrenOf(arg).flatMap((pair) => textIn(pair.key) ?? [])
          : (textIn(arg) ?? []),
      )
    : [];

const rootOf = (node: unknown): string | null =>
  isNode(node) && node.typename === 'Symbol' ? String(node.value) : null;

/** Nunjucks lets no one import what starts so. */
const OWN = '_';

/** What stands in a template itself, and in no piece of it that has names of its own. */
const atTop = (node: Node): readonly Node[] =>
  childrenOf(node).flatMap((each) =>
    each.typename === 'If' || each.typename === 'NodeList' ? atTop(each) : [each],
  );

const exportedBy = (root: Node): ReadonlySet<string> =>
  new Set(
    atTop(root)
      .flatMap(({ typename, name, targets }) =>
        typename === 'Macro' ? [name] : typename === 'Set' && Array.isArray(targets) ? targets : [],
      )
      .flatMap((each) => rootOf(each) ?? [])
      .filter((name) => !name.startsWith(OWN)),
  );

/** A parse error of nunjucks, as a mistake. */
const parseMistake = (error: unknown, lines: readonly string[]): TemplateMistake => {
  const message = error instanceof Error ? error.message : String(error);
  const [, line = '1', column = '1'] = /\[Line (\d+), Column (\d+)\]/.exec(message) ?? [];
  const problem = message.split('\n').at(-1)?.trim() ?? message;
  const [, tag = ''] = /unknown block tag: (\w+)/.exec(problem) ?? [];
  const word = /^\w+/.exec((lines[Number(line) - 1] ?? '').slice(Number(column) - 1))?.[0] ?? '';
  return {
    ...{ line: Number(line), column: Number(column), length: Math.max(1, word.length) },
    problem: tag === '' ? problem.replace(/\.$/, '') : `there is no block "${tag}"`,
    expected:
      tag === ''
        ? 'what Nunjucks can read'
        : 'one of if, for, set, macro, call, include, import, from, filter, block and switch',
    example: null,
  };
};

/** What was seen so far on the way through a template. */
class Walk implements TemplateUse {
  readonly mistakes: TemplateMistake[] = [];
  readonly parameters: Named[] = [];
  readonly answers: Named[] = [];
  readonly connected: Named[] = [];
  readonly paths: (readonly Named[])[] = [];
  readonly isOpen = { parameters: false, answers: false };
  readonly bound = new Set<string>();
  readonly exported: ReadonlySet<string>;
  readonly read: (Named & { isCalled: boolean })[] = [];
  readonly imports: (Named & { template: string })[] = [];
  readonly #lines: readonly string[];

  constructor(root: Node, lines: readonly string[]) {
    this.#lines = lines;
    this.exported = exportedBy(root);
    this.#visit(root);
    this.mistakes.push(...blockedHtml(lines.join('\n')));
  }

  #visit(node: unknown): void {
    if (!isNode(node)) return;
    this.mistakes.push(...filterMistakes(node, this.#lines));
    for (const name of boundBy(node)) this.bound.add(name);
    switch (node.typename) {
      case 'FromImport':
        this.#import(node);
        break;
      case 'LookupVal':
        this.#lookup(node);
        break;
      case 'Symbol':
        this.#symbol(node);
        break;
      case 'FunCall':
        this.#call(node);
        break;
      // The names of filters and tests are no variables.
      case 'Filter':
        this.#visit(node.args);
        break;
      case 'Is':
        this.#visit(node.left);
        break;
      // Nor is the name of an argument.
      case 'Pair':
        this.#visit(node.value);
        break;
      default:
        for (const child of childrenOf(node)) this.#visit(child);
    }
  }

  #import(node: Node): void {
    const template = textIn(node.template);
    if (template === null || !isNode(node.names)) return;
    for (const each of childrenOf(node.names)) {
      const name = textIn(each.typename === 'Pair' ? each.key : each);
      if (name !== null) this.imports.push({ ...placeOf(this.#lines, each, name), template });
    }
  }

  #lookup(node: Node): void {
    const root = rootOf(node.target);
    const keys = this.#keysFromAnswers(node);
    if (keys !== null && keys.length > 1) this.paths.push(keys);
    const isLiteral = isNode(node.val) && node.val.typename === 'Literal';
    const name = isLiteral ? textIn(node.val) : null;
    // The list of them has a length too.
    if (root === 'connected' && name !== null && name !== 'length')
      this.connected.push(placeOf(this.#lines, node, name));
    if (root !== 'parameters' && root !== 'answers') this.#visit(node.target);
    else if (name === null) this.isOpen[root] = true;
    else this[root].push(placeOf(this.#lines, node, name));
    if (!isLiteral) this.#visit(node.val);
  }

  /** The keys that lead to a value from `answers`; null where it starts elsewhere, or one of them shows only at run time. */
  #keysFromAnswers(node: unknown): readonly Named[] | null {
    if (rootOf(node) === 'answers') return [];
    if (!isNode(node) || node.typename !== 'LookupVal') return null;
    const before = this.#keysFromAnswers(node.target);
    const name = isNode(node.val) && node.val.typename === 'Literal' ? textIn(node.val) : null;
    return before === null || name === null ? null : [...before, placeOf(this.#lines, node, name)];
  }

  #symbol(node: Node): void {
    const name = String(node.value);
    if (name === 'parameters' || name === 'answers') this.isOpen[name] = true;
    this.read.push({ ...placeOf(this.#lines, node, name), isCalled: false });
  }

  #call(node: Node): void {
    const called = rootOf(node.name);
    if (called === null) this.#visit(node.name);
    else this.read.push({ ...placeOf(this.#lines, node, called), isCalled: true });
    this.#visit(node.args);
  }
}

const NOTHING: TemplateUse = {
  ...{ mistakes: [], parameters: [], answers: [], connected: [], paths: [], imports: [], read: [] },
  isOpen: { parameters: true, answers: true },
  bound: new Set(),
  exported: new Set(),
};

/** What a template uses, and what is wrong with it by itself: blocks, syntax, filters. Nothing is run. */
export const examineTemplate = (source: string): TemplateUse => {
  const lines = source.split('\n');
  const blocks = blockMistakes(source);
  if (blocks.length > 0) return { ...NOTHING, mistakes: blocks };
  try {
    return new Walk(parse(source), lines);
  } catch (error) {
    return { ...NOTHING, mistakes: [parseMistake(error, lines)] };
  }
};

/** Names that nothing gives a meaning to. `bound` are those of all templates that may be shown together. */
export const looseNames = ({ read }: TemplateUse, bound: ReadonlySet<string>): readonly TemplateMistake[] =>
  read
    .filter(({ name }) => !ALWAYS.has(name) && !bound.has(name))
    .map(({ name, line, column, isCalled }) => ({
      ...{ line, column, length: name.length },
      problem: isCalled ? `there is no macro or function "${name}"` : `there is no variable "${name}"`,
      expected: isCalled
        ? 'one that is imported ({% from "oriel" import … %}), or defined in this template'
        : `one that is set in this template, or ${GIVEN.slice(0, 9).join(', ')}`,
      example: closest(name, [...ALWAYS, ...bound]),
    }));
