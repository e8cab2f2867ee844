import { asRecord, type Data } from './data.js';

type Plain = string | number | boolean | null;

/** What stands at a path: one of these values, anything but these, or anything at all (`present`). */
export type Expected =
  | Plain
  | readonly Plain[]
  | { readonly not: Plain | readonly Plain[] }
  | { readonly present: boolean };

/** How an API says no within a 200. Paths are keys joined by dots; a number is a place in a list. */
export interface RefusalRule {
  /** The answer is a refusal when all of these hold. */
  readonly when: Readonly<Record<string, Expected>>;
  /** Where it says why, or null. */
  readonly code: string | null;
  /** Codes that mean that the access token is no longer good. */
  readonly expired: readonly string[];
}

/** What stands at a path of keys joined by dots; undefined where nothing does. */
export const valueAt = (data: Data, path: string): Data | undefined => {
  let value: Data | undefined = data;
  for (const key of path.split('.')) {
    const place = /^\d{1,6}$/.test(key) ? Number(key) : null;
    if (Array.isArray(value) && place !== null) value = (value as readonly Data[])[place];
    else {
      // Without a number the first is meant: in XML one item and several look alike.
      const first: Data | undefined = Array.isArray(value) ? (value as readonly Data[])[0] : value;
      value = asRecord(first)?.[key];
    }
  }
  return value;
};

const textOf = (value: Data | undefined): string | null => {
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const text = asRecord(value)?.['#text'];
  return typeof text === 'string' ? text : null;
};

/** XML has only texts, so `404` is also the text “404”. */
const equals = (value: Data | undefined, expected: unknown): boolean =>
  value === expected ||
  (expected !== null &&
    typeof expected !== 'object' &&
    value !== undefined &&
    value !== null &&
    textOf(value) === String(expected));

const oneOf = (value: Data | undefined, expected: unknown): boolean =>
  Array.isArray(expected) ? expected.some((each) => equals(value, each)) : equals(value, expected);

const isEmpty = (value: Data | undefined): boolean =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0);

const holds = (value: Data | undefined, expected: Expected): boolean => {
  if (typeof expected === 'object' && expected !== null && !Array.isArray(expected)) {
    if ('present' in expected) return isEmpty(value) !== expected.present;
    // What is not there is no refusal: `{ errcode: { not: 0 } }` speaks of answers that have an errcode.
    if ('not' in expected) return value !== undefined && !oneOf(value, expected.not);
  }
  return oneOf(value, expected);
};

/** Whether an answer holds all that is expected of it, path by path. */
export const holdsAll = (data: Data, when: RefusalRule['when']): boolean =>
  Object.entries(when).every(([path, expected]) => holds(valueAt(data, path), expected));

/** Whether an answer is a refusal as declared, and which; null when it is none. `code` is the provider's, null where it names none. */
export const refusalIn = (
  data: Data,
  { when, code, expired }: RefusalRule,
): { readonly kind: 'expired' | 'refused'; readonly code: string | null } | null => {
  if (Object.keys(when).length === 0 || !holdsAll(data, when)) return null;
  const said = code === null ? null : textOf(valueAt(data, code));
  return { kind: said !== null && expired.includes(said) ? 'expired' : 'refused', code: said };
};
