import type { Account, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
import { toJson } from '../engine/rows.js';
import { type Query, sql } from '../engine/sql.js';
import type { RevocationLease } from './revocation-queries.js';

/** What is needed to save a new Connection at the end of a flow. */
export interface NewConnection {
  readonly id: ConnectionId;
  readonly flow: Flow;
  readonly tokens: TokenSet;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly now: number;
  /** Tokens of another known account that it replaces are kept under this id, to be revoked by who holds this lease. */
  readonly replacedAs: ConnectionId;
  readonly replacedLease: RevocationLease;
}

/**
 * Sets the tokens of another account that it replaces aside, as a Connection on its way out. What the seal names is copied with it: flow,
 * viewer, provider and version.
 */
export const setAside = ({ flow, account, now, replacedAs, replacedLease }: NewConnection): Query => sql`
  insert into connection (
    id, viewer, host, provider, client_id, account_id, account_label, scopes, status, generation, version,
    flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at, lease_owner, lease_until)
  select ${replacedAs}, viewer, host, provider, client_id, account_id, account_label, scopes, 'revoking', generation,
    version, flow, flow_started_at, granted_at, created_at, ${now}, tokens, expires_at,
    ${replacedLease.holder}, ${replacedLease.until}
  from connection
  where viewer = ${flow.viewer.id} and provider = ${flow.provider} and status = 'active' and tokens is not null
    and account_id <> ${account && toJson(account.id)}`;

/** Makes or replaces the Connection of an accepted flow, with tokens that are sealed for this version. */
export const activation = (
  { id, flow, tokens, account, scopes, now }: NewConnection,
  sealed: string,
  version: number,
): Query => sql`
  insert into connection (
    id, viewer, provider, client_id, account_id, account_label, scopes, status, reason,
    generation, version, flow, flow_started_at, granted_at, created_at, last_used_at,
    tokens, expires_at, lease_owner, lease_until, refresh_intent_at, host, facts)
  select ${id}, viewer, provider, client_id, ${account && toJson(account.id)},
    ${account && toJson(account.label)}, ${toJson(scopes)}, 'active', null,
    1, ${version}, id, started_at, ${tokens.issuedAt}, ${now}, ${now},
    ${sealed}, ${tokens.expiresAt}, null, null, null, ${toJson(flow.viewer.host)}, facts
  from flow
  where id = ${flow.id} and status = 'accepted' and expires_at > ${now}
    and not exists (select 1 from connection as made where made.flow = flow.id)
    and not exists (
      select 1 from flow as newer
      where newer.viewer = flow.viewer and newer.provider = flow.provider
        and newer.status = 'active' and newer.started_at > flow.started_at)
  on conflict (viewer, provider) where status <> 'revoking' do update
  set client_id = excluded.client_id, account_id = excluded.account_id,
    account_label = excluded.account_label, scopes = excluded.scopes, status = 'active', reason = null,
    generation = connection.generation + 1, version = excluded.version, flow = excluded.flow,
    flow_started_at = excluded.flow_started_at, granted_at = excluded.granted_at,
    created_at = excluded.created_at, last_used_at = excluded.last_used_at, tokens = excluded.tokens,
    expires_at = excluded.expires_at, lease_owner = null, lease_until = null, refresh_intent_at = null,
    refreshed_at = null, refresh_setback = null, facts = excluded.facts
  where connection.flow_started_at < excluded.flow_started_at and connection.version < excluded.version
  returning *`;
