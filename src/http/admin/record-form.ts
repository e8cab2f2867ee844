import type { Fault } from '../../domain/fault.js';
import type { Entry, SetupKind } from '../../domain/setup.js';
import type { MaskedSecret } from '../../manage/records.js';

/** How a key of an entry is written in a form. `pems`: one certificate after another; `json`: for what is rarely needed. */
export type FieldKind = 'text' | 'list' | 'pairs' | 'flag' | 'secret' | 'pems' | 'json';

/** A field of a form, and the key of the entry that it writes. */
export interface FormField {
  readonly name: string;
  readonly path: readonly [string] | readonly [string, string];
  readonly kind: FieldKind;
}

type Form = ReadonlyMap<string, string>;
type Value = unknown;

/** A field that cannot be understood, before anything else is looked at. */
export interface FormError {
  readonly field: string;
  readonly message: string;
}

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

export const isMasked = (value: Value): value is MaskedSecret => groupOf(value)?.set === true;

const PEM = /-----BEGIN [A-Z ]+-----[\s\S]*?-----END [A-Z ]+-----/g;

const pairs = (text: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    text
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((line) => {
        const [name = '', ...value] = line.split('=');
        return [name.trim(), value.join('=').trim()];
      }),
  );

const unlessEmpty = <T extends object>(value: T): T | undefined =>
  Object.keys(value).length === 0 ? undefined : value;

/** What a field says. A secret that was left empty stays what it was. Throws SyntaxError for what is no JSON. */
const read = (kind: FieldKind, text: string, before: Value): Value => {
  switch (kind) {
    case 'text':
      return text === '' ? undefined : text;
    case 'list':
      return unlessEmpty(text.split(/[\s,]+/).filter((item) => item !== ''));
    case 'pairs':
      return unlessEmpty(pairs(text));
    case 'flag':
      return text === '' ? undefined : text === 'true';
    case 'secret':
      return text === '' ? (isMasked(before) ? before : undefined) : text;
    case 'pems':
      // What is no certificate at all is kept for the check, which says so.
      return text === '' ? undefined : (text.match(PEM) ?? [text]);
    case 'json':
      return text === '' ? undefined : JSON.parse(text);
  }
};

const write = (kind: FieldKind, value: Value): string => {
  if (value === undefined || value === null || kind === 'secret') return '';
  if (Array.isArray(value)) return value.join('\n');
  if (kind === 'json') return JSON.stringify(value, null, 2);
  if (kind === 'pairs')
    return Object.entries(groupOf(value) ?? {})
      .map(([name, each]) => `${name}=${each}`)
      .join('\n');
  return typeof value === 'object' ? '' : String(value);
};

/** The entry that a form describes. Keys that no field knows stay as they were in `before`. */
export const entryOf = (
  fields: readonly FormField[],
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: readonly FormError[] } => {
  const errors: FormError[] = [];
  const entry = fields.reduce<Entry>((made, { name, path, kind }) => {
    const text = form.get(name)?.trim().replaceAll('\r\n', '\n');
    // A field that the page did not show says nothing.
    if (text === undefined) return made;
    try {
      return put(made, path, read(kind, text, at(before, path)));
    } catch {
      errors.push({ field: name, message: 'This is not JSON.' });
      return made;
    }
  }, before ?? {});
  return { entry, errors };
};

/** What the fields of a form show of an entry. Secrets are not among it. */
export const valuesOf = (
  fields: readonly FormField[],
  entry: Entry | null,
): Readonly<Record<string, string>> =>
  Object.fromEntries(fields.map(({ name, path, kind }) => [name, write(kind, at(entry, path))]));

/** What is told of secrets that are set, by field. */
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

const sentence = ({ problem, expected }: Fault): string =>
  `${problem.charAt(0).toUpperCase()}${problem.slice(1)}. Expected: ${expected}.`;

/** Mistakes by the field that made them; those of no field with where they are. */
export const errorsOf = (
  faults: readonly Fault[],
  fields: readonly FormField[],
  { kind, id }: { readonly kind: SetupKind; readonly id: string },
): { readonly byField: Readonly<Record<string, string>>; readonly others: readonly FormError[] } => {
  const byField: Record<string, string> = {};
  const others: FormError[] = [];
  const prefix = `${kind}s.${id}.`;
  for (const fault of faults) {
    const path = fault.path.startsWith(prefix) ? fault.path.slice(prefix.length) : fault.path;
    const field = fields
      .filter(
        (each) =>
          `${path}.`.startsWith(`${each.path.join('.')}.`) || path.startsWith(`${each.path.join('.')}[`),
      )
      .toSorted((one, other) => other.path.length - one.path.length)[0];
    if (field === undefined) others.push({ field: path, message: sentence(fault) });
    else byField[field.name] ??= sentence(fault);
  }
  return { byField, others };
};
