import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import type { Fault } from '../../domain/fault.js';

/** A fault with its place in the line. */
export interface LocatedFault extends Fault {
  /** One-based; null where it is about the file as a whole. */
  readonly column: number | null;
  /** How many characters it is about. */
  readonly length: number;
}

interface Place {
  readonly column: number;
  readonly length: number;
}

const linesOf = (file: string): readonly string[] => {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
};

/** What a problem quotes: `"name"` and `{name}`. */
const quotedIn = (problem: string): readonly string[] =>
  [...problem.matchAll(/\{[^{}\s]+(?:\s[^{}]*)?\}|"([^"]+)"/g)].map(([whole, inner]) => inner ?? whole);

/** The place of the first of these in a line, best after where the fault starts: a word may stand before it too. */
const placeOf = (line: string, { path, problem, column: known }: Fault, name?: string): Place | null => {
  const key =
    path
      .split(/[.[\]]+/)
      .filter(Boolean)
      .at(-1) ?? '';
  const wanted = [...(name === undefined ? [] : [name]), ...quotedIn(problem), key];
  for (const from of new Set([(known ?? 1) - 1, 0]))
    for (const each of wanted) {
      const column = each === '' ? -1 : line.indexOf(each, from);
      if (column >= 0) return { column: column + 1, length: each.length };
    }
  if (known) return { column: known, length: /^[^\s,:[\]{}]+/.exec(line.slice(known - 1))?.[0].length ?? 1 };
  const start = line.search(/\S/);
  return start < 0 ? null : { column: start + 1, length: line.trim().length };
};

/** A fault of which only the line is known, with the place in it that it speaks of. */
export const located = (fault: Fault, name?: string): LocatedFault => {
  if (fault.line === null) return { ...fault, column: null, length: 1 };
  const line = linesOf(fault.file)[fault.line - 1] ?? '';
  const place = placeOf(line, fault, name);
  return { ...fault, column: place?.column ?? null, length: place?.length ?? 1 };
};

/** The line that a fault is about; null where there is none. */
export const excerptOf = ({ file, line }: LocatedFault): string | null =>
  line === null ? null : (linesOf(file)[line - 1] ?? null);

const LONGEST = 110;

/** A line and a caret below the place; a long line is cut around it. */
export const excerptLines = (fault: LocatedFault): readonly string[] => {
  const excerpt = excerptOf(fault);
  if (excerpt === null) return [];
  const column = fault.column ?? 1;
  const from = excerpt.length <= LONGEST ? 0 : Math.max(0, column - LONGEST / 2);
  const shown = excerpt.slice(from, from + LONGEST).replaceAll('\t', ' ');
  const margin = `${fault.line} | `.padStart(9);
  const caret = '^'.repeat(Math.max(1, Math.min(fault.length, shown.length - (column - 1 - from))));
  return [
    `${margin}${shown}`,
    ...(fault.column === null ? [] : [`${' '.repeat(margin.length + column - 1 - from)}${caret}`]),
  ];
};

/** A fault in parts, as pages show it; `from` is the folder that files are named from. */
export const faultParts = (fault: LocatedFault, from: string) => {
  const file = relative(from, fault.file) || fault.file;
  const at = [file, fault.line, fault.line === null ? null : fault.column]
    .filter((each) => each !== null)
    .join(':');
  const { problem, expected, example } = fault;
  return { at, problem, excerpt: excerptLines(fault), expected, example };
};

/** A fault as an author reads it: where, what is wrong, the line with a caret, and what to write instead. */
export const faultText = (fault: LocatedFault, from: string): string => {
  const { at, problem, excerpt, expected, example } = faultParts(fault, from);
  return [
    `${at}: ${problem}.`,
    ...excerpt,
    `    expected: ${expected}.`,
    ...(example === null ? [] : [`    write:    ${example}`]),
  ].join('\n');
};

/** The same for programs. */
export const faultJson = (fault: LocatedFault): object => {
  const { file, path, line, column, length, problem, expected, example } = fault;
  return { file, path, line, column, length, excerpt: excerptOf(fault), problem, expected, example };
};
