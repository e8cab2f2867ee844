import {
  AUDIT_ACTIONS,
  type AuditAction,
  type AuditEntry,
  type AuditFilter,
} from '../../domain/audit-event.js';
import { AppError } from '../../domain/errors.js';
import type { AuditSearch } from './schema.js';

const DAY = 24 * 60 * 60_000;

/** When the day `YYYY-MM-DD` starts and when it ends, in UTC and epoch milliseconds; null when there is no such day. */
export const dayOf = (text: string): { readonly start: number; readonly end: number } | null => {
  const [, year = 0, month = 0, day = 0] = (/^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? []).map(Number);
  if (year < 1970) return null;
  // biome-ignore lint/style/noRestrictedGlobals: this reads a date, and asks no clock.
  const date = new Date(Date.UTC(year, month - 1, day));
  const start = date.getTime();
  return date.toISOString().startsWith(text) ? { start, end: start + DAY } : null;
};

/** What actions are about: the part before the dot. */
export const AUDIT_SUBJECTS: readonly string[] = [
  ...new Set(AUDIT_ACTIONS.map((action) => action.slice(0, action.indexOf('.')))),
];

export const AUDIT_OUTCOMES: readonly AuditEntry['outcome'][] = ['done', 'refused', 'failed'];

const LONGEST = 255;

const unsearchable = (field: string, fix: string): AppError =>
  new AppError('parameter_invalid', `The log can’t be searched by this ${field}: ${fix}`);

const actionsOf = (asked: string): readonly AuditAction[] => {
  const actions = AUDIT_ACTIONS.filter((action) => action === asked || action.startsWith(`${asked}.`));
  if (actions.length === 0) throw unsearchable('action', `use one of ${AUDIT_SUBJECTS.join(', ')}.`);
  return actions;
};

const outcomeOf = (asked: string): AuditEntry['outcome'] => {
  const outcome = AUDIT_OUTCOMES.find((each) => each === asked);
  if (outcome === undefined) throw unsearchable('outcome', `use one of ${AUDIT_OUTCOMES.join(', ')}.`);
  return outcome;
};

const dayIn = (field: 'from' | 'to', asked: string): { readonly start: number; readonly end: number } => {
  const day = dayOf(asked);
  if (day === null) throw unsearchable(`day (${field})`, 'write it like 2027-03-31.');
  return day;
};

/** What to ask the store. Throws `parameter_invalid`, with a sentence that names the field. */
export const toAuditFilter = (question: AuditSearch): AuditFilter => {
  const asked = <T>(field: keyof AuditSearch, read: (text: string) => T): T | undefined => {
    const text = question[field] ?? '';
    if (text === '') return undefined;
    // PostgreSQL would refuse the whole question.
    if (text.length > LONGEST || /\p{Cc}/u.test(text))
      throw unsearchable(field, 'it contains characters that no name has.');
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
    from: asked('from', (text) => dayIn('from', text).start),
    to: asked('to', (text) => dayIn('to', text).end),
  };
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
};
