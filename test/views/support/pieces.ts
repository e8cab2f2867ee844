import { readFileSync } from 'node:fs';
import { PIECE_EXAMPLES } from './piece-examples.js';

/** A piece of the library as its comment describes it. */
export interface Piece {
  readonly name: string;
  readonly parameters: readonly string[];
  readonly summary: string;
  /** By parameter. */
  readonly described: Readonly<Record<string, string>>;
  /** Whether it goes around other things: `{% call … %}`. */
  readonly isAround: boolean;
}

const LIBRARY = 'templates/oriel.njk';
const MACRO =
  /(?:\{#-\s((?:(?!#\})[\s\S])*?)-?#\}\s*)?\{% macro ([a-z]\w*)\(([^)]*)\)[^%]*%\}([\s\S]*?)\{%-? endmacro/g;

/** The pieces that views may import, with what the library's comments say about them. */
export const pieces = (): readonly Piece[] =>
  [...readFileSync(LIBRARY, 'utf8').matchAll(MACRO)].map(
    ([, comment = '', name = '', given = '', body = '']) => {
      const [first = '', ...lines] = comment.trim().split('\n');
      const described = lines.map((line) => /^\s*(\w+): (.*)$/.exec(line));
      return {
        name,
        parameters: given.split(/,\s*/).filter(Boolean),
        summary: first.replace(/^\w+: /, ''),
        described: Object.fromEntries(described.map((found) => [found?.[1] ?? '?', found?.[2] ?? '?'])),
        isAround: body.includes('caller()'),
      };
    },
  );

/** A view that shows these examples, each with its data from the answers of `exampleData`. */
export const exampleView = (names: readonly string[]): string =>
  [
    `{% from "oriel" import ${Object.keys(PIECE_EXAMPLES).join(', ')} %}`,
    ...names.map((name) => {
      const { source = '', data = {} } = PIECE_EXAMPLES[name] ?? {};
      const given = Object.keys(data).map((key) => `{% set ${key} = answers["${name}_${key}"].data %}`);
      return `<div class="example-${name}">${given.join('')}${source}</div>`;
    }),
  ].join('\n');

/** What `exampleView` is given. */
export const exampleData = (): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(PIECE_EXAMPLES).flatMap(([name, { data = {} }]) =>
      Object.entries(data).map(([key, value]) => [`${name}_${key}`, value]),
    ),
  );
