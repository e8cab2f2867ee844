import { createHash } from 'node:crypto';
import type { Entry } from '../../domain/setup-record.js';
import type { MaskedSecret } from './masking.js';
import { isMasked } from './masking.js';

/** How a key of an entry is written in a form. `list`: words, `lines`: texts that have spaces, one on each line; `pems`: one certificate after another; `json`: for what is rarely needed. */
export type FieldKind = 'text' | 'list' | 'lines' | 'pairs' | 'flag' | 'secret' | 'pems' | 'json';

/** A field of a form, and the key of the entry that it writes. */
export interface FormField {
  readonly name: string;
  /** What the page calls it. */
  readonly label: string;
  readonly path: readonly string[];
  readonly kind: FieldKind;
  /** What is said where nothing was given although something must be; left out where “This is needed.” says it all. */
  readonly needed?: string;
}

/** The keys of an entry and of the groups in it, joined by dots: what a field of its form can write. */
export type PathOf<Entry> = Entry extends readonly unknown[] | string | number | boolean
  ? never
  : {
      [Key in keyof Entry & string]: Key | `${Key}.${PathOf<NonNullable<Entry[Key]>>}`;
    }[keyof Entry & string];

/** Fields by name, as a browser sends them. */
export type Form = ReadonlyMap<string, string>;
/** A text for each field, by name. */
export type Texts = Readonly<Record<string, string>>;
type Value = unknown;

const groupOf = (value: Value): Readonly<Record<string, Value>> | null =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, Value>>)
    : null;

/** What stands at a path of an entry; undefined where nothing does. */
export const at = (entry: Entry | null, path: readonly string[]): Value =>
  path.reduce<Value>((value, key) => {
    const group = groupOf(value);
    return group !== null && Object.hasOwn(group, key) ? group[key] : undefined;
  }, entry);

/** An entry with something put at a path, or with nothing there when `value` is undefined; groups left empty go. */
export const put = (entry: Entry, [key, ...rest]: readonly string[], value: Value): Entry => {
  if (key === undefined) return entry;
  const { [key]: before, ...others } = entry;
  const after = rest.length === 0 ? value : put(groupOf(before) ?? {}, rest, value);
  const isEmpty = rest.length > 0 && Object.keys(groupOf(after) ?? {}).length === 0;
  return after === undefined || isEmpty ? others : { ...others, [key]: after };
};

/** What a person typed, without what browsers and pasting add. Null where the page did not show the field. */
export const typedIn = (form: Form, name: string): string | null =>
  form.get(name)?.replaceAll('\r\n', '\n').trim() ?? null;

const PEM = /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g;

const linesOf = (text: string): readonly string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

const pairs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    linesOf(text).map((line) => {
      const [name = '', ...value] = line.split('=');
      return [name.trim(), value.join('=').trim()];
    }),
  );

/** What a text says. Throws SyntaxError for what is no JSON. */
const read = (kind: Exclude<FieldKind, 'secret'>, text: string): Value => {
  if (text === '') return undefined;
  switch (kind) {
    case 'text':
      return text;
    case 'list':
      return text.split(/[\s,]+/).filter((item) => item !== '');
    case 'lines':
      return linesOf(text);
    case 'pairs':
      return pairs(text);
    case 'flag':
      return text === 'true';
    case 'pems':
      // What is no certificate at all is kept for the check, which says so.
      return text.match(PEM) ?? [text];
    case 'json':
      return JSON.parse(text);
  }
};

const write = (kind: FieldKind, value: Value): string => {
  if (value === undefined || value === null || kind === 'secret') return '';
  if (kind === 'json') return JSON.stringify(value, null, 2);
  if (Array.isArray(value)) return value.join('\n');
  if (kind === 'pairs')
    return Object.entries(groupOf(value) ?? {})
      .map(([name, each]) => `${name}=${each}`)
      .join('\n');
  return typeof value === 'object' ? '' : String(value);
};

/** What a field makes of the value before: a secret that was left empty, and what was not touched, stay as they were. */
const valueIn = (kind: FieldKind, text: string, before: Value): Value => {
  if (kind === 'secret') return text === '' ? (isMasked(before) ? before : undefined) : text;
  return text === write(kind, before).trim() ? before : read(kind, text);
};

/** The entry that a form describes, and what of it cannot be understood, by field. Keys that no field knows stay as they were in `before`. */
export const entryOf = (
  fields: readonly FormField[],
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: Texts } => {
  const errors: Record<string, string> = {};
  const entry = fields.reduce<Entry>((made, { name, path, kind }) => {
    const text = typedIn(form, name);
    // A field that the page did not show says nothing.
    if (text === null) return made;
    try {
      return put(made, path, valueIn(kind, text, at(before, path)));
    } catch {
      errors[name] = 'This is not valid JSON. Check for a missing quote, comma or bracket.';
      return made;
    }
  }, before ?? {});
  return { entry, errors };
};

/** What the fields of a form show of an entry. Secrets are not among it. */
export const valuesOf = (fields: readonly FormField[], entry: Entry | null): Texts =>
  Object.fromEntries(
    fields
      .filter(({ kind }) => kind !== 'secret')
      .map(({ name, path, kind }) => [name, write(kind, at(entry, path))]),
  );

/** The masked secrets that are set, by field. */
export const secretsOf = (
  fields: readonly FormField[],
  entry: Entry | null,
): Readonly<Record<string, MaskedSecret>> =>
  Object.fromEntries(
    fields.flatMap(({ name, path, kind }) => {
      const value = at(entry, path);
      return kind === 'secret' && isMasked(value) ? [[name, value]] : [];
    }),
  );

/** The field of a form that says what the form was made of. */
export const MADE_OF = 'made-of';

const SHORT = 12;
const traceOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, SHORT);

/** What a form was made of, as short digests: enough to find out afterwards which of its fields were changed. */
export const madeOf = (texts: Texts): string =>
  Object.entries(texts)
    .map(([name, text]) => `${name}:${traceOf(text)}`)
    .join(' ');

/** What the other change made of a field. */
export interface Theirs {
  /** `taken`: only they changed it, and what they made of it stands in the form. `both`: what was typed stands there. */
  readonly kind: 'taken' | 'both';
  /** What else the field could say: theirs where both changed it, what it was before where only they did. */
  readonly other: string;
}

/** Two changes of one record, put together field by field. */
export interface Merged {
  /** What the form shows now: what was typed, and what the other change made of the rest. */
  readonly values: Texts;
  readonly theirs: Readonly<Record<string, Theirs>>;
}

const tracesIn = (form: Form): ReadonlyMap<string, string> =>
  new Map(
    (form.get(MADE_OF) ?? '').split(' ').flatMap((each) => {
      const [name = '', trace] = each.split(':');
      return trace === undefined ? [] : [[name, trace] as const];
    }),
  );

/**
 * Puts what was typed into a form together with what the record has become since the form was made. `mine` has no text for a field that was
 * left alone and shows nothing of what it holds, such as a secret. Where it is not known what the form was made of, what was typed stays.
 */
export const merge = (form: Form, mine: Texts, now: Texts): Merged => {
  const traces = tracesIn(form);
  const theirs: Record<string, Theirs> = {};
  const values = Object.fromEntries(
    Object.entries(now).map(([name, current]) => {
      const made = traces.get(name);
      const typed = mine[name] ?? (made === traceOf(current) ? current : null);
      if (typed === null) {
        theirs[name] = { kind: 'taken', other: '' };
        return [name, current];
      }
      if (typed === current || made === traceOf(current)) return [name, typed];
      if (made === traceOf(typed)) {
        theirs[name] = { kind: 'taken', other: typed };
        return [name, current];
      }
      theirs[name] = { kind: 'both', other: current };
      return [name, typed];
    }),
  );
  return { values, theirs };
};

/** The texts of a form where a person's own words come before those of the record. */
export const typedOver = (texts: Texts, form: Form): Texts =>
  Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, typedIn(form, name) ?? text]));
