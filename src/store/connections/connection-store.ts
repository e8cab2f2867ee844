import type { EndOutcome } from '../../domain/bulk-disconnect.js';
import type {
  Connection,
  ConnectionFacts,
  ConnectionId,
  ReconnectReason,
  RefreshSetback,
  TokenSet,
} from '../../domain/connection.js';
import type { Viewer } from '../../domain/viewer.js';
import type { Database } from '../engine/database.js';
import { first, text, toJson } from '../engine/rows.js';
import { sql } from '../engine/sql.js';
import type { TokenSealer } from '../sealing/token-set.js';
import { activation, type NewConnection, setAside } from './activation-queries.js';
import { counted } from './bulk-disconnect-row.js';
import { connectionOf, placeOf } from './connection-row.js';
import {
  dueRevocations,
  leaveRevocation,
  postponeRevocation,
  type RevocationLease,
  takeRevocation,
} from './revocation-queries.js';
import { insertUnwantedTokens, type UnwantedTokens } from './unwanted-tokens.js';

/** What a provider granted to a company. */
type NewCompanyAccess = Pick<NewConnection, 'id' | 'tokens' | 'scopes' | 'now'> &
  Pick<Connection, 'viewer' | 'provider' | 'clientId'>;

const setbackOf = (setback: RefreshSetback | undefined): string | null =>
  setback === undefined ? null : toJson(setback);

/** Connections in a database, their tokens sealed. */
export class ConnectionStore {
  readonly #database: Database;
  readonly #seals: TokenSealer;

  constructor(database: Database, seals: TokenSealer) {
    this.#database = database;
    this.#seals = seals;
  }

  /** The viewer's Connection, never one that is being revoked: beside such a one a new Connection can be made. */
  find(viewer: Viewer, provider: string): Promise<Connection | null> {
    return this.latest(viewer, provider);
  }

  /** What `find` would give, where memory knows it without waiting; undefined where it has to be read. */
  recall(_viewer: Viewer, _provider: string): Connection | undefined {
    return undefined;
  }

  /** As `find`, but by what is stored now, not by what is remembered: for what is decided once, such as a Disconnect. */
  async latest(viewer: Viewer, provider: string): Promise<Connection | null> {
    const rows = await this.#database.read(sql`
      select * from connection
      where viewer = ${viewer.id} and provider = ${provider} and status <> 'revoking'`);
    return first(rows, connectionOf);
  }

  async byId(id: ConnectionId): Promise<Connection | null> {
    return first(await this.#database.read(sql`select * from connection where id = ${id}`), connectionOf);
  }

  /** Those being revoked too. */
  async ofViewer(viewer: Viewer): Promise<readonly Connection[]> {
    const rows = await this.#database.read(sql`
      select * from connection where viewer = ${viewer.id} order by provider, created_at, id`);
    return rows.map(connectionOf);
  }

  /** The tokens of exactly this version, or null when the row moved on or no key of the ring opens it. */
  async tokens(connection: Connection): Promise<TokenSet | null> {
    const rows = await this.#database.read(sql`
      select tokens from connection
      where id = ${connection.id} and generation = ${connection.generation} and version = ${connection.version}
        and tokens is not null`);
    return first(rows, (row) => this.#seals.open(text(row, 'tokens'), placeOf(connection)));
  }

  /** Whether a Connection of the same provider and client was made after this one (where accounts are not known). */
  async hasNewerOfClient(connection: Connection): Promise<boolean> {
    const rows = await this.#database.read(sql`
      select id from connection
      where provider = ${connection.provider} and client_id = ${connection.clientId}
        and id <> ${connection.id}
        and granted_at > (select granted_at from connection where id = ${connection.id})
      limit 1`);
    return rows.length > 0;
  }

  /** Whether tokens of another Connection of the same provider and client were refreshed since then. */
  async othersRefreshed(connection: Connection, since: number): Promise<boolean> {
    const rows = await this.#database.read(sql`
      select id from connection
      where provider = ${connection.provider} and client_id = ${connection.clientId}
        and refreshed_at > ${since} and id <> ${connection.id}
      limit 1`);
    return rows.length > 0;
  }

  /** Other viewers' active Connections of the same provider, client and account, the latest twenty. */
  async othersOfAccount(connection: Connection): Promise<readonly Connection[]> {
    const { provider, clientId, account, viewer } = connection;
    if (account === null) return [];
    const rows = await this.#database.read(sql`
      select * from connection
      where provider = ${provider} and client_id = ${clientId} and account_id = ${toJson(account.id)}
        and status = 'active' and viewer <> ${viewer.id}
      order by last_used_at desc limit 20`);
    return rows.map(connectionOf);
  }

  async unusedSince(before: number, limit: number): Promise<readonly Connection[]> {
    const rows = await this.#database.read(sql`
      select * from connection where status in ('active', 'reconnect') and last_used_at < ${before}
      order by last_used_at limit ${limit}`);
    return rows.map(connectionOf);
  }

  /** Those being revoked whose provider is to be asked now, the longest due first; someone else may be asking, see `leaseOwner`. */
  async due(now: number, limit: number): Promise<readonly Connection[]> {
    return (await this.#database.read(dueRevocations(now, limit))).map(connectionOf);
  }

  /**
   * Makes or replaces the viewer's Connection, in one statement that asks all that must hold: the flow is accepted and in time, it made
   * none before, and no newer flow of this viewer and provider was activated, whether or not its Connection still exists. A replacement
   * keeps the id, bumps generation and version, and leaves another account's tokens as a Connection on its way out, both or neither.
   * Asked again, gives the Connection this flow made. Null when the flow is not accepted or was overtaken.
   */
  async activate(wanted: NewConnection): Promise<Connection | null> {
    const { flow, tokens, replacedAs } = wanted;
    // The seal names the version before the row is known. A flow's start serves as its first: of two flows the newer has
    // the greater, and no Connection is refreshed once a millisecond.
    const version = flow.startedAt;
    const { viewer, provider } = flow;
    const sealed = this.#seals.seal(tokens, placeOf({ flow: flow.id, viewer, provider, version }));
    const made = await this.#database.exclusive('connections', async (run) => {
      await run(setAside(wanted));
      const connection = first(await run(activation(wanted, sealed, version)), connectionOf);
      if (connection === null) await run(sql`delete from connection where id = ${replacedAs}`);
      return connection;
    });
    return made ?? this.#madeBy(flow.id);
  }

  /**
   * Puts other facts in place of a Connection's, generation + 1, so that nothing is shown that was fetched with the older ones. Null when it
   * has changed since, or ended.
   */
  async chooseFacts({ id, generation }: Connection, facts: ConnectionFacts): Promise<Connection | null> {
    const rows = await this.#database.write(sql`
      update connection set facts = ${toJson(facts)}, generation = generation + 1
      where id = ${id} and generation = ${generation} and status <> 'revoking'
      returning *`);
    return first(rows, connectionOf);
  }

  /**
   * Makes a company's Connection, or has its ended one start again. Gives the one there is where another process was faster.
   */
  async grant(granted: NewCompanyAccess): Promise<Connection> {
    const { id, viewer, provider, clientId, tokens, scopes, now } = granted;
    const sealed = this.#seals.seal(tokens, placeOf({ flow: id, viewer, provider, version: now }));
    const rows = await this.#database.write(sql`
      insert into connection (
        id, viewer, host, provider, client_id, scopes, status, generation, version,
        flow, flow_started_at, granted_at, created_at, last_used_at, tokens, expires_at)
      values (
        ${id}, ${viewer.id}, ${toJson(viewer.host)}, ${provider}, ${clientId}, ${toJson(scopes)}, 'active', 1, ${now},
        ${id}, ${now}, ${tokens.issuedAt}, ${now}, ${now}, ${sealed}, ${tokens.expiresAt})
      on conflict (viewer, provider) where status <> 'revoking' do update
      set client_id = excluded.client_id, scopes = excluded.scopes, status = 'active', reason = null,
        generation = connection.generation + 1, version = excluded.version, flow = excluded.flow,
        flow_started_at = excluded.flow_started_at, granted_at = excluded.granted_at,
        created_at = excluded.created_at, last_used_at = excluded.last_used_at, tokens = excluded.tokens,
        expires_at = excluded.expires_at, lease_owner = null, lease_until = null, refresh_intent_at = null,
        refreshed_at = null, refresh_setback = null
      where connection.status = 'reconnect' and connection.version < excluded.version
      returning *`);
    const made = first(rows, connectionOf) ?? (await this.latest(viewer, provider));
    if (made === null) throw new Error('A company’s access was granted and is gone again.');
    return made;
  }

  /** The Connections that companies hold. */
  async ofCompanies(): Promise<readonly Connection[]> {
    // Of the names of viewers, only that of no one ends so.
    const rows = await this.#database.read(sql`
      select * from connection where viewer like ${'%,""]'} and status <> 'revoking'`);
    return rows.map(connectionOf);
  }

  async touch(id: ConnectionId, now: number): Promise<void> {
    await this.#database.write(sql`
      update connection set last_used_at = ${now} where id = ${id} and last_used_at < ${now}`);
  }

  /**
   * Takes the refresh lease of this id and version, and notes the intent unless an older one is still open. False when another holds it,
   * unless that is the owner whose lease is `over`, or the row moved on; also where only its intent did: whose refresh came to nothing in
   * between may have used the tokens up. No clock decides. `until` is for servers of earlier versions.
   */
  async claim(
    connection: Connection,
    owner: string,
    now: number,
    until: number,
    over: string | null = null,
  ): Promise<boolean> {
    const rows = await this.#database.write(sql`
      update connection
      set lease_owner = ${owner}, lease_until = ${until}, refresh_intent_at = coalesce(refresh_intent_at, ${now})
      where id = ${connection.id} and version = ${connection.version} and status = 'active'
        and refresh_intent_at is not distinct from ${connection.refreshIntentAt}
        and (lease_owner is null or lease_owner = ${over})
      returning id`);
    return rows.length > 0;
  }

  /**
   * Replaces the tokens, version + 1, and ends the lease, no matter which process holds it: the server has replaced what the row has. One that
   * another process ended because of that is active again, one that is revoking stays so, and is `revoker`'s. Null when the version was lost.
   */
  async replace(
    connection: Connection,
    tokens: TokenSet,
    now: number,
    revoker: string | null = null,
  ): Promise<Connection | null> {
    const version = connection.version + 1;
    const scopes = tokens.scopes === null ? null : toJson(tokens.scopes);
    const rows = await this.#database.write(sql`
      update connection
      set tokens = ${this.#seals.seal(tokens, placeOf({ ...connection, version }))}, version = ${version},
        expires_at = ${tokens.expiresAt}, scopes = coalesce(${scopes}, scopes), refreshed_at = ${now},
        last_used_at = case status when 'revoking' then last_used_at else ${now} end,
        status = case status when 'revoking' then status else 'active' end, reason = null, refresh_setback = null,
        lease_owner = case status when 'revoking' then ${revoker} end,
        lease_until = case status when 'revoking' then lease_until end, refresh_intent_at = null
      where id = ${connection.id} and version = ${connection.version}
        and (status in ('active', 'revoking') or (status = 'reconnect' and reason in ('interrupted', 'expired')))
      returning *`);
    return first(rows, connectionOf);
  }

  /**
   * Ends the lease and forgets the intent: the refresh certainly did not happen, or its outcome does not matter. A `setback` takes the
   * place of the one before.
   */
  async release(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> {
    await this.#database.write(sql`
      update connection
      set lease_owner = null, lease_until = null, refresh_intent_at = null,
        refresh_setback = coalesce(${setbackOf(setback)}, refresh_setback)
      where id = ${connection.id} and version = ${connection.version} and lease_owner = ${owner}`);
  }

  /** As `release`, but remembers that a refresh was started whose outcome is unknown. */
  async interrupt(connection: Connection, owner: string, setback?: RefreshSetback): Promise<void> {
    await this.#database.write(sql`
      update connection
      set lease_owner = null, lease_until = null,
        refresh_setback = coalesce(${setbackOf(setback)}, refresh_setback)
      where id = ${connection.id} and version = ${connection.version} and lease_owner = ${owner}`);
  }

  /** active → reconnect, for this version only; drops the tokens. False when the row moved on. */
  async expire(connection: Connection, reason: ReconnectReason): Promise<boolean> {
    const rows = await this.#database.write(sql`
      update connection
      set status = 'reconnect', reason = ${reason}, tokens = null, expires_at = null,
        lease_owner = null, lease_until = null, refresh_intent_at = null, refresh_setback = null
      where id = ${connection.id} and version = ${connection.version} and status = 'active'
      returning id`);
    return rows.length > 0;
  }

  /** active Connections of the same provider, client and account → reconnect `connected-elsewhere`. Returns their ids. */
  async displace(newer: Connection): Promise<readonly ConnectionId[]> {
    if (newer.account === null) return [];
    // The order of the grants decides which of them the provider ended, not the order in which viewers accepted them.
    const statement = sql`
      update connection
      set status = 'reconnect', reason = 'connected-elsewhere', tokens = null, expires_at = null,
        lease_owner = null, lease_until = null, refresh_intent_at = null
      where provider = ${newer.provider} and client_id = ${newer.clientId}
        and account_id = ${toJson(newer.account.id)} and status = 'active' and id <> ${newer.id}
        and granted_at <= (select granted_at from connection where id = ${newer.id})
      returning id`;
    const rows = await this.#database.alone('connections', statement);
    return rows.map((row) => text(row, 'id') as ConnectionId);
  }

  /**
   * Any status → revoking since `now` (its `lastUsedAt`), generation + 1, for this generation only; the tokens stay until `remove`. The lease
   * is the caller's, unless someone who refreshes it in this moment has it. Without one, the first to find it due asks the provider.
   */
  async retire(connection: Connection, now: number, lease?: RevocationLease): Promise<Connection | null> {
    const { holder = null, until = null, over = null } = lease ?? {};
    // A refresh whose outcome is not known stays noted: what is revoked then may not be all that was granted.
    const rows = await this.#database.write(sql`
      update connection
      set status = 'revoking', reason = null, generation = generation + 1, last_used_at = ${now},
        lease_owner = case when lease_owner = ${over} then ${holder} else coalesce(lease_owner, ${holder}) end,
        lease_until = ${until}
      where id = ${connection.id} and generation = ${connection.generation}
      returning *`);
    return first(rows, connectionOf);
  }

  /** Takes one that is due, as it is now; null when someone else has it, or had it since. Asked with what `due` gave. */
  async takeDue(due: Connection, lease: RevocationLease): Promise<Connection | null> {
    return first(await this.#database.write(takeRevocation(due, lease)), connectionOf);
  }

  /** Someone else has what `due` gave: until then it is not due. */
  async postponeDue(due: Connection, until: number): Promise<void> {
    await this.#database.write(postponeRevocation(due, until));
  }

  /** Ends the lease of who took or retired it; the provider is to be asked again at `until`. */
  async leaveDue(id: ConnectionId, holder: string, until: number): Promise<void> {
    await this.#database.write(leaveRevocation(id, holder, until));
  }

  /** Keeps unwanted tokens as a Connection that is `revoking` from the start, only so that they are revoked. */
  async keep(unwanted: UnwantedTokens): Promise<Connection> {
    const kept = first(await this.#database.write(insertUnwantedTokens(this.#seals, unwanted)), connectionOf);
    if (kept === null) throw new Error('Tokens to be taken back were not kept.');
    return kept;
  }

  /** Notes on one that is revoking, before it is refreshed to be revoked, that the outcome of that refresh is not known yet. */
  async intendRefresh(retired: Connection, now: number): Promise<void> {
    await this.#database.write(sql`
      update connection set refresh_intent_at = coalesce(refresh_intent_at, ${now})
      where id = ${retired.id} and version = ${retired.version} and status = 'revoking'`);
  }

  /** Replaces the tokens of one that is revoking, version + 1, and forgets the intent; null when the row moved on or is gone. */
  async replaceRetired(retired: Connection, tokens: TokenSet): Promise<Connection | null> {
    const version = retired.version + 1;
    const rows = await this.#database.write(sql`
      update connection
      set tokens = ${this.#seals.seal(tokens, placeOf({ ...retired, version }))}, version = ${version},
        expires_at = ${tokens.expiresAt}, refresh_intent_at = null
      where id = ${retired.id} and version = ${retired.version} and status = 'revoking'
      returning *`);
    return first(rows, connectionOf);
  }

  /** Deletes it, and counts it in the unfinished bulk disconnects that waited for it, both or neither. */
  async remove(id: ConnectionId, outcome: EndOutcome): Promise<void> {
    await this.#database.exclusive('connections', async (run) => {
      const [gone] = await run(sql`delete from connection where id = ${id} returning *`);
      if (gone !== undefined) await run(counted(connectionOf(gone), outcome));
    });
  }

  /** Anyone who asks second, or again after a crash, gets what the flow's first activation made. */
  async #madeBy(flow: string): Promise<Connection | null> {
    const rows = await this.#database.read(
      sql`select * from connection where flow = ${flow} and status = 'active'`,
    );
    return first(rows, connectionOf);
  }
}
