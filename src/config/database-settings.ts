import { resolve } from 'node:path';
import * as z from 'zod';
import { Secret } from '../domain/secret.js';
import { defaulted, described, text, whole } from '../domain/zod-types.js';
import { type DatabaseAddress, isPostgres } from '../store/engine/database-address.js';

const PARAMETERS = /^(host|sslmode)$/;
const SSL_MODES = ['disable', 'require', 'verify-ca', 'verify-full', 'no-verify'];

/** What keeps a text from being the address of PostgreSQL; it is never quoted, since it may hold a password. */
const postgresProblem = (value: string): string | null => {
  let url: URL;
  try {
    url = new URL(value);
  } catch {
    return 'this is no URL of PostgreSQL';
  }
  if (!isPostgres(value)) return 'this is no URL that starts with postgres://';
  if (!/^\/[^/]+$/.test(url.pathname)) return 'the URL names no database: postgres://host/name';
  const strange = [...url.searchParams.keys()].find((key) => !PARAMETERS.test(key));
  if (strange !== undefined) return 'only the parameters host and sslmode are known in the URL';
  const mode = url.searchParams.get('sslmode');
  return mode === null || SSL_MODES.includes(mode) ? null : 'this sslmode is not known';
};

const postgresUrl = text(postgresProblem);

const address = text((value) =>
  /^sqlite:[^\0]+$/.test(value) || (isPostgres(value) && postgresProblem(value) === null)
    ? null
    : isPostgres(value)
      ? postgresProblem(value)
      : 'this is neither `sqlite:` followed by a file nor a URL that starts with postgres://',
);

/** `database:` of `oriel.yaml`. */
export const databaseSchema = z.union([
  address,
  z.strictObject({
    url: described(
      postgresUrl,
      'Where PostgreSQL is, and as whom it is used; without the password',
      'postgres://oriel@db.example.com/oriel',
    ),
    password: described(
      z.string().min(1).max(10_000),
      'The password, in place of one in the URL',
      `\${file:/run/secrets/database}`,
    ).exactOptional(),
    tls: described(
      z.enum(['verify', 'unverified', 'off']),
      '`verify`: only a server whose certificate is trusted and of its name; `unverified`: any certificate; `off`: no TLS, where no one else can read the network between. Unless set, `verify`, and `off` on this machine',
      'verify',
    ).exactOptional(),
    ca: described(
      z
        .string()
        .max(100_000)
        .regex(/-----BEGIN CERTIFICATE-----/, 'this is no certificate as PEM'),
      'The certificates (PEM) of the authorities that are trusted in place of the usual ones',
      `\${file:./database-ca.pem}`,
    ).exactOptional(),
    connections: defaulted(
      whole(2, 1000),
      'Connections that each process opens at most, 2 to 1000, and one more on which it listens',
      10,
    ),
  }),
]);

export type DatabaseEntry = z.output<typeof databaseSchema>;

const TLS_OF_MODE: Readonly<Record<string, 'verify' | 'unverified' | 'off'>> = {
  disable: 'off',
  'no-verify': 'unverified',
};

/** The URL without `sslmode`, and what that says. */
const withoutMode = (
  given: string,
): { readonly url: string; readonly tls: 'verify' | 'unverified' | 'off' | null } => {
  const url = new URL(given);
  const mode = url.searchParams.get('sslmode');
  if (mode === null) return { url: given, tls: null };
  url.searchParams.delete('sslmode');
  return { url: url.href, tls: TLS_OF_MODE[mode] ?? 'verify' };
};

/** The database as it is opened; `folder` is that of the file. The password leaves the URL, which is shown. */
export const databaseAddress = (entry: DatabaseEntry, folder: string): DatabaseAddress => {
  if (typeof entry === 'string' && !isPostgres(entry)) {
    const path = entry.slice('sqlite:'.length);
    return path === ':memory:' ? entry : `sqlite:${resolve(folder, path)}`;
  }
  const given = typeof entry === 'string' ? { url: entry } : entry;
  const { url: named, tls } = withoutMode(given.url);
  const url = new URL(named);
  const own =
    'password' in given && given.password !== undefined ? given.password : decodeURIComponent(url.password);
  url.password = '';
  return {
    url: url.href,
    password: own === '' ? null : new Secret(own),
    tls: ('tls' in given ? given.tls : undefined) ?? tls,
    ca: ('ca' in given ? given.ca : undefined) ?? null,
    connections: ('connections' in given ? given.connections : undefined) ?? null,
  };
};
