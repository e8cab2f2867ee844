import { join } from 'node:path';
import type { Path } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import type { GadgetTexts } from '../domain/gadget.js';
import { baseLocaleOf } from '../domain/gadget-locale.js';
import { canonicalTag } from '../domain/locales.js';
import type { Reading } from './manifest.js';

/** The folder beside a definition in which its texts are, a file for each locale. */
export const TEXTS = 'texts';

const FILE = /^texts\/(.+)\.yaml$/;
const VALUE = /^values\.([a-z][a-z0-9-]*)\.(.*)$/s;
const PARAMETER = /^parameters\.(.+)$/;

interface TextFile {
  readonly file: string;
  readonly locale: string;
  readonly texts: ReadonlyMap<string, string>;
  readonly faults: readonly Fault[];
  readonly lineOf: (key: string) => number;
}

const faultAt = (
  file: string,
  key: string,
  line: number | null,
  problem: string,
  expected: string,
  example: string | null = null,
): Fault => ({ file, path: key, line, problem, expected, example });

const readFile = (file: string, locale: string, source: string, reading: Reading): TextFile => {
  const parsed = reading.parse(source);
  const none = { file, locale, texts: new Map<string, string>(), lineOf: () => 1 };
  if ('problems' in parsed)
    return { ...none, faults: parsed.problems.map((each) => ({ file, path: '', example: null, ...each })) };
  const { data, lineOf } = parsed.source;
  const texts = new Map<string, string>();
  const faults: Fault[] = [];
  const collect = (value: unknown, path: Path): void => {
    const key = path.join('.');
    if (typeof value === 'string') texts.set(key, value);
    else if (typeof value === 'object' && value !== null && !Array.isArray(value))
      for (const [name, inner] of Object.entries(value)) collect(inner, [...path, name]);
    else if (path.length > 0 || value !== null)
      faults.push(
        faultAt(
          file,
          key,
          lineOf(path),
          'this is no text',
          'a text, or a group of them',
          'none: Nothing is open.',
        ),
      );
  };
  collect(data, []);
  if (canonicalTag(locale) !== locale)
    faults.push(faultAt(file, '', 1, `"${locale}" names no locale`, 'a language, as de, pt-BR or zh-Hans'));
  return { file, locale, texts, faults, lineOf: (key) => lineOf(key.split('.')) };
};

/** The line after which a text belongs that a translation lacks: that of the nearest text before it in the base locale. */
const lineBefore = (key: string, each: TextFile, base: TextFile): number => {
  const keys = [...base.texts.keys()];
  const before = keys.slice(0, keys.indexOf(key)).findLast((other) => each.texts.has(other));
  return before === undefined ? 1 : each.lineOf(before);
};

/** What a translation lacks of the texts in the base locale, and what it has beside them. */
const differing = (each: TextFile, base: TextFile): readonly Fault[] => [
  ...[...base.texts.keys()]
    .filter((key) => !each.texts.has(key))
    .map((key) =>
      faultAt(
        each.file,
        key,
        lineBefore(key, each, base),
        `the text "${key}" is missing`,
        `after this line what ${base.locale}.yaml says there, in ${each.locale}`,
      ),
    ),
  ...[...each.texts.keys()]
    .filter((key) => !base.texts.has(key))
    .map((key) =>
      faultAt(
        each.file,
        key,
        each.lineOf(key),
        `${base.locale}.yaml has no text "${key}"`,
        'the same texts in every locale',
      ),
    ),
];

/** Reads the texts among a gadget's files. A translation that is not whole is a fault: some would read two languages at once. */
export const readTexts = (
  folder: string,
  files: ReadonlyMap<string, string>,
  parameters: readonly string[],
  reading: Reading,
  /** The values that viewers may choose, by parameter. */
  values: ReadonlyMap<string, readonly string[]> = new Map(),
): { readonly texts: GadgetTexts; readonly faults: readonly Fault[] } => {
  const read = [...files].flatMap(([name, source]) => {
    const [, locale] = FILE.exec(name) ?? [];
    return locale === undefined ? [] : [readFile(join(folder, name), locale, source, reading)];
  });
  const baseLocale = baseLocaleOf(read.map(({ locale }) => locale));
  const base = read.find(({ locale }) => locale === baseLocale);
  if (base === undefined) return { texts: {}, faults: [] };
  const unknown = [...base.texts.keys()].flatMap((key) => {
    const [, name] = PARAMETER.exec(key) ?? [];
    return name === undefined || parameters.includes(name)
      ? []
      : [
          faultAt(
            base.file,
            key,
            base.lineOf(key),
            `there is no parameter "${name}"`,
            'the name of a parameter in gadget.yaml',
          ),
        ];
  });
  const nameless = [...base.texts.keys()].flatMap((key) => {
    const [, name = '', value = ''] = VALUE.exec(key) ?? [];
    const known = values.get(name);
    if (known === undefined || value === '' || known.includes(value)) return [];
    const problem = `"${value}" is no value of the parameter "${name}"`;
    return [faultAt(base.file, key, base.lineOf(key), problem, `one of ${known.join(', ')}`)];
  });
  return {
    texts: Object.fromEntries(read.map(({ locale, texts }) => [locale, Object.fromEntries(texts)])),
    faults: [
      ...read.flatMap(({ faults }) => faults),
      ...unknown,
      ...nameless,
      ...read.filter((each) => each !== base).flatMap((each) => differing(each, base)),
    ],
  };
};
