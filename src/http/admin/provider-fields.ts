import type { Entry } from '../../domain/setup.js';
import { at, type FormField, isMasked, put } from './record-form.js';

/** The fields of a provider's form; what they are called and mean is said in the template. */
export const PROVIDER_FIELDS: readonly FormField[] = [
  { name: 'preset', path: ['preset'], kind: 'text' },
  { name: 'name', path: ['name'], kind: 'text' },
  { name: 'url', path: ['url'], kind: 'text' },
  { name: 'issuer', path: ['issuer'], kind: 'text' },
  { name: 'api', path: ['api'], kind: 'text' },
  { name: 'client-id', path: ['client', 'id'], kind: 'text' },
  { name: 'client-secret', path: ['client', 'secret'], kind: 'secret' },
  { name: 'scopes', path: ['scopes'], kind: 'list' },
  { name: 'authorization-endpoint', path: ['authorizationEndpoint'], kind: 'text' },
  { name: 'token-endpoint', path: ['tokenEndpoint'], kind: 'text' },
  { name: 'revocation-endpoint', path: ['revocationEndpoint'], kind: 'text' },
  { name: 'client-authentication', path: ['clientAuthentication'], kind: 'text' },
  { name: 'pkce', path: ['pkce'], kind: 'text' },
  { name: 'iss', path: ['iss'], kind: 'text' },
  { name: 'account-target', path: ['account', 'target'], kind: 'text' },
  { name: 'account-format', path: ['account', 'format'], kind: 'text' },
  { name: 'account-id', path: ['account', 'id'], kind: 'text' },
  { name: 'account-label', path: ['account', 'label'], kind: 'text' },
  { name: 'account-page', path: ['accountPage'], kind: 'text' },
  { name: 'one-grant', path: ['oneGrantPerAccount'], kind: 'flag' },
  { name: 'allow-addresses', path: ['allowAddresses'], kind: 'list' },
  { name: 'certificates', path: ['certificates'], kind: 'pems' },
  { name: 'authorization-parameters', path: ['authorizationParameters'], kind: 'pairs' },
  { name: 'select-account-parameters', path: ['selectAccountParameters'], kind: 'pairs' },
  { name: 'token-type', path: ['tokenType'], kind: 'text' },
  { name: 'authorization-header', path: ['authorizationHeader'], kind: 'text' },
  { name: 'errors-carry-state', path: ['errorsCarryState'], kind: 'flag' },
  { name: 'refresh-sends-redirect-uri', path: ['refreshSendsRedirectUri'], kind: 'flag' },
  { name: 'grant-types', path: ['grantTypes'], kind: 'json' },
  { name: 'error-codes', path: ['errorCodes'], kind: 'json' },
];

/** A registration of one host's own, as the form shows it. */
export interface ClientRow {
  readonly host: string;
  readonly id: string;
  readonly secret: { readonly ends: string; readonly fingerprint: string } | null;
}

const MOST_ROWS = 50;

const textAt = (entry: Entry | null, path: readonly string[]): string => {
  const value = at(entry, path);
  return typeof value === 'string' ? value : '';
};

/** The registrations of single hosts, and an empty row for one more. */
export const clientRows = (entry: Entry | null): readonly ClientRow[] => {
  const clients = at(entry, ['clients']);
  const hosts = typeof clients === 'object' && clients !== null ? Object.keys(clients) : [];
  const rows = hosts.map((host) => {
    const secret = at(entry, ['clients', host, 'secret']);
    return { host, id: textAt(entry, ['clients', host, 'id']), secret: isMasked(secret) ? secret : null };
  });
  return [...rows, { host: '', id: '', secret: null }];
};

/** The entry with the registrations of single hosts as the form has them; a row without a host is no row. */
export const withClients = (entry: Entry, form: ReadonlyMap<string, string>, before: Entry | null): Entry => {
  if (!form.has('client-0-host')) return entry;
  const rows = Array.from({ length: MOST_ROWS }, (_, n) => {
    const of = (what: string): string => form.get(`client-${n}-${what}`)?.trim() ?? '';
    return { host: of('host'), id: of('id'), secret: of('secret') };
  }).filter(({ host }) => host !== '');
  const clients = Object.fromEntries(
    rows.map(({ host, id, secret }) => [
      host,
      {
        ...(id !== '' && { id }),
        ...(secret !== '' ? { secret } : keptSecret(before, host)),
      },
    ]),
  );
  return put(entry, ['clients'], rows.length === 0 ? undefined : clients);
};

const keptSecret = (before: Entry | null, host: string): { readonly secret?: unknown } => {
  const secret = at(before, ['clients', host, 'secret']);
  return isMasked(secret) ? { secret } : {};
};

/** `none` in place of the request means that this provider does not tell whose account it is. */
export const withAccount = (entry: Entry, form: ReadonlyMap<string, string>): Entry =>
  form.get('account-target')?.trim() === 'none' ? put(entry, ['account'], 'none') : entry;

export const accountValues = (entry: Entry | null): Readonly<Record<string, string>> =>
  at(entry, ['account']) === 'none' ? { 'account-target': 'none' } : {};
