import type { Fault } from '../../domain/fault.js';
import type { SetupKind } from '../../domain/setup-record.js';
import { type Form, type FormField, type Texts, typedIn } from './record-form.js';

/** A mistake that no field shows, with the place where it stands. */
export interface ElsewhereError {
  readonly place: string;
  readonly message: string;
}

/** What is wrong with a form: by field, and elsewhere. */
export interface FormErrors {
  readonly byField: Texts;
  readonly others: readonly ElsewhereError[];
}

/** The problems that the configuration's checks find, as a form says them. */
const WORDS: Readonly<Record<string, string>> = {
  'this is missing': 'This is needed',
  'this is empty': 'This is needed',
  'this list is empty': 'At least one is needed',
  'this is not a group of keys': 'This is not a JSON object: it starts with { and ends with }',
  'this is not text; put it in quotes': 'This is not a text: put it in quotes',
};
const LACKING = new Set(['this is missing', 'this is empty', 'this list is empty']);

const upper = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;

const quoted = (text: string): string => text.replaceAll(/`([^`]*)`/g, '“$1”');

/** Only what could be typed as it stands: no variable of a file, no group of keys. */
const exampleOf = ({ example, problem }: Fault): string =>
  example === null || /[{[$\n]/.test(example) || problem.includes(example) ? '' : `For example: ${example}`;

/** Which of several items is meant: as it was typed where that is short, else by its number. */
const itemOf = (rest: string, field: FormField, form: Form): string => {
  const [, index] = /^\[(\d+)\]$/.exec(rest) ?? [];
  if (index === undefined) {
    const key = rest.replace(/^\./, '').replace(/^\["(.*)"\]$/, '$1');
    return key === '' ? '' : `“${key}”: `;
  }
  const text = typedIn(form, field.name);
  // Of boxes to tick, each mistake names its own.
  if (text === null) return '';
  const items = field.kind === 'list' ? text.split(/[\s,]+/) : [];
  const item = items[Number(index)];
  return item === undefined || item === '' || item.length > 200
    ? `Number ${Number(index) + 1}: `
    : `“${item}”: `;
};

const sentenceAt = (fault: Fault, field: FormField, form: Form): string => {
  const rest = fault.path.slice(field.path.join('.').length);
  if (LACKING.has(fault.problem) && field.needed !== undefined) return field.needed;
  const item = itemOf(rest, field, form);
  const problem = WORDS[fault.problem] ?? quoted(fault.problem);
  const fix = fault.expected.startsWith('that it is typed again') ? ' Please type it again.' : '';
  return `${item}${item === '' ? upper(problem) : problem}.${fix}`;
};

/** A mistake where no field shows what is meant. */
export const faultSentence = ({ problem, expected }: Fault): string =>
  `${upper(quoted(problem))}. Expected: ${quoted(expected)}.`;

const isWithin = (path: string, whole: string): boolean =>
  path === whole || path.startsWith(`${whole}.`) || path.startsWith(`${whole}[`);

/** The field that shows a place: the nearest above it, or else the first below it. */
const fieldAt = (path: string, fields: readonly FormField[]): FormField | undefined => {
  const above = fields
    .filter((each) => isWithin(path, each.path.join('.')))
    .toSorted((one, other) => other.path.length - one.path.length)[0];
  return above ?? (path === '' ? undefined : fields.find((each) => isWithin(each.path.join('.'), path)));
};

/** Mistakes in a record in the words of its form, each at the field that made it; those of no field with where they are. */
export const errorsOf = (
  faults: readonly Fault[],
  fields: readonly FormField[],
  { kind, id, form }: { readonly kind: SetupKind; readonly id: string; readonly form: Form },
): FormErrors => {
  const found = new Map<FormField, Fault[]>();
  const others: ElsewhereError[] = [];
  const whole = `${kind}s.${id}`;
  for (const fault of faults) {
    const isHere = isWithin(fault.path, whole);
    const path = isHere ? fault.path.slice(whole.length + 1) : fault.path;
    const field = isHere ? fieldAt(path, fields) : undefined;
    if (field === undefined) others.push({ place: path, message: faultSentence(fault) });
    else found.set(field, [...(found.get(field) ?? []), { ...fault, path }]);
  }
  const messageOf = (field: FormField, its: readonly Fault[]): string =>
    [...its.map((fault) => sentenceAt(fault, field, form)), ...new Set(its.map(exampleOf))]
      .filter((part) => part !== '')
      .join(' ');
  const byField = Object.fromEntries(
    [...found].map(([field, its]) => [field.name, messageOf(field, its)] as const),
  );
  return { byField, others };
};
