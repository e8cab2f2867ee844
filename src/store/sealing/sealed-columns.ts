import { connectionOf, placeOf as connectionPlace } from '../connections/connection-row.js';
import type { Row } from '../engine/database.js';
import type { Keyed } from '../engine/key-order.js';
import { integer, oneOf, text, viewer } from '../engine/rows.js';
import { type Query, sql } from '../engine/sql.js';
import { flowOf, placeOf as flowPlace } from '../flows/flow-row.js';
import type { Place } from './seal.js';

/** A column that holds sealed texts. */
export interface SealedColumn extends Keyed {
  readonly column: string;
  /** Where the sealed text of a row belongs. */
  readonly place: (row: Row) => Place;
  /** What becomes of a row whose sealed text no key opens, if it still has that text; null where it stays as it is. */
  readonly lost: ((row: Row) => Query) | null;
}

const connectionTokens: SealedColumn = {
  table: 'connection',
  key: ['id'],
  column: 'tokens',
  place: (row) => connectionPlace(connectionOf(row)),
  lost: (row) => sql`
    update connection
    set status = 'reconnect', reason = 'expired', tokens = null, expires_at = null,
      lease_owner = null, lease_until = null, refresh_intent_at = null
    where id = ${text(row, 'id')} and tokens = ${text(row, 'tokens')} and status = 'active'
    returning id`,
};

const flowColumn = (column: 'tokens' | 'verifier'): SealedColumn => ({
  table: 'flow',
  key: ['id'],
  column,
  place: (row) => flowPlace(flowOf(row), column),
  // Without what it holds it cannot go on; the viewer presses Connect again.
  lost: (row) => sql`
    update flow set status = 'failed', tokens = null, verifier = null,
      failure = '{"code":"expired","as":"lost"}'
    where id = ${text(row, 'id')} and status in ('redirected', 'returned', 'pending', 'coded', 'accepted')
    returning id`,
});

/** All sealed texts there are. A test holds them against what the stores seal. */
export const SEALED: readonly SealedColumn[] = [
  connectionTokens,
  flowColumn('tokens'),
  flowColumn('verifier'),
  {
    table: 'setup_record',
    key: ['kind', 'id'],
    column: 'entry',
    place: (row) => ({
      kind: 'setup',
      record: oneOf(row, 'kind', ['provider', 'host']),
      id: text(row, 'id'),
      version: integer(row, 'version'),
    }),
    lost: null,
  },
  {
    table: 'audit_person',
    key: ['viewer'],
    column: 'key',
    place: (row) => ({ kind: 'audit-person', viewer: viewer(row, 'viewer') }),
    // A pseudonym's key that cannot be opened no longer works; the viewer gets another with their next action.
    lost: (row) => sql`
      delete from audit_person where viewer = ${text(row, 'viewer')} and key = ${text(row, 'key')}
      returning viewer`,
  },
];
