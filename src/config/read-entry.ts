import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import { type Path, pathText } from '../domain/document-path.js';
import type { Fault } from '../domain/fault.js';
import type { Entry, SetupKind } from '../domain/setup-record.js';
import { hostSchema } from '../hosts/host-schema.js';
import { providerSchema } from '../providers/provider-schema.js';
import { fileReader, readBytes, readUtf8 } from './bounded-files.js';
import { ConfigFaults } from './config-faults.js';
import { type Environment, interpolate } from './interpolate.js';
import { fillLists } from './list-variables.js';
import { parseYaml } from './yaml-source.js';

const STANDARD_INPUT = 0;

const ENTRY = 'YAML or JSON as it would stand below the id in oriel.yaml';

/** What people read instead of the hyphen. */
const nameOf = (file: string): string => (file === '-' ? 'standard input' : file);

const whole = (file: string, problem: string, expected = ENTRY): Fault => ({
  file: nameOf(file),
  path: '',
  line: null,
  problem,
  expected,
  example: null,
});

const isEntry = (data: unknown): data is Entry =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const bytesOf = (file: string, expected: string): Uint8Array => {
  if (file === '-') return readFileSync(STANDARD_INPUT);
  const read = readBytes(resolve(file));
  if ('problem' in read) throw new ConfigFaults([whole(file, read.problem, expected)]);
  return read.bytes;
};

/** The text of a file, `-` for standard input; `expected` says what belongs there. Throws `ConfigFaults`. */
export const readText = (file: string, expected: string): string => {
  const text = readUtf8(bytesOf(file, expected));
  if (text === null) throw new ConfigFaults([whole(file, 'the file is not UTF-8 text', expected)]);
  return text;
};

/** `place` is what mistakes call the file, or what is none: it is beside the working folder's files then. */
const completed = (
  data: unknown,
  { file, place }: { readonly file: string; readonly place: string },
  env: Environment,
  lineOf: (path: Path) => number | null = () => null,
): unknown => {
  const { data: complete, unresolved } = interpolate(data, { env, readFile: fileReader(resolve(file)) });
  if (unresolved.length > 0)
    throw new ConfigFaults(
      unresolved.map(({ path, ...mistake }) => ({
        file: place,
        path: pathText(path),
        line: lineOf(path),
        ...mistake,
      })),
    );
  return complete;
};

/** An entry that was read from a file, and where its parts stand in it. */
export interface EntryFile {
  readonly entry: Entry;
  /** The same mistakes with file and line, where they are below `base` (`providers.wiki`); the others as they are. */
  located(faults: readonly Fault[], base: string): readonly Fault[];
}

/** Every place in the data, by its name, with its line. */
const linesIn = (
  data: unknown,
  lineOf: (path: Path) => number,
  path: Path = [],
): ReadonlyMap<string, number> =>
  new Map([
    [pathText(path), lineOf(path)],
    ...(typeof data === 'object' && data !== null
      ? Object.entries(data).flatMap(([key, value]) => [
          ...linesIn(value, lineOf, [...path, Array.isArray(data) ? Number(key) : key]),
        ])
      : []),
  ]);

/** The line of a place, or of the nearest one above it that is written down. */
const lineIn = (lines: ReadonlyMap<string, number>, place: string): number =>
  [...lines]
    .filter(
      ([known]) =>
        known === '' ||
        place === known ||
        (/^[.[]/.test(place.slice(known.length)) && place.startsWith(known)),
    )
    .reduce((best, each) => (each[0].length >= best[0].length ? each : best), ['', 1] as [string, number])[1];

const locating =
  (file: string, lines: ReadonlyMap<string, number>): EntryFile['located'] =>
  (faults, base) =>
    faults.map((fault) => {
      if (fault.path !== base && !fault.path.startsWith(`${base}.`)) return fault;
      const path = fault.path.slice(base.length + 1);
      return { ...fault, file, path, line: lineIn(lines, path) };
    });

/**
 * Reads one provider or host from a file of its own, `-` for standard input, as it would stand below its id in `oriel.yaml`: YAML or
 * JSON, `${NAME}` and `${file:path}` replaced. Whether it is right is not judged here. Throws `ConfigFaults`.
 */
export const readEntry = (file: string, kind: SetupKind, env: Environment = process.env): EntryFile => {
  const yaml = parseYaml(readText(file, ENTRY));
  if ('problems' in yaml)
    throw new ConfigFaults(
      yaml.problems.map(({ problem, expected, line }) => ({ ...whole(file, problem), expected, line })),
    );
  const { data, lineOf } = yaml.source;
  const complete = completed(data, { file: file === '-' ? 'stdin' : file, place: nameOf(file) }, env, lineOf);
  const entry = fillLists(kind === 'provider' ? providerSchema : hostSchema, data, complete);
  if (!isEntry(entry)) throw new ConfigFaults([whole(file, 'this is no group of keys')]);
  return { entry, located: locating(nameOf(file), linesIn(data, lineOf)) };
};

/** Reads a value written on the command line: YAML, with `${NAME}` and `${file:path}` replaced. Throws `ConfigFaults`. */
export const readValue = (text: string, place: string, env: Environment = process.env): unknown => {
  const yaml = parseYaml(text);
  if ('problems' in yaml)
    throw new ConfigFaults(
      yaml.problems.map(({ problem, expected }) => ({ ...whole(place, problem), expected })),
    );
  return completed(yaml.source.data, { file: 'argument', place }, env);
};

/** Plain data as YAML, for people. */
export const yamlText = (data: unknown): string => stringify(data, { aliasDuplicateObjects: false });
