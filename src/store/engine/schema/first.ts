import { type Query, sql } from '../sql.js';

const flow = sql`
  create table flow (
    id text primary key,
    viewer text not null,
    profile text not null,
    gadget text not null,
    provider text not null,
    intent text not null,
    mode text not null,
    status text not null,
    scopes text not null,
    client_id text not null,
    redirect_uri text,
    ticket_hash text not null unique,
    ticket_expires_at bigint not null,
    nonce_hash text,
    state_hash text unique,
    verifier text,
    tokens text,
    account_id text,
    account_label text,
    failure text,
    started_at bigint not null,
    expires_at bigint not null
  )`;

const connection = sql`
  create table connection (
    id text primary key,
    viewer text not null,
    provider text not null,
    client_id text not null,
    account_id text,
    account_label text,
    scopes text not null,
    status text not null,
    reason text,
    generation bigint not null,
    version bigint not null,
    flow text not null,
    flow_started_at bigint not null,
    granted_at bigint not null,
    created_at bigint not null,
    last_used_at bigint not null,
    tokens text,
    expires_at bigint,
    lease_owner text,
    lease_until bigint,
    refresh_intent_at bigint
  )`;

const frameLease = sql`
  create table frame_lease (
    token text primary key,
    replayable_until bigint not null,
    session text not null,
    bearer_hash text not null,
    viewer text not null,
    profile text not null,
    gadget text not null,
    parameters text not null,
    locks text not null,
    locale text not null,
    time_zone text not null,
    launched_at bigint not null,
    expires_at bigint not null
  )`;

/** What a viewer needs: Connections, flows, frame sessions. */
export const first: readonly Query[] = [
  flow,
  sql`create index flow_viewer on flow (viewer, provider)`,
  sql`create index flow_nonce on flow (nonce_hash)`,
  sql`create index flow_expiry on flow (expires_at)`,
  connection,
  // One live Connection per viewer and provider; those being revoked wait beside it until the provider has answered.
  sql`create unique index connection_live on connection (viewer, provider) where status <> 'revoking'`,
  sql`create index connection_flow on connection (flow)`,
  sql`create index connection_client on connection (provider, client_id)`,
  sql`create index connection_use on connection (status, last_used_at)`,
  frameLease,
  sql`create index frame_lease_bearer on frame_lease (bearer_hash, expires_at)`,
  sql`create index frame_lease_expiry on frame_lease (replayable_until)`,
  sql`
    create table ticket (
      ticket_hash text primary key,
      viewer text not null,
      name text not null,
      expires_at bigint not null
    )`,
  sql`
    create table web_session (
      key_hash text primary key,
      content text not null,
      expires_at bigint not null
    )`,
  sql`
    create table client_stop (
      client_key text primary key,
      provider text not null,
      stopped_at bigint not null
    )`,
];
