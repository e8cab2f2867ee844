import type { z } from 'zod';
import type { Mistake, Path } from '../domain/document-path.js';
import { describePath, type JsonSchema, keysAt } from './json-schema.js';

type Issue = z.core.$ZodIssue;

const valueAt = (data: unknown, path: Path): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key)
        ? (value as Readonly<Record<string | number, unknown>>)[key]
        : undefined,
    data,
  );

const kinds: Readonly<Record<string, string>> = {
  string: 'text; put it in quotes',
  number: 'a number',
  int: 'a whole number',
  array: 'a list',
  object: 'a group of keys',
  record: 'a group of keys',
  boolean: 'true or false',
};

const wrongKind = (value: unknown, wanted: string): string => {
  if (value === undefined) return 'this is missing';
  if (value === null) return 'this is empty';
  return `this is not ${kinds[wanted] ?? wanted}`;
};

const choices = (values: readonly unknown[]): string => values.map(String).join(', ');

/** Whether a union has a sentence of its own; else its branches speak. */
const isOwn = (issue: Issue): boolean => issue.message !== 'Invalid input';

const problemOf = (issue: Issue, data: unknown, path: Path): string => {
  switch (issue.code) {
    case 'invalid_type':
      return wrongKind(valueAt(data, path), issue.expected);
    case 'invalid_value':
      return valueAt(data, path) === undefined
        ? 'this is missing'
        : `this is not one of: ${choices(issue.values)}`;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'this key cannot be used';
    case 'invalid_union':
      if (valueAt(data, path) === undefined) return 'this is missing';
      return isOwn(issue) ? issue.message : 'this has none of the forms it may have';
    default:
      return issue.message;
  }
};

const distance = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_each, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 1; j <= to.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (to[j - 1] === letter ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
};

const nearestKey = (key: string, known: readonly string[]): string | null => {
  const best = known
    .map((each) => ({ each, far: distance(key.slice(0, 40).toLowerCase(), each.toLowerCase()) }))
    .sort((a, b) => a.far - b.far)[0];
  return best !== undefined && best.far <= 3 ? best.each : null;
};

const unknownKeys = (keys: readonly string[], path: Path, schema: JsonSchema): readonly Mistake[] => {
  // Where there are several forms, a key of one may be the mistake in another, and a key may belong to several.
  const known = [...new Set(keysAt(schema, path))].filter((key) => !keys.includes(key));
  return keys.map((key) => ({
    path: [...path, key],
    problem: 'this key is not known here',
    expected: `one of: ${known.join(', ')}`,
    example: nearestKey(key, known),
  }));
};

/** Of a union's branches, the one the author meant: it knows the most keys and has the fewest complaints. */
const meant = (branches: readonly (readonly Issue[])[]): readonly Issue[] | null => {
  const cost = (issues: readonly Issue[]): number =>
    issues.reduce(
      (sum, issue) =>
        sum +
        (issue.code === 'unrecognized_keys' ? 2 * issue.keys.length : 1) +
        (issue.path.length === 0 ? 1 : 0),
      0,
    );
  const shaped = branches.filter((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys'),
  );
  return [...shaped].sort((a, b) => cost(a) - cost(b))[0] ?? null;
};

/** Length is measured even of what is of the wrong kind; only the kind is worth a word. */
const isEcho = (issue: Issue, issues: readonly Issue[]): boolean =>
  (issue.code === 'too_big' || issue.code === 'too_small') &&
  issues.some((other) => other.code === 'invalid_type' && pathsEqual(other.path, issue.path));

const pathsEqual = (a: Issue['path'], b: Issue['path']): boolean =>
  a.length === b.length && a.every((key, index) => key === b[index]);

/** Says in sentences what a schema refused, with what was expected and an example from the schema itself. */
export const explainIssues = (
  issues: readonly Issue[],
  base: Path,
  data: unknown,
  schema: JsonSchema,
): readonly Mistake[] =>
  issues
    .filter((issue) => !isEcho(issue, issues))
    .flatMap((issue): readonly Mistake[] => {
      const path = [...base, ...issue.path.filter((key) => typeof key !== 'symbol')];
      if (issue.code === 'unrecognized_keys') return unknownKeys(issue.keys, path, schema);
      if (issue.code === 'invalid_union' && !isOwn(issue)) {
        const branch = meant(issue.errors);
        if (branch !== null) return explainIssues(branch, path, data, schema);
      }
      const about = describePath(schema, path);
      return [
        {
          path,
          problem: problemOf(issue, data, path),
          expected: about?.description ?? 'a file like the one in the documentation',
          example: about === null ? null : exampleText(about.example, path),
        },
      ];
    });

const exampleText = (example: unknown, path: Path): string => {
  const one = Array.isArray(example) && typeof path.at(-1) === 'number' ? example[0] : example;
  return typeof one === 'string' ? one : JSON.stringify(one);
};
