import type { Data } from '../../domain/data.js';
import { readExactJson } from './exact-json.js';
import { bareRecord, MOST_DEPTH, NodeCount, Unreadable } from './frozen.js';

/** A number stands in the text that no double can hold. */
class Inexact extends Error {}

const holdsNames = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const isExact = (value: number): boolean =>
  Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));

/** Copies what `JSON.parse` gave into frozen data that inherits nothing. */
const copied = (value: unknown, count: NodeCount, depth: number, accepts: (n: number) => boolean): Data => {
  count.add();
  if (depth > MOST_DEPTH) throw new Unreadable('too-deep');
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  if (typeof value === 'number') {
    if (accepts(value)) return value;
    throw new Inexact();
  }
  if (Array.isArray(value))
    return Object.freeze(value.map((item: unknown) => copied(item, count, depth + 1, accepts)));
  const made = bareRecord();
  if (holdsNames(value)) {
    for (const name of Object.keys(value)) made[name] = copied(value[name], count, depth + 1, accepts);
  }
  return Object.freeze(made);
};

/** Reads JSON that we wrote ourselves: what its numbers were was settled before. */
export const readOwnJson = (text: string): Data => copied(JSON.parse(text), new NodeCount(), 0, () => true);

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new Unreadable('json-syntax');
  }
};

/**
 * Reads JSON (RFC 8259) into frozen data. Of a repeated name the last counts, as in browsers; whole numbers beyond 2^53 and numbers
 * beyond a double are the text they were. Throws `Unreadable`.
 */
export const readJson = (text: string): Data => {
  try {
    return copied(parsed(text), new NodeCount(), 0, isExact);
  } catch (error) {
    if (error instanceof Inexact) return readExactJson(text);
    throw error;
  }
};
