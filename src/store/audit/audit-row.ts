import { createHash } from 'node:crypto';
import type { AuditAction, AuditChange, AuditEntry } from '../../domain/audit-event.js';
import type { Row } from '../engine/database.js';
import { integer, maybe, text, toJson } from '../engine/rows.js';
import { type Query, sql, type Value } from '../engine/sql.js';

/** What an entry's hash covers besides the hash before it, in this order. */
const COVERED = [
  'seq',
  'at',
  'action',
  'outcome',
  'actor_kind',
  'actor_id',
  'actor_name',
  'person',
  'provider',
  'host',
  'subject',
  'code',
  'changes',
  'request_id',
  'times',
] as const;

export type AuditRow = Readonly<Record<(typeof COVERED)[number], Value>>;

/**
 * The chain: base64url SHA-256 of the JSON array of the previous entry's hash (of the first: an empty text) and the columns as they
 * stand, `changes` being the text of its JSON.
 */
export const chained = (previous: string, row: Row): string =>
  createHash('sha256')
    .update(JSON.stringify([previous, ...COVERED.map((column) => row[column] ?? null)]))
    .digest('base64url');

/** The same of an entry as it is exported: what stands in its columns. */
export const chainedEntry = (previous: string, entry: AuditEntry): string =>
  chained(previous, {
    ...{ seq: entry.seq, at: entry.at, action: entry.action, outcome: entry.outcome },
    ...{ actor_kind: entry.actor.kind, actor_id: entry.actor.id, actor_name: entry.actor.name },
    ...{ person: entry.person, provider: entry.provider, host: entry.host, subject: entry.subject },
    ...{ code: entry.code, changes: toJson(entry.changes), request_id: entry.requestId, times: entry.times },
  });

export const insertOf = (row: AuditRow, hash: string): Query => sql`
  insert into audit_entry (
    seq, at, action, outcome, actor_kind, actor_id, actor_name, person, provider, host, subject, code,
    changes, request_id, times, hash)
  values (${row.seq}, ${row.at}, ${row.action}, ${row.outcome}, ${row.actor_kind}, ${row.actor_id},
    ${row.actor_name}, ${row.person}, ${row.provider}, ${row.host}, ${row.subject}, ${row.code},
    ${row.changes}, ${row.request_id}, ${row.times}, ${hash})`;

/** A row that was tampered with must not keep the others from being read: verifying says what is wrong with it. */
const changesIn = (content: string): readonly AuditChange[] => {
  try {
    return JSON.parse(content) as readonly AuditChange[];
  } catch {
    return [{ path: 'unreadable', before: null, after: content }];
  }
};

const maybeText = maybe(text);

/** Words are taken as they are: a newer version may know more of them. */
export const entryOf = (row: Row): AuditEntry => ({
  seq: integer(row, 'seq'),
  at: integer(row, 'at'),
  action: text(row, 'action') as AuditAction,
  outcome: text(row, 'outcome') as AuditEntry['outcome'],
  actor: {
    kind: text(row, 'actor_kind') as AuditEntry['actor']['kind'],
    id: maybeText(row, 'actor_id'),
    name: maybeText(row, 'actor_name'),
  },
  person: maybeText(row, 'person'),
  provider: maybeText(row, 'provider'),
  host: maybeText(row, 'host'),
  subject: maybeText(row, 'subject'),
  code: maybeText(row, 'code'),
  changes: changesIn(text(row, 'changes')),
  requestId: maybeText(row, 'request_id'),
  times: integer(row, 'times'),
  hash: text(row, 'hash'),
});
