import { type Query, sql } from '../sql.js';

/** What a failed refresh leaves on its own Connection, and what proves that a client's credentials are wrong. */
export const refreshSetbacks: readonly Query[] = [
  sql`alter table connection add column refresh_setback text`,
  sql`alter table connection add column refreshed_at bigint`,
  sql`create index connection_refreshed on connection (provider, client_id, refreshed_at)`,
  sql`
    create table client_doubt (
      client_key text not null,
      connection text not null,
      provider text not null,
      asked_at bigint not null,
      primary key (client_key, connection)
    )`,
  // When a provider was last allowed to be asked again; an empty name stands for all of them.
  sql`create table provider_retry (provider text primary key, retried_at bigint not null)`,
];
