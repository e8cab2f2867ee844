import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { stringify } from 'yaml';
import type { Fault } from '../domain/fault.js';
import type { Entry } from '../domain/setup.js';
import { ConfigFaults } from './faults.js';
import { fileReader, readBytes, readUtf8 } from './files.js';
import { type Environment, interpolate } from './interpolate.js';
import { pathText } from './path.js';
import { parseYaml } from './yaml-source.js';

const STANDARD_INPUT = 0;

const ENTRY = 'YAML or JSON as it would stand below the id in oriel.yaml';

const whole = (file: string, problem: string, expected = ENTRY): Fault => ({
  file,
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

const completed = (data: unknown, file: string, env: Environment): unknown => {
  const { data: complete, unresolved } = interpolate(data, {
    env,
    readFile: fileReader(resolve(file === '-' ? 'stdin' : file)),
  });
  if (unresolved.length > 0)
    throw new ConfigFaults(
      unresolved.map(({ path, ...mistake }) => ({ file, path: pathText(path), line: null, ...mistake })),
    );
  return complete;
};

/**
 * Reads one provider or host from a file of its own, `-` for standard input, as it would stand below its id in `oriel.yaml`: YAML or
 * JSON, `${NAME}` and `${file:path}` replaced. Whether it is right is not judged here. Throws `ConfigFaults`.
 */
export const readEntry = (file: string, env: Environment = process.env): Entry => {
  const yaml = parseYaml(readText(file, ENTRY));
  if ('problems' in yaml)
    throw new ConfigFaults(
      yaml.problems.map(({ problem, expected, line }) => ({ ...whole(file, problem), expected, line })),
    );
  const entry = completed(yaml.source.data, file, env);
  if (!isEntry(entry)) throw new ConfigFaults([whole(file, 'this is no group of keys')]);
  return entry;
};

/** Reads a value written on the command line: YAML, with `${NAME}` and `${file:path}` replaced. Throws `ConfigFaults`. */
export const readValue = (text: string, place: string, env: Environment = process.env): unknown => {
  const yaml = parseYaml(text);
  if ('problems' in yaml)
    throw new ConfigFaults(
      yaml.problems.map(({ problem, expected }) => ({ ...whole(place, problem), expected })),
    );
  return completed(yaml.source.data, '-', env);
};

/** Plain data as YAML, for people. */
export const yamlText = (data: unknown): string => stringify(data, { aliasDuplicateObjects: false });
