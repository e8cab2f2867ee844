import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { closest } from '../../views/examine-template.js';
import { blanked, placeIn } from '../../views/template-blocks.js';
import type { LocatedFault } from './locate-fault.js';

const DECLARED = /(?:^|[\s;{])(?:@property\s+)?(--[\w-]+)\s*[:{]/g;

const declaredIn = (css: string): readonly string[] =>
  [...css.matchAll(DECLARED)].flatMap(([, name]) => name ?? []);

/** Every variable that the styles of a frame have; `root` is the folder that holds `templates`. */
export const frameVariables = (root: string): ReadonlySet<string> => {
  const folder = join(root, 'templates', 'styles');
  const parts = readdirSync(folder).filter((name) => /^(?:base|frame)\b.*\.css$/.test(name));
  return new Set(parts.flatMap((name) => declaredIn(readFileSync(join(folder, name), 'utf8'))));
};

/** Those that the documentation names. */
const LISTED = /^--(?:color-|font-|soft$|line$)/;

/** Texts in which nothing means anything: comments, and strings but those that are addresses. */
const SKIPPED =
  /\/\*[\s\S]*?(?:\*\/|$)|(?<!url\(\s*|@import\s+|image-set\([^)]*)(?:"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')/gi;

type Words = Pick<LocatedFault, 'problem' | 'expected' | 'example'>;

const LOADING: Words = {
  problem: 'a frame loads nothing that a style names: its policy blocks it',
  expected: 'a picture as data:, or one that the view shows by the filter "image"',
  example: null,
};

const IMPORTING: Words = {
  problem: 'a frame loads no other style: its policy blocks this "@import"',
  expected: 'all styles of the gadget in its style.css',
  example: null,
};

const unknownVariable = (name: string, known: ReadonlySet<string>): Words => {
  const listed = [...known].filter((each) => LISTED.test(each));
  const near = closest(name, listed);
  return {
    problem: `there is no variable "${name}", so that this does nothing`,
    expected: 'one that style.css declares, or one of those in docs/gadgets.md',
    example: near === null ? null : `var(${near})`,
  };
};

/** What does nothing in the frame of a gadget: variables that nothing declares, and whatever would have to be loaded. */
export const styleFaults = (
  file: string,
  css: string,
  ofFrame: ReadonlySet<string>,
): readonly LocatedFault[] => {
  const source = css.replaceAll(SKIPPED, blanked);
  const known = new Set([...ofFrame, ...declaredIn(source)]);
  const fault = (at: number, { length }: string, words: Words): LocatedFault => ({
    ...{ file, path: '', ...placeIn(source, at), length },
    ...words,
  });
  const imports = [...source.matchAll(/@import\b[^;\n]*;?/gi)];
  const isImported = (at: number): boolean =>
    imports.some(({ 0: text, index }) => at > index && at < index + text.length);
  return [
    ...imports.map(({ 0: text, index }) => fault(index, text, IMPORTING)),
    ...[
      ...source.matchAll(
        /url\(\s*["']?(?!\s*["']?(?:data:|#))[^)\n]*\)?|image-set\(\s*["'](?!data:)[^)\n]*\)?/gi,
      ),
    ]
      .filter(({ index }) => !isImported(index))
      .map(({ 0: text, index }) => fault(index, text, LOADING)),
    ...[...source.matchAll(/var\(\s*(--[\w-]+)/gi)].flatMap(({ 0: text, 1: name = '', index }) =>
      known.has(name) ? [] : [fault(index + text.indexOf(name), name, unknownVariable(name, known))],
    ),
  ];
};
