import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LocatedFault } from './locate-fault.js';

/** What no person should read, and a little of the text around it. */
const SLIPS = /.{0,20}?(?<slip>\bundefined\b|\bNaN\b|\bInvalid Date\b|\[object \w+\]|%7B|\{\{).{0,20}/u;

/** What is shown of a value that is not there; null where nothing is. What the samples themselves say is no slip. */
const slipIn = (html: string, samples: string): string | null => {
  const text = html.replaceAll(/<[^>]*>/g, ' ').replaceAll(/\s+/g, ' ');
  const found = SLIPS.exec(text);
  const slip = found?.groups?.slip;
  if (slip === undefined || samples.includes(slip)) return null;
  return `it shows “${slip}” in “${found?.[0].trim()}”`;
};

type Place = Pick<LocatedFault, 'file' | 'line' | 'column' | 'length' | 'example'>;

/** What is joined to something else and goes through no filter before: `"#" + card.number`. */
const JOINED = /(?:[+~]\s*)([a-z_]\w*(?:\.\w+)*)(?![\w.([]|\s*\|)|([a-z_]\w*(?:\.\w+)*)\s*[+~]/gi;

/** Where a view joins a value at this key to a text; else one below the key, else the first that it joins at all. */
const joinedPlace = (folder: string, key: string): Place | null => {
  const found = readdirSync(folder)
    .filter((name) => name.endsWith('.njk'))
    .flatMap((name) => {
      const file = join(folder, name);
      const lines = readFileSync(file, 'utf8').split('\n');
      return lines.flatMap((line, index) =>
        [...line.matchAll(JOINED)].map((match) => {
          const value = match[1] ?? match[2] ?? '';
          const column = match.index + match[0].indexOf(value) + 1;
          const place = { file, line: index + 1, column, length: value.length };
          return { keys: value.split('.'), place: { ...place, example: `(${value} | text)` } };
        }),
      );
    });
  const [best] = [
    ...found.filter(({ keys }) => keys.at(-1) === key),
    ...found.filter(({ keys }) => keys.includes(key)),
    ...found.filter(({ keys }) => keys.length > 1),
  ];
  return best?.place ?? null;
};

/**
 * What a view shows of a value that is not there, with the place where it is probably joined to a text; null where it shows nothing of the
 * kind. `shown` says what the view was shown with, `path` which value was left out, `samples` is the text of all samples.
 */
export const slipFault = (
  folder: string,
  html: string,
  { shown, path, samples }: { readonly shown: string; readonly path: string; readonly samples: string },
): LocatedFault | null => {
  const slip = slipIn(html, samples);
  if (slip === null) return null;
  const key = /[^.[\]\s]+(?=[.[\]]*$)/.exec(path)?.[0] ?? '';
  const nowhere = {
    ...{ file: join(folder, 'view.njk'), line: null, column: null, length: 1 },
    example: null,
  };
  return {
    ...(joinedPlace(folder, key) ?? nowhere),
    path: '',
    problem: `shown with ${shown}, ${slip}`,
    expected: 'what may be absent goes through the filter "text" before + joins it to a text',
  };
};
