import type { Secret } from '../../domain/secret.js';

/** PostgreSQL, with what its URL does not say. */
export interface PostgresAddress {
  /** `postgres://user@host:port/name`. */
  readonly url: string;
  /** In place of one in the URL. */
  readonly password: Secret | null;
  /** `verify`: only with a certificate of the host's name that is trusted. Null: `verify`, but `off` on this machine. */
  readonly tls: 'verify' | 'unverified' | 'off' | null;
  /** The authorities that are trusted in place of the system's, as PEM. */
  readonly ca: string | null;
  /** Connections that one process opens at most, besides the one on which it listens. */
  readonly connections: number | null;
}

/** Where a database is: `sqlite:FILE`, `sqlite::memory:` or `postgres://…`, or the last with what a URL does not say. */
export type DatabaseAddress = string | PostgresAddress;

/** Whether it is PostgreSQL that an address names. */
export const isPostgres = (address: DatabaseAddress): boolean =>
  typeof address !== 'string' || /^postgres(ql)?:\/\//.test(address);

/** The address with everything that can be said about PostgreSQL. */
export const postgresAddress = (address: DatabaseAddress): PostgresAddress =>
  typeof address === 'string'
    ? { url: address, password: null, tls: null, ca: null, connections: null }
    : address;

const parsed = (url: string): URL | null => {
  try {
    return new URL(url);
  } catch {
    return null;
  }
};

/** The server's name or address, or the folder of its socket. */
export const postgresHost = (url: string): string => {
  const { hostname = '', searchParams } = parsed(url) ?? {};
  const host = decodeURIComponent(hostname) || (searchParams?.get('host') ?? 'localhost');
  return host.replace(/^\[(.*)\]$/, '$1');
};

/** How administrators know the database, without its password. */
export const databaseName = (address: DatabaseAddress): string => {
  if (!isPostgres(address)) return String(address);
  const { url } = postgresAddress(address);
  const found = parsed(url);
  if (found === null) return 'in PostgreSQL';
  const host = found.hostname === '' ? postgresHost(url) : found.hostname;
  return `postgres://${host}${found.port === '' ? '' : `:${found.port}`}${found.pathname}`;
};
