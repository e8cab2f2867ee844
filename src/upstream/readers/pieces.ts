import { asRecord, bareRecord, type Data } from '../../domain/data.js';

import { readOwnJson } from './json.js';

/** A run of a list's items, or of a record's fields, by the number of its piece; or one of them that was cut itself. */
type Part = { readonly run: number } | { readonly name: string; readonly value: Plan };

/** How pieces make up a value: one piece is all of it, or it is a list or a record of parts. */
type Plan =
  | { readonly piece: number }
  | { readonly kind: 'list' | 'record'; readonly parts: readonly Part[] };

/** An answer as texts of JSON, each of which is read in about a millisecond. As bytes, since these cross to another thread as they are. */
export interface Pieces {
  readonly plan: Plan;
  readonly bytes: Uint8Array;
  /** Where each piece ends. */
  readonly ends: readonly number[];
}

/** Values in one piece; long texts count as several. */
const MOST_IN_PIECE = 2000;
const CHARACTERS_AS_VALUE = 200;

/** How many values everything that holds others has in it. */
const weights = () => {
  const known = new Map<object, number>();
  const weightOf = (value: Data): number => {
    if (typeof value === 'string') return 1 + Math.floor(value.length / CHARACTERS_AS_VALUE);
    if (typeof value !== 'object' || value === null) return 1;
    const before = known.get(value);
    if (before !== undefined) return before;
    let weight = 1;
    for (const inner of Array.isArray(value) ? value : Object.values(value)) weight += weightOf(inner);
    known.set(value, weight);
    return weight;
  };
  return weightOf;
};

/** Cuts an answer into pieces that can be put together one by one, so that other work goes on in between. */
export const cut = (data: Data): Pieces => {
  const weightOf = weights();
  const pieces: Buffer[] = [];

  const written = (value: unknown): number => pieces.push(Buffer.from(JSON.stringify(value))) - 1;

  const planOf = (value: Data): Plan => {
    const isLeaf = typeof value !== 'object' || value === null;
    if (isLeaf || weightOf(value) <= MOST_IN_PIECE) return { piece: written(value) };
    const isList = Array.isArray(value);
    const fields = Object.entries(value) as readonly (readonly [string, Data])[];
    const parts: Part[] = [];
    let run: (readonly [string, Data])[] = [];
    let weight = 0;
    const finish = (): void => {
      if (run.length === 0) return;
      parts.push({ run: written(isList ? run.map(([, item]) => item) : recordOf(run)) });
      run = [];
      weight = 0;
    };
    for (const field of fields) {
      const own = weightOf(field[1]);
      if (weight + own > MOST_IN_PIECE) finish();
      if (own > MOST_IN_PIECE) parts.push({ name: field[0], value: planOf(field[1]) });
      else {
        run.push(field);
        weight += own;
      }
    }
    finish();
    return { kind: isList ? 'list' : 'record', parts };
  };

  const plan = planOf(data);
  let end = 0;
  const ends = pieces.map(({ length }) => {
    end += length;
    return end;
  });
  return { plan, bytes: Buffer.concat(pieces), ends };
};

const recordOf = (fields: readonly (readonly [string, Data])[]): Data => {
  const made = bareRecord();
  for (const [name, value] of fields) made[name] = value;
  return made;
};

const listOf = (parts: readonly Part[], read: readonly Data[]): Data => {
  const items: Data[] = [];
  for (const part of parts) {
    if ('run' in part) for (const item of (read[part.run] ?? []) as readonly Data[]) items.push(item);
    else items.push(assembled(part.value, read));
  }
  return Object.freeze(items);
};

const assembled = (plan: Plan, read: readonly Data[]): Data => {
  if ('piece' in plan) return read[plan.piece] ?? null;
  if (plan.kind === 'list') return listOf(plan.parts, read);
  const made = bareRecord();
  for (const part of plan.parts) {
    if ('run' in part) Object.assign(made, asRecord(read[part.run]));
    else made[part.name] = assembled(part.value, read);
  }
  return Object.freeze(made);
};

/** Puts an answer together again, frozen, a piece at each `turn`. */
export const joined = async ({ plan, bytes, ends }: Pieces, turn: () => Promise<void>): Promise<Data> => {
  const read: Data[] = [];
  const decoder = new TextDecoder();
  for (const [index, end] of ends.entries()) {
    await turn();
    const text = decoder.decode(bytes.subarray(ends[index - 1] ?? 0, end));
    read.push(readOwnJson(text));
  }
  return assembled(plan, read);
};
