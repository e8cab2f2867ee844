import { bareRecord, type Data } from '../../domain/data.js';

/** An answer that cannot be read. Its message is ours, never the provider's. */
export class Unreadable extends Error {
  /** Stable name of what is wrong with it. */
  readonly code: string;

  constructor(code: string) {
    super(`The answer cannot be read: ${code}`);
    this.name = 'Unreadable';
    this.code = code;
  }
}

/** Deeper answers are refused: no API needs them, and recursion over them has to end. */
export const MOST_DEPTH = 64;

/** Values of one answer: records, lists, texts and numbers; in XML elements and attributes. */
export const MOST_NODES = 250_000;

/** Counts the values of an answer while it is read. */
export class NodeCount {
  #nodes = 0;

  /** Throws `Unreadable` when these are too many. */
  add(nodes = 1): void {
    this.#nodes += nodes;
    if (this.#nodes > MOST_NODES) throw new Unreadable('too-many-values');
  }
}

/** A bare record of these entries; frozen. */
export const record = (entries: Iterable<readonly [string, Data]>): { readonly [key: string]: Data } => {
  const made = bareRecord();
  for (const [key, value] of entries) made[key] = value;
  return Object.freeze(made);
};

/** A value as a list: what is absent is none, what occurs once is one. */
export const asList = (data: Data | undefined): readonly Data[] => {
  if (data === undefined) return [];
  return Array.isArray(data) ? data : [data];
};
