import type { AuditChange } from '../../domain/audit-event.js';
import type { Entry } from '../../domain/setup-record.js';
import { isMasked, maskText } from './masking.js';

const textOf = (value: unknown): string => {
  if (isMasked(value)) return maskText(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
};

/** Every value by its path; a list is one value. */
const leavesOf = (value: unknown, path: string): readonly (readonly [string, string])[] => {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || isMasked(value))
    return [[path, textOf(value)]];
  return Object.entries(value).flatMap(([key, each]) => leavesOf(each, path === '' ? key : `${path}.${key}`));
};

/** What differs between two masked entries, value by value; null stands for one that was not there. */
export const changesBetween = (before: Entry | null, after: Entry | null): readonly AuditChange[] => {
  const old = new Map(before === null ? [] : leavesOf(before, ''));
  const now = new Map(after === null ? [] : leavesOf(after, ''));
  return [...new Set([...old.keys(), ...now.keys()])]
    .map((path) => ({ path, before: old.get(path) ?? null, after: now.get(path) ?? null }))
    .filter((change) => change.before !== change.after);
};
