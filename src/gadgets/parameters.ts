import { AppError } from '../domain/errors.js';
import type {
  Gadget,
  Parameter,
  ParameterType,
  ParameterValue,
  ParameterValues,
  ScalarType,
} from '../domain/gadget.js';
import { languageNamed } from './languages/registry.js';
import { expandRequest, invalidParameter, isWanted } from './request-plan.js';

/** What a definition calls this type: conditions have the name of their language. */
export const typeName = (type: ParameterType): string =>
  type.kind === 'conditions' ? type.language : type.kind;

/** No value is longer than this, whatever its type allows: characters as they arrive, before a list is split. */
export const MAX_VALUE_LENGTH = 16_384;

/** A value that was read, `undefined` where an empty text means that none was given, or the fault's sentence. */
type Reading = { readonly value: ParameterValue | undefined } | { readonly fault: string };

type Scalar = string | number | boolean;
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

const readScalar = (type: ScalarType, text: string): ScalarReading => {
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

const readOne = (parameter: Parameter, text: string): ParameterValue | undefined => {
  const reading = readValue(parameter.type, text);
  if ('fault' in reading) throw invalidParameter(parameter, reading.fault);
  return reading.value;
};

/** Those of the names that are no parameter of the gadget. */
export const foreignNames = (gadget: Gadget, names: Iterable<string>): readonly string[] =>
  [...names].filter((name) => !gadget.parameters.some((parameter) => parameter.name === name));

/** A lock that locks nothing would leave to the page what the host meant to decide. */
const refuseForeignLocks = (gadget: Gadget, locked: Readonly<Record<string, string>>): void => {
  const [name] = foreignNames(gadget, Object.keys(locked));
  if (name === undefined) return;
  const known = gadget.parameters.map((parameter) => parameter.name).join(', ');
  throw new AppError(
    'parameter_unknown',
    `The host's token locks the parameter ${JSON.stringify(name.slice(0, 64))}, which the gadget "${gadget.id}" does not have. ` +
      (known === '' ? 'It has none.' : `It has: ${known}.`),
  );
};

const same = (one: ParameterValue | undefined, other: ParameterValue | undefined): boolean =>
  JSON.stringify(one) === JSON.stringify(other);

const readParameter = (
  parameter: Parameter,
  given: string | undefined,
  locked: string | undefined,
): ParameterValue | undefined => {
  const value = given === undefined ? undefined : readOne(parameter, given);
  if (locked === undefined) return value;
  const lock = readOne(parameter, locked);
  if (given === undefined || same(value, lock)) return lock;
  throw new AppError(
    'parameter_locked',
    `The page sets the parameter "${parameter.name}" to another value than the host's token, which locks it. ` +
      'Leave it out of the page, or sign the same value.',
  );
};

/**
 * The typed values of a launch, from what the page gives and what the host's token locks (both as text, by name). Frozen,
 * with no prototype. What the page gives beyond the gadget's parameters is ignored: frameworks and browser extensions write attributes
 * of their own on every element. Throws `parameter_unknown` (of the token), `parameter_invalid`, `parameter_missing` and
 * `parameter_locked`, with sentences for the developer of the host's page. What it returns can be expanded into each of the gadget's
 * requests.
 */
export const readParameters = (
  gadget: Gadget,
  given: ReadonlyMap<string, string>,
  locked: Readonly<Record<string, string>>,
): ParameterValues => {
  refuseForeignLocks(gadget, locked);
  const values: Record<string, ParameterValue> = Object.create(null);
  for (const parameter of gadget.parameters) {
    const { name } = parameter;
    const lock = Object.hasOwn(locked, name) ? locked[name] : undefined;
    const value = readParameter(parameter, given.get(name), lock) ?? parameter.default ?? undefined;
    if (value !== undefined) values[name] = value;
    else if (parameter.required) {
      throw new AppError(
        'parameter_missing',
        `The gadget "${gadget.id}" needs the parameter "${name}" (${parameter.title}).`,
      );
    }
  }
  for (const request of gadget.requests)
    if (isWanted(request.inputs, values)) expandRequest(gadget, request, values);
  return Object.freeze(values);
};

/** One text for equal values in whatever order they were set: for cache keys and comparisons. */
export const canonical = (values: Readonly<Record<string, ParameterValue>>): string =>
  JSON.stringify(Object.entries(values).sort(([one], [other]) => (one < other ? -1 : 1)));
