import type { Data } from '../domain/data.js';
import type { Compared, Given, ParameterValue, ScalarType } from '../domain/gadget.js';
import { type TextAllowance, textsMatched } from '../views/patterns.js';
import { readScalar, type Scalar } from './value-types.js';

/** What was kept of a list, in the provider's spelling, and what the provider does not know, in the page's. */
export interface Narrowed {
  readonly known: readonly string[];
  readonly unknown: readonly string[];
}

const isRecord = (data: Data | undefined): data is { readonly [key: string]: Data } =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const step = (data: Data, key: string): readonly Data[] => {
  if (Array.isArray(data)) return data.flatMap((each: Data) => step(each, key));
  const found = isRecord(data) && Object.hasOwn(data, key) ? data[key] : undefined;
  return found === undefined ? [] : [found];
};

const texts = (data: Data): readonly string[] => {
  if (typeof data === 'string') return [data];
  if (typeof data === 'number') return [String(data)];
  if (Array.isArray(data)) return data.flatMap((each: Data) => texts(each));
  return isRecord(data) && typeof data['#text'] === 'string' ? [data['#text']] : [];
};

/** Everything at a path of keys joined by dots, through lists on the way; the data itself where the path is empty. */
export const allAt = (data: Data, path: string): readonly Data[] =>
  path === ''
    ? [data]
    : path
        .split('.')
        .reduce<readonly Data[]>((found, key) => found.flatMap((each) => step(each, key)), [data]);

/** Every text at a path of keys joined by dots, through lists on the way and with or without XML attributes at its end. */
export const textsAt = (data: Data, path: string): readonly string[] => allAt(data, path).flatMap(texts);

/** The part of an answer at a path; null where there is none, and a list where lists on the way have several. */
export const picked = (data: Data, path: string): Data => {
  const [first = null, ...more] = allAt(data, path);
  return more.length === 0 ? first : Object.freeze([first, ...more]);
};

/** The items at a path: of a list its items, and what is no list is one. Nothing (null) is no item. */
export const itemsAt = (data: Data, path: string): readonly Data[] =>
  allAt(data, path)
    .flatMap((each): readonly Data[] => (Array.isArray(each) ? each : [each]))
    .filter((item) => item !== null);

/** Splits a list by what an answer knows at `path`, without regard to case; each known item once. */
export const narrow = (items: ParameterValue | undefined, data: Data, path: string): Narrowed => {
  const spelling = new Map(textsAt(data, path).map((text) => [text.toLowerCase(), text] as const));
  const known = new Set<string>();
  const unknown: string[] = [];
  for (const item of typeof items === 'object' ? items.map(String) : []) {
    const text = spelling.get(item.toLowerCase());
    if (text === undefined) unknown.push(item);
    else known.add(text);
  }
  return { known: [...known], unknown };
};

/** One value as text, if it is one: `true` and 7 are the texts “true” and “7”. */
const textOf = (data: Data | undefined): string | null => {
  if (typeof data === 'boolean') return String(data);
  return data === undefined || data === null ? null : (texts(data)[0] ?? null);
};

const isOneOf = (found: readonly Data[], oneOf: readonly (string | null)[]): boolean =>
  oneOf.some((wanted) =>
    wanted === null ? found.every((each) => each === null) : found.some((each) => textOf(each) === wanted),
  );

/** What taking values needs from the rendering: comparisons and patterns with its values filled in. */
export interface Taking {
  /** Null compares with nothing at all; undefined is a comparison that no value can meet. */
  compared(value: Compared): string | null | undefined;
  pattern(match: NonNullable<Given['match']>): string | undefined;
  readonly allowance: TextAllowance;
}

/** The texts that a `given` finds, before they are typed; the pattern runs over no more than the rendering allows. */
const foundTexts = (given: Given, data: Data, taking: Taking): readonly string[] => {
  const { items, take, where, match } = given;
  const conditions = where.map(({ path, oneOf }) => ({
    path,
    oneOf: oneOf.map((value) => taking.compared(value)).filter((value) => value !== undefined),
  }));
  const found = itemsAt(data, items)
    .filter((item) => conditions.every(({ path, oneOf }) => isOneOf(allAt(item, path), oneOf)))
    .flatMap((item) => allAt(item, take))
    .flatMap((value): readonly string[] => (typeof value === 'boolean' ? [String(value)] : texts(value)));
  if (match === null) return found;
  const pattern = taking.pattern(match);
  return pattern === undefined ? [] : textsMatched(pattern, found, taking.allowance);
};

/** The values among these texts that fit the type, as many as wanted. */
const typed = (
  scalar: ScalarType,
  texts: readonly string[],
  most: number,
  unique: boolean,
): readonly Scalar[] => {
  const values: Scalar[] = [];
  const seen = new Set<Scalar>();
  for (const text of texts) {
    if (values.length >= most) break;
    const reading = readScalar(scalar, scalar.kind === 'text' ? text : text.trim());
    if (text === '' || 'fault' in reading || (unique && seen.has(reading.value))) continue;
    seen.add(reading.value);
    values.push(reading.value);
  }
  return values;
};

/**
 * The value that a `given` takes out of an answer: of a single one the first that fits its type, of a list all that do, as many as it may
 * hold. What does not fit is left out: it is another application's data, and no mistake of anyone's. Undefined where nothing is left.
 * Throws `PatternTooSlow`.
 */
export const takeValue = (given: Given, data: Data, taking: Taking): ParameterValue | undefined => {
  const { type, unique } = given;
  const found = foundTexts(given, data, taking);
  if (type.kind !== 'list') return typed(type, found, 1, unique)[0];
  const values = typed(type.of, found, type.maxItems, unique);
  return values.length === 0 ? undefined : (Object.freeze(values) as readonly string[] | readonly number[]);
};
