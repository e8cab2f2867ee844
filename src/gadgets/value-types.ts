import type { ParameterType, ParameterValue, ScalarType } from '../domain/gadget.js';
import { type LanguageName, languageNamed } from './languages/registry.js';
import type { ParameterManifest, ScalarManifest } from './parameter-schema.js';

/** What a definition calls this type: conditions have the name of their language. */
export const typeName = (type: ParameterType): string =>
  type.kind === 'conditions' ? type.language : type.kind;

/** No value is longer than this, whatever its type allows: characters as they arrive, before a list is split. */
export const MAX_VALUE_LENGTH = 16_384;

/** A value that was read, `undefined` where an empty text means that none was given, or the fault's sentence. */
type Reading = { readonly value: ParameterValue | undefined } | { readonly fault: string };

/** A single value. */
export type Scalar = string | number | boolean;
type ScalarReading = { readonly value: Scalar } | { readonly fault: string };

const refuse = (fault: string): { readonly fault: string } => ({ fault });

const readText = (text: string, maxLength: number): ScalarReading => {
  if (text.length > maxLength) return refuse(`must have at most ${maxLength} characters.`);
  return /[\p{Cc}\p{Cs}]/u.test(text) ? refuse('must not contain control characters.') : { value: text };
};

const readIdentifier = (text: string, maxLength: number): ScalarReading =>
  /^[A-Za-z0-9_-]+$/.test(text) && text.length <= maxLength
    ? { value: text }
    : refuse(`must be at most ${maxLength} letters, digits, "_" or "-".`);

const readInteger = (text: string, min: number, max: number): ScalarReading => {
  const number = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  return number >= min && number <= max
    ? { value: number === 0 ? 0 : number }
    : refuse(`must be a whole number from ${min} to ${max}.`);
};

const MONTHS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;

const daysIn = (year: number, month: number): number => {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 2 && leap ? 29 : (MONTHS[month - 1] ?? 0);
};

const readDate = (text: string): ScalarReading => {
  const [year = 0, month = 0, day = 0] = /^\d{4}-\d{2}-\d{2}$/.test(text) ? text.split('-').map(Number) : [];
  return day >= 1 && day <= daysIn(year, month)
    ? { value: text }
    : refuse('must be a date such as 2026-11-30.');
};

const readConditions = (language: string, text: string, maxLength: number): ScalarReading => {
  if (text.length > maxLength) return refuse(`must have at most ${maxLength} characters.`);
  const fault = languageNamed(language).conditions?.fault(text) ?? null;
  return fault === null ? { value: text.replace(/\s+/g, ' ') } : refuse(fault);
};

/** One value of this type, or what is wrong with it, as the end of a sentence. */
export const readScalar = (type: ScalarType, text: string): ScalarReading => {
  switch (type.kind) {
    case 'text':
      return readText(text, type.maxLength);
    case 'identifier':
      return readIdentifier(text, type.maxLength);
    case 'integer':
      return readInteger(text, type.min, type.max);
    case 'boolean':
      return text === 'true' || text === 'false'
        ? { value: text === 'true' }
        : refuse('must be true or false.');
    case 'date':
      return readDate(text);
    case 'choice':
      return type.values.includes(text)
        ? { value: text }
        : refuse(`must be one of ${type.values.join(', ')}.`);
    case 'conditions':
      return readConditions(type.language, text, type.maxLength);
  }
};

const readList = (type: ParameterType & { kind: 'list' }, texts: readonly string[]): Reading => {
  const values = new Set<Scalar>();
  for (const text of texts.map((each) => each.trim())) {
    if (text === '') continue;
    const reading = readScalar(type.of, text);
    if ('fault' in reading)
      return refuse(`${JSON.stringify(text.slice(0, 40))} in the list ${reading.fault}`);
    values.add(reading.value);
    if (values.size > type.maxItems) return refuse(`must have at most ${type.maxItems} items.`);
  }
  const list = Object.freeze([...values]);
  return { value: list as readonly string[] | readonly number[] };
};

/**
 * Reads one value as a page or a definition writes it. A list is comma-separated (or given item by item); its items are trimmed,
 * empty and repeated ones dropped, and an empty list is a value. Of the other types an empty text is no value.
 */
export const readValue = (type: ParameterType, given: string | readonly string[]): Reading => {
  const length = typeof given === 'string' ? given.length : given.join(',').length;
  if (length > MAX_VALUE_LENGTH) return refuse(`must have at most ${MAX_VALUE_LENGTH} characters.`);
  if (type.kind === 'list') return readList(type, typeof given === 'string' ? given.split(',') : given);
  if (typeof given !== 'string') return refuse('must be one value, not a list.');
  const text = type.kind === 'text' ? given : given.trim();
  return text.trim() === '' ? { value: undefined } : readScalar(type, text);
};

/** Named by its argument's type: a new kind of parameter without a case of its own does not compile. */
const conditionsIn = (language: LanguageName, maxLength: number): ScalarType => ({
  kind: 'conditions',
  language,
  maxLength,
});

/** The type that a definition describes. */
export const scalarType = (
  written: ScalarManifest | Exclude<ParameterManifest, { type: 'list' }>,
): ScalarType => {
  switch (written.type) {
    case 'text':
    case 'identifier':
      return { kind: written.type, maxLength: written.maxLength };
    case 'integer':
      return { kind: 'integer', min: written.min, max: written.max };
    case 'choice':
      return { kind: 'choice', values: written.values };
    case 'boolean':
    case 'date':
      return { kind: written.type };
    default:
      return conditionsIn(written.type, written.maxLength);
  }
};
