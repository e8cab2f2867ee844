import type { Keyed } from '../engine/key-order.js';

/**
 * What a backup holds, each table in the order of its keys. Not in it, because a backup must not sign anyone in: frame sessions,
 * sessions of people, tickets and invitations; nor what only says how running servers are doing.
 */
export const ARCHIVED: readonly Keyed[] = [
  { table: 'flow', key: ['id'] },
  { table: 'connection', key: ['id'] },
  { table: 'connection_use', key: ['connection', 'gadget'] },
  { table: 'viewer_choice', key: ['viewer', 'gadget', 'parameter'] },
  { table: 'client_stop', key: ['client_key'] },
  { table: 'setup_record', key: ['kind', 'id'] },
  { table: 'setup_revision', key: ['id'] },
  { table: 'departure', key: ['id'] },
  { table: 'audit_entry', key: ['seq'] },
  { table: 'audit_person', key: ['viewer'] },
  { table: 'admin', key: ['id'] },
  { table: 'api_key', key: ['id'] },
  { table: 'measured', key: ['at', 'metric', 'subject', 'outcome', 'process'] },
];

/** What a backup leaves out and a copy of the whole database does not: people stay signed in, and a token that was used stays used. */
export const COPIED_BESIDES: readonly Keyed[] = [
  { table: 'frame_lease', key: ['token'] },
  { table: 'web_session', key: ['key_hash'] },
  { table: 'ticket', key: ['ticket_hash'] },
  { table: 'spent_token', key: ['token'] },
  { table: 'invitation', key: ['token_hash'] },
  { table: 'sign_in_tries', key: ['key_hash'] },
  { table: 'client_doubt', key: ['client_key', 'connection'] },
  { table: 'provider_retry', key: ['provider'] },
];

/** The other tables there are; a test holds both lists against the schema. */
export const NOT_ARCHIVED = [
  'migration',
  'frame_lease',
  'web_session',
  'ticket',
  'spent_token',
  'invitation',
  'sign_in_tries',
  'instance',
  'reload_request',
  'client_doubt',
  'provider_retry',
  'change',
  'kept_count',
  'job',
] as const;
