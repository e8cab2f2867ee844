import type {
  Connection,
  ConnectionFacts,
  ConnectionId,
  ConnectionStatus,
  ReconnectReason,
  RefreshSetback,
} from '../../domain/connection.js';
import type { Row } from '../engine/database.js';
import { account, integer, json, maybe, oneOf, text, viewer } from '../engine/rows.js';
import type { Place } from '../sealing/seal.js';

export const statuses: readonly ConnectionStatus[] = ['active', 'reconnect', 'revoking'];
const reasons: readonly ReconnectReason[] = [
  'expired',
  'revoked',
  'interrupted',
  'more-scopes',
  'connected-elsewhere',
  'expired-or-connected-elsewhere',
  'token-rejected',
  'token-expired',
];

const maybeInteger = maybe(integer);
const maybeText = maybe(text);
const maybeSetback = maybe(json<RefreshSetback>);
export const maybeReason = maybe((row: Row, column: string) => oneOf(row, column, reasons));

export const connectionOf = (row: Row): Connection => ({
  id: text(row, 'id') as ConnectionId,
  viewer: viewer(row, 'viewer'),
  provider: text(row, 'provider'),
  clientId: text(row, 'client_id'),
  account: account(row),
  scopes: json<readonly string[]>(row, 'scopes'),
  facts: json<ConnectionFacts>(row, 'facts'),
  status: oneOf(row, 'status', statuses),
  reason: maybeReason(row, 'reason'),
  generation: integer(row, 'generation'),
  version: integer(row, 'version'),
  flow: text(row, 'flow'),
  flowStartedAt: integer(row, 'flow_started_at'),
  createdAt: integer(row, 'created_at'),
  lastUsedAt: integer(row, 'last_used_at'),
  expiresAt: maybeInteger(row, 'expires_at'),
  leaseUntil: maybeInteger(row, 'lease_until'),
  leaseOwner: maybeText(row, 'lease_owner'),
  refreshIntentAt: maybeInteger(row, 'refresh_intent_at'),
  refreshedAt: maybeInteger(row, 'refreshed_at'),
  setback: maybeSetback(row, 'refresh_setback'),
});

/** Where a Connection's tokens belong. Viewer and provider name its row, of which only one is live. */
export const placeOf = (connection: Pick<Connection, 'flow' | 'viewer' | 'provider' | 'version'>): Place => ({
  kind: 'connection',
  flow: connection.flow,
  viewer: connection.viewer,
  provider: connection.provider,
  field: 'tokens',
  version: connection.version,
});
