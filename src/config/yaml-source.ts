import { isMap, isScalar, isSeq, Lexer, LineCounter, parseDocument, visit, type YAMLError } from 'yaml';
import type { Path } from '../domain/document-path.js';

/** A YAML document as plain data, and where its parts stand. */
export interface YamlSource {
  readonly data: unknown;
  /** One-based line of the value at this path, or of its nearest ancestor that is written down. */
  lineOf(path: Path): number;
  /** One-based place in that line. */
  columnOf(path: Path): number;
}

/** Why a text is not YAML as we take it. */
export interface YamlProblem {
  readonly line: number;
  /** One-based place in the line. */
  readonly column: number;
  readonly problem: string;
  readonly expected: string;
}

const wellFormed = 'YAML 1.2: two spaces for each level, text with special characters in quotes';

// The parser's own messages quote what they trip over, and that may be a secret someone forgot to put in quotes.
const problems: Partial<Record<YAMLError['code'], readonly [string, string]>> = {
  DUPLICATE_KEY: ['this key was already given above', 'each key once'],
  MULTIPLE_DOCS: ['a second document starts here', 'one document, without a second ---'],
  TAB_AS_INDENT: ['a tab is used to indent', 'spaces'],
  BAD_SCALAR_START: ['a value starts with a reserved character', 'such a value in quotes'],
  TAG_RESOLVE_FAILED: ['a value starts with an unknown !tag', 'such a value in quotes'],
  BAD_DQ_ESCAPE: [
    'a backslash stands between double quotes, where it starts an escape',
    "single quotes around what has backslashes, such as a pattern: '#(\\d+)'",
  ],
  BAD_ALIAS: ['a value starts with * or &', 'such a value in quotes'],
  NON_STRING_KEY: ['this key is no text', 'keys that are plain words'],
};

const explain = (error: YAMLError): readonly [string, string] =>
  problems[error.code] ?? [`this is not well-formed YAML (${error.code})`, wellFormed];

const VARIABLE = /\$\{[A-Za-z_][^}\s]*\}?/;

/** A `${…}` on this line that stands in no quotes: within { } and [ ] its own braces end the value. */
const unquoted = (line: string): string | null =>
  VARIABLE.exec(line.replaceAll(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|(?:^|\s)#.*/g, ''))?.[0] ?? null;

/** One problem for each line; where an unquoted variable is the likely cause, that one. */
const reported = (found: readonly YamlProblem[], text: string): readonly YamlProblem[] => {
  const lines = text.split('\n');
  const byLine = new Map<string, YamlProblem>();
  for (const problem of found) {
    const line = lines[problem.line - 1] ?? '';
    const variable = unquoted(line);
    const better =
      variable === null
        ? problem
        : {
            line: problem.line,
            column: line.indexOf(variable) + 1,
            problem: `${variable} stands here without quotes, and its braces are read as a group of keys`,
            expected: `it in quotes: "${variable}"`,
          };
    byLine.set(`${better.line} ${better.problem}`, better);
  }
  return [...byLine.values()];
};

const LEVELS = 100;
const SCALAR_FOLLOWS = '\u001f';

const opensTooDeep = /^(?: {200}| *(?:[-?] +){50})/m;

/** Most texts open so few groups in all that their tokens need not be looked at. */
const opensMany = (text: string): boolean => (text.match(/[[{]/g)?.length ?? 0) > LEVELS;

const nestsTooDeep = (text: string): boolean => {
  let depth = 0;
  let previous = '';
  for (const token of new Lexer().lex(text)) {
    if (previous !== SCALAR_FOLLOWS) {
      if (token === '[' || token === '{') depth += 1;
      else if (token === ']' || token === '}') depth -= 1;
      if (depth > LEVELS) return true;
    }
    previous = token;
  }
  return false;
};

// The parser recurses, and V8 ends the process when it must compile an expression with its stack used up: so the depth is judged
// before, on the tokens, which need no recursion.
const isTooDeep = (text: string): boolean =>
  opensTooDeep.test(text) || (opensMany(text) && nestsTooDeep(text));

const tooDeep = {
  line: 1,
  column: 1,
  problem: 'the lists and groups are nested too deeply',
  expected: wellFormed,
};

/** Parses one YAML document: unique text keys, no tags, no aliases. Never throws for any text. */
export const parseYaml = (
  text: string,
): { readonly source: YamlSource } | { readonly problems: readonly YamlProblem[] } => {
  if (isTooDeep(text)) return { problems: [tooDeep] };
  const lines = new LineCounter();
  // What is missing at the end is missing after the last thing that is there.
  const end = text.trimEnd().length;
  const placeAt = (offset: number) => {
    const { line, col } = lines.linePos(Math.min(offset, end));
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  const options = { lineCounter: lines, prettyErrors: false, stringKeys: true, logLevel: 'error' } as const;
  const document = parseDocument(text, { ...options, resolveKnownTags: false });
  const found = [...document.errors, ...document.warnings].map((error) => {
    const [problem, expected] = explain(error);
    return { ...placeAt(error.pos[0]), problem, expected };
  });
  visit(document, {
    Pair: (_key, pair) => {
      // Some libraries pass over this key in silence, and none does so usefully.
      if (isScalar(pair.key) && pair.key.value === '__proto__') {
        found.push({
          ...placeAt(pair.key.range?.[0] ?? 0),
          problem: 'this key is called __proto__',
          expected: 'keys that are plain words',
        });
      }
    },
    Alias: (_key, alias) => {
      found.push({
        ...placeAt(alias.range?.[0] ?? 0),
        problem: 'a value is an *alias of another',
        expected: 'the value itself written out, or in quotes if it only starts with *',
      });
    },
  });
  if (found.length > 0) return { problems: reported(found, text) };
  const placeOf = (path: Path) => placeAt(offsetOf(document.contents, path));
  const lineOf = (path: Path): number => placeOf(path).line;
  const columnOf = (path: Path): number => placeOf(path).column;
  return { source: { data: document.toJS({ maxAliasCount: 0 }), lineOf, columnOf } };
};

const offsetOf = (root: unknown, path: Path): number => {
  let node = root;
  let offset = 0;
  for (const key of path) {
    if (isMap<{ value?: unknown; range?: [number, number, number] }>(node)) {
      const pair = node.items.find((item) => item.key.value === key);
      if (pair === undefined) return offset;
      offset = pair.key.range?.[0] ?? offset;
      node = pair.value;
    } else if (isSeq<{ range?: [number, number, number] }>(node) && typeof key === 'number') {
      const item = node.items[key];
      if (item === undefined) return offset;
      offset = item.range?.[0] ?? offset;
      node = item;
    } else return offset;
  }
  return offset;
};
