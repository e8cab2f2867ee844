import type { Connection } from '../../domain/connection.js';
import type { Database } from '../engine/database.js';
import { first, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import type { TokenSealer } from '../sealing/token-set.js';
import type { ConnectionStore } from '../stores.js';
import { connectionOf, placeOf } from './connection-row.js';

/**
 * Makes a flow's Connection, in one statement that asks all that must hold: the flow is accepted and in time, it made none
 * before, and no newer flow of this viewer and provider was activated, whether or not its Connection still exists. Another
 * account's tokens, which it replaces, are set aside in the same transaction.
 */
export const activation = (database: Database, seals: TokenSealer): ConnectionStore['activate'] => {
  /** Whoever asks second, or again after a crash, gets what the flow's first activation made. */
  const madeBy = async (flow: string): Promise<Connection | null> => {
    const rows = await database.read(
      sql`select * from connection where flow = ${flow} and status = 'active'`,
    );
    return first(rows, connectionOf);
  };

  return async ({ id, flow, tokens, account, scopes, now, replacedAs, replacedUntil }) => {
    // The seal names the version before the row is known. A flow's start serves as its first: of two flows the newer has
    // the greater, and no Connection is refreshed once a millisecond.
    const version = flow.startedAt;
    const { viewer, provider } = flow;
    const sealed = seals.seal(tokens, placeOf({ flow: flow.id, viewer, provider, version }));
    // What the seal names of a Connection is copied with it: flow, viewer, provider and version.
    const aside = sql`
      insert into connection (
        id, viewer, host, provider, client_id, account_id, account_label, scopes, status, generation, version,
        flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at, lease_until)
      select ${replacedAs}, viewer, host, provider, client_id, account_id, account_label, scopes, 'revoking', generation,
        version, flow, flow_started_at, granted_at, created_at, ${now}, tokens, expires_at, ${replacedUntil}
      from connection
      where viewer = ${viewer.id} and provider = ${provider} and status = 'active' and tokens is not null
        and account_id <> ${account && toJson(account.id)}`;
    const activated = sql`
      insert into connection (
        id, viewer, provider, client_id, account_id, account_label, scopes, status, reason,
        generation, version, flow, flow_started_at, granted_at, created_at, last_used_at,
        tokens, expires_at, lease_owner, lease_until, refresh_intent_at, host)
      select ${id}, viewer, provider, client_id, ${account && toJson(account.id)},
        ${account && toJson(account.label)}, ${toJson(scopes)}, 'active', null,
        1, ${version}, id, started_at, ${tokens.issuedAt}, ${now}, ${now},
        ${sealed}, ${tokens.expiresAt}, null, null, null, ${toJson(viewer.host)}
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
        refreshed_at = null, refresh_setback = null
      where connection.flow_started_at < excluded.flow_started_at and connection.version < excluded.version
      returning *`;
    const made = await database.exclusive(async (run) => {
      await run(aside);
      const connection = first(await run(activated), connectionOf);
      if (connection === null) await run(sql`delete from connection where id = ${replacedAs}`);
      return connection;
    });
    return made ?? madeBy(flow.id);
  };
};
