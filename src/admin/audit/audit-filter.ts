import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEntry,
  type AuditFilter,
} from '../../domain/audit-event.js';
import { AppError } from '../../domain/errors.js';
import { dayOf } from './calendar-day.js';

/** By what the log can be searched; the names of a form's fields, a command's options and a query's parameters alike. */
export const AUDIT_FIELDS = [
  'action',
  'outcome',
  'provider',
  'host',
  'by',
  'person',
  'request',
  'from',
  'to',
] as const;

/**
 * What somebody looks for, in their own words. `action`: one, or all of a subject (`flow`). `by`: the id of an administrator or API
 * key. `person`: a viewer's pseudonym. `request`: the id that a person's page names. `from`, `to`: days in UTC, both included. An empty text asks for nothing.
 */
export type AuditQuestion = { readonly [field in (typeof AUDIT_FIELDS)[number]]?: string | undefined };

/** What actions are about: the part before the dot. */
export const AUDIT_SUBJECTS: readonly string[] = [
  ...new Set(AUDIT_ACTIONS.map((action) => action.slice(0, action.indexOf('.')))),
];

export const AUDIT_OUTCOMES: readonly AuditEntry['outcome'][] = ['done', 'refused', 'failed'];

const LONGEST = 255;

const invalid = (field: string, mend: string): AppError =>
  new AppError('parameter_invalid', `The log cannot be searched by this ${field}: ${mend}`);

const actionsOf = (asked: string): readonly AuditAction[] => {
  const actions = AUDIT_ACTIONS.filter((action) => action === asked || action.startsWith(`${asked}.`));
  if (actions.length === 0) throw invalid('action', `use one of ${AUDIT_SUBJECTS.join(', ')}.`);
  return actions;
};

const outcomeOf = (asked: string): AuditEntry['outcome'] => {
  const outcome = AUDIT_OUTCOMES.find((each) => each === asked);
  if (outcome === undefined) throw invalid('outcome', `use one of ${AUDIT_OUTCOMES.join(', ')}.`);
  return outcome;
};

const dayIn = (field: 'from' | 'to', asked: string): { readonly begin: number; readonly end: number } => {
  const day = dayOf(asked);
  if (day === null) throw invalid(`day (${field})`, 'write it as 2027-03-31.');
  return day;
};

/** Throws `parameter_invalid`, with a sentence that names the field. */
export const auditFilterOf = (question: AuditQuestion): AuditFilter => {
  const asked = <T>(field: keyof AuditQuestion, read: (text: string) => T): T | undefined => {
    const text = question[field] ?? '';
    if (text === '') return undefined;
    // PostgreSQL would refuse the whole question.
    if (text.length > LONGEST || /\p{Cc}/u.test(text)) throw invalid(field, 'it is no name of ours.');
    return read(text);
  };
  const itself = (text: string): string => text;
  const filter: { [condition in keyof AuditFilter]: AuditFilter[condition] | undefined } = {
    actions: asked('action', actionsOf),
    outcome: asked('outcome', outcomeOf),
    provider: asked('provider', itself),
    host: asked('host', itself),
    actorId: asked('by', itself),
    person: asked('person', itself),
    requestId: asked('request', itself),
    from: asked('from', (text) => dayIn('from', text).begin),
    to: asked('to', (text) => dayIn('to', text).end),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
};
