/** A table that a backup holds, and the columns of its primary key, in the order its rows are read. */
export interface ArchivedTable {
  readonly name: string;
  readonly key: readonly [string, ...string[]];
}

/**
 * What a backup holds. Not in it, because nobody shall be signed in by a backup: frame sessions, sessions of people, tickets and
 * invitations; nor what only says how running servers are doing.
 */
export const ARCHIVED: readonly ArchivedTable[] = [
  { name: 'flow', key: ['id'] },
  { name: 'connection', key: ['id'] },
  { name: 'connection_use', key: ['connection', 'gadget'] },
  { name: 'client_stop', key: ['client_key'] },
  { name: 'setup_record', key: ['kind', 'id'] },
  { name: 'setup_revision', key: ['id'] },
  { name: 'departure', key: ['id'] },
  { name: 'audit_entry', key: ['seq'] },
  { name: 'audit_person', key: ['viewer'] },
  { name: 'admin', key: ['id'] },
  { name: 'api_key', key: ['id'] },
  { name: 'measured', key: ['at', 'metric', 'subject', 'outcome', 'process'] },
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
] as const;
