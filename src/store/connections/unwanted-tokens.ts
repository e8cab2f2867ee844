import type { Account, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Viewer } from '../../domain/viewer.js';
import { toJson } from '../engine/rows.js';
import { type Query, sql } from '../engine/sql.js';
import type { TokenSealer } from '../sealing/token-set.js';
import { placeOf } from './connection-row.js';
import type { RevocationLease } from './revocation-queries.js';

/** Tokens that were given up before they became a Connection: of a consent that was declined, or that came too late. */
export interface UnwantedTokens {
  readonly id: ConnectionId;
  readonly viewer: Viewer;
  readonly provider: string;
  readonly clientId: string;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly tokens: TokenSet;
  /** Whether they replaced others at a refresh, and so may not be the only ones of their grant that still work. */
  readonly isRefreshed: boolean;
  /** When whatever brought them was started. */
  readonly createdAt: number;
  readonly now: number;
  /** Of the one who keeps them, and asks the provider to revoke them; null where anyone may. */
  readonly lease: RevocationLease | null;
}

/** Tokens as they were granted are of this version; those of a refresh are of the next. */
const GRANTED = 1;

/** Writes unwanted tokens down as a Connection on its way out. It belongs to no flow: the one that brought them may still make another. */
export const insertUnwantedTokens = (seals: TokenSealer, unwanted: UnwantedTokens): Query => {
  const { id, viewer, provider, account, tokens, now, lease } = unwanted;
  const version = unwanted.isRefreshed ? GRANTED + 1 : GRANTED;
  const place = placeOf({ flow: id, viewer, provider, version });
  return sql`
    insert into connection (
      id, viewer, host, provider, client_id, account_id, account_label, scopes, status, generation, version,
      flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at, lease_owner, lease_until)
    values (
      ${id}, ${viewer.id}, ${toJson(viewer.host)}, ${provider}, ${unwanted.clientId},
      ${account && toJson(account.id)}, ${account && toJson(account.label)}, ${toJson(unwanted.scopes)},
      'revoking', 1, ${version}, ${id}, ${now}, ${tokens.issuedAt}, ${unwanted.createdAt}, ${now},
      ${seals.seal(tokens, place)}, ${tokens.expiresAt},
      ${lease?.holder ?? null}, ${lease?.until ?? null})
    returning *`;
};
