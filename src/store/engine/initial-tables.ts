import { type Query, sql } from './sql.js';

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
export const viewerTables: readonly Query[] = [
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

const setup: readonly Query[] = [
  sql`
    create table setup_record (
      kind text not null,
      id text not null,
      version bigint not null,
      entry text not null,
      secrets_set_at text not null,
      created_at bigint not null,
      updated_at bigint not null,
      updated_by text not null,
      leaving_at bigint,
      primary key (kind, id)
    )`,
  // One row: how often records were changed.
  sql`create table setup_revision (id bigint primary key, revision bigint not null)`,
  sql`insert into setup_revision (id, revision) values (1, 0)`,
  sql`
    create table departure (
      id text primary key,
      kind text not null,
      provider text,
      host text,
      viewer text,
      started_at bigint not null,
      started_by text not null,
      total bigint not null,
      revoked bigint not null,
      unrevoked bigint not null,
      closed_at bigint,
      finished_at bigint
    )`,
];

const audit: readonly Query[] = [
  sql`
    create table audit_entry (
      seq bigint primary key,
      at bigint not null,
      action text not null,
      outcome text not null,
      actor_kind text not null,
      actor_id text,
      actor_name text,
      person text,
      provider text,
      host text,
      subject text,
      code text,
      changes text not null,
      request_id text,
      times bigint not null,
      hash text not null
    )`,
  sql`create index audit_entry_action on audit_entry (action, seq)`,
  sql`create index audit_entry_person on audit_entry (person, seq)`,
  sql`create index audit_entry_hash on audit_entry (hash)`,
  // The key of a viewer's pseudonym; without it no one can say whose the entries are.
  sql`create table audit_person (viewer text primary key, key text not null)`,
];

const admins: readonly Query[] = [
  sql`
    create table admin (
      id text primary key,
      name text not null,
      name_key text not null unique,
      password_hash text,
      issuer text,
      subject text,
      created_at bigint not null,
      last_sign_in_at bigint,
      version bigint not null
    )`,
  sql`create unique index admin_subject on admin (issuer, subject) where subject is not null`,
  sql`
    create table invitation (
      token_hash text primary key,
      admin text,
      is_first bigint not null,
      expires_at bigint not null
    )`,
  sql`
    create table sign_in_tries (
      key_hash text primary key,
      tries bigint not null,
      expires_at bigint not null
    )`,
  sql`
    create table api_key (
      id text primary key,
      name text not null,
      scopes text not null,
      secret_hash text not null unique,
      created_at bigint not null,
      created_by text not null,
      expires_at bigint not null,
      last_used_at bigint,
      revoked_at bigint
    )`,
];

/** What comes before the first character that no host id has. */
const hostOfViewer = sql`
  substr(viewer, 3, length(viewer) - 2 - length(ltrim(substr(viewer, 3), 'abcdefghijklmnopqrstuvwxyz0123456789-')))`;

// A ViewerId starts with its host, but no index can distinguish two hosts by a prefix that each engine sorts its own way.
const hosts: readonly Query[] = [
  sql`alter table connection add column host text not null default ''`,
  sql`update connection set host = '"' || ${hostOfViewer} || '"'`,
  sql`create index connection_host on connection (host, id)`,
  sql`create index connection_provider on connection (provider, id)`,
];

const people: readonly Query[] = [
  // Whose session it is, where it is a viewer's: it ends when they are forgotten.
  sql`alter table web_session add column viewer text`,
];

// The steps by which a link is bound to a person: the host's answer to a request, or a code typed into the gadget.
const links: readonly Query[] = [
  sql`alter table flow add column request_hash text`,
  sql`alter table flow add column vouched_for text`,
  sql`alter table flow add column code_hash text`,
  sql`alter table flow add column code_expires_at bigint`,
  sql`alter table flow add column code_tries bigint not null default 0`,
  sql`create unique index flow_request on flow (request_hash)`,
  // Host tokens with a purpose that were used; a launch burns its own.
  sql`create table spent_token (token text primary key, replayable_until bigint not null)`,
];

const operation: readonly Query[] = [
  // The table of uses has a better claim to the name.
  sql`drop index connection_use`,
  sql`create index connection_idle on connection (status, last_used_at)`,
  // Which gadgets used a Connection; gone with it.
  sql`
    create table connection_use (
      connection text not null references connection (id) on delete cascade,
      gadget text not null,
      last_used_at bigint not null,
      primary key (connection, gadget)
    )`,
  sql`
    create table measured (
      at bigint not null,
      metric text not null,
      subject text not null,
      outcome text not null,
      count bigint not null,
      sum bigint not null,
      buckets text not null,
      process text not null,
      primary key (at, metric, subject, outcome, process)
    )`,
  sql`
    create table instance (
      id text primary key,
      started_at bigint not null,
      seen_at bigint not null,
      keys text not null,
      reload bigint not null,
      problem text,
      restart text not null
    )`,
  sql`
    create table reload_request (
      number bigint primary key,
      requested_at bigint not null,
      requested_by text not null
    )`,
];

/** What administrators need: records, the audit log, administrators and keys, and how the servers are doing. */
export const adminTables: readonly Query[] = [
  ...setup,
  ...audit,
  ...admins,
  ...hosts,
  ...people,
  ...links,
  ...operation,
];
