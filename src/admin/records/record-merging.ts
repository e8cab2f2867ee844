import { createHash } from 'node:crypto';
import { type Form, type Texts, typedIn } from './record-form.js';

/** The field of a form that says what the form was made of. */
export const MADE_OF = 'made-of';

const SHORT = 12;
const traceOf = (text: string): string =>
  createHash('sha256').update(text).digest('base64url').slice(0, SHORT);

/** What a form was made of, as short digests: enough to tell afterwards which of its fields somebody changed. */
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
  /** What the form shows now: whatever somebody typed, and what the other change made of the rest. */
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
