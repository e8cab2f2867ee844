import { redirectUriOf } from '../../connect/connect-deps.js';
import { parseUrl } from '../../domain/parse-url.js';
import type { Entry } from '../../domain/setup-record.js';
import { trimSlashes } from '../../domain/url-problems.js';
import { defaultPreset, type Preset, presetCalled, presets } from '../../providers/presets.js';
import type { ProviderEntry } from '../../providers/provider-schema.js';
import type { AdminVisit, ConsoleDeps } from '../console-route.js';
import {
  type Changeable,
  mergedWith,
  type RecordForm,
  recordModel,
  type ShownRecord,
} from '../records/form-pages.js';
import { isMasked, type MaskedSecret } from '../records/masking.js';
import type { PathOf } from '../records/record-form.js';
import { at, entryOf, type Form, type FormField, put, type Texts, typedIn } from '../records/record-form.js';
import type { KeptSecrets } from '../records/typed-secrets.js';
import { listRecords } from '../records/use-cases.js';

/** A key that the record's schema does not have does not compile. */
const field = (
  name: string,
  path: PathOf<ProviderEntry>,
  label: string,
  kind: FormField['kind'] = 'text',
  needed?: string,
): FormField => ({ name, label, path: path.split('.'), kind, ...(needed !== undefined && { needed }) });

const OR_ISSUER = 'Enter this, or the issuer, whose metadata contains it.';

/** The fields of a provider's form in the order of the page; what they mean is said in the template. */
export const PROVIDER_FIELDS: readonly FormField[] = [
  field('preset', 'preset', 'Kind of application'),
  field('name', 'name', 'Name'),
  field('url', 'url', 'Address', 'text', 'Enter the address: every endpoint is found below it.'),
  field('issuer', 'issuer', 'Issuer'),
  field('jwks', 'jwks', 'Keys (JWKS)'),
  field('api', 'api', 'API', 'text', 'Enter the address below which every call is made.'),
  field(
    'token-page',
    'pastedToken.page',
    'Where people create a token',
    'text',
    'Enter the page of the application where people create a token.',
  ),
  field('token-permissions', 'pastedToken.permissions', 'The least it must allow', 'lines'),
  field('token-expires', 'pastedToken.expires', 'When a token ends'),
  field('token-expires-at', 'pastedToken.expiresAt', 'Where the account says when a token ends'),
  field('apis', 'apis', 'Further APIs', 'pairs'),
  field('facts', 'facts', 'Facts of a connection', 'json'),
  field('client-id', 'client.id', 'Client ID', 'text', 'Enter the client ID from the provider.'),
  field('client-secret', 'client.secret', 'Client secret', 'secret', 'Enter the client secret.'),
  field('scopes', 'scopes', 'Scopes', 'list'),
  field('company', 'clientCredentials.company', 'Company'),
  field('company-scopes', 'clientCredentials.scopes', 'Scopes of its access', 'list'),
  field('scope-separator', 'scopeSeparator', 'Between scopes'),
  field('allow-addresses', 'allowAddresses', 'Private addresses it may have', 'list'),
  field('certificates', 'certificates', 'Certificates to trust', 'pems'),
  field('authorization-endpoint', 'authorizationEndpoint', 'Authorization endpoint', 'text', OR_ISSUER),
  field('token-endpoint', 'tokenEndpoint', 'Token endpoint', 'text', OR_ISSUER),
  field('refresh-endpoint', 'refreshEndpoint', 'Refresh endpoint'),
  field('revocation-endpoint', 'revocationEndpoint', 'Revocation endpoint'),
  field('revocation', 'revocation', 'Revocation in another way', 'json'),
  field('account-target', 'account.target', 'Whose account it is: request'),
  field('account-from', 'account.from', 'Whose account it is: said by'),
  field('account-format', 'account.format', '… its format'),
  field('account-accept', 'account.accept', '… the media type it is asked in'),
  field('account-body', 'account.body', '… what is posted', 'json'),
  field('account-id', 'account.id', '… where its id stands'),
  field('account-label', 'account.label', '… where its name stands'),
  field('account-page', 'accountPage', 'Account page'),
  field('connect', 'connect', 'How people connect'),
  field('client-authentication', 'clientAuthentication', 'Client authentication'),
  field('client-id-in-body', 'clientIdInBody', 'Token requests name the client in the form too', 'flag'),
  field('basic-encoding', 'basicEncoding', 'ID and secret in the header'),
  field('pkce', 'pkce', 'PKCE'),
  field('iss', 'iss', 'Issuer in answers (RFC 9207)'),
  field('one-grant', 'oneGrantPerAccount', 'A newer grant ends the older', 'flag'),
  field(
    'authorization-parameters',
    'authorizationParameters',
    'Further parameters of the authorization request',
    'pairs',
  ),
  field(
    'select-account-parameters',
    'selectAccountParameters',
    'Parameters that make it ask which account',
    'pairs',
  ),
  field('resource', 'resource', 'Resource (RFC 8707)'),
  field('audience', 'audience', 'Audience'),
  field('token-request', 'tokenRequest', 'Token requests are written as'),
  field('token-parameters', 'tokenParameters', 'Further parameters of the token request', 'pairs'),
  field('refresh-parameters', 'refreshParameters', 'Further parameters of a refresh', 'pairs'),
  field('token-at', 'tokenAt', 'Where tokens stand in the answer'),
  field('access-token-life', 'accessTokenLife', 'Seconds an access token lives'),
  field('authorization-header', 'authorizationHeader', 'Authorization header of API calls'),
  field('token-header', 'tokenHeader', 'Header that has the token'),
  field('headers', 'headers', 'Fixed headers of API calls', 'pairs'),
  field('refused', 'refused', 'Refusals within a 200', 'json'),
  field('token-rejected', 'tokenRejected', 'Answers that reject a token', 'json'),
  field('edition', 'edition', 'Edition of its API'),
  field('keep-alive', 'keepAlive', 'Keep connections to the API', 'flag'),
  field('token-type', 'tokenType', 'Token answers say token_type'),
  field('errors-carry-state', 'errorsCarryState', 'Error responses carry state', 'flag'),
  field('refresh-sends-redirect-uri', 'refreshSendsRedirectUri', 'Refreshing sends the redirect URI', 'flag'),
  field('grant-types', 'grantTypes', 'Names of grant types', 'json'),
  field('error-codes', 'errorCodes', 'Names of error codes', 'json'),
  field('implied-scopes', 'impliedScopes', 'Scopes that others include', 'json'),
  field('scope-descriptions', 'scopeDescriptions', 'What scopes allow, in words', 'pairs'),
];

/** `none` in place of the request means that this provider does not say whose account it is. */
export const withAccount = (entry: Entry, form: Form): Entry =>
  typedIn(form, 'account-target') === 'none' ? put(entry, ['account'], 'none') : entry;

export const accountValues = (entry: Entry | null): Texts =>
  at(entry, ['account']) === 'none' ? { 'account-target': 'none' } : {};

/** A registration for one host, as the form shows it. */
export interface ClientRow {
  readonly host: string;
  readonly id: string;
  readonly secret: MaskedSecret | null;
  /** Whether it is ticked to be removed. */
  readonly removed: boolean;
}

const EMPTY: ClientRow = { host: '', id: '', secret: null, removed: false };

const textAt = (entry: Entry | null, path: readonly string[]): string => {
  const value = at(entry, path);
  return typeof value === 'string' ? value : '';
};

const secretAt = (entry: Entry | null, host: string): MaskedSecret | null => {
  const secret = at(entry, ['clients', host, 'secret']);
  return isMasked(secret) ? secret : null;
};

/** The registrations of single hosts. */
export const clientsIn = (entry: Entry | null): readonly ClientRow[] => {
  const clients = at(entry, ['clients']);
  const hosts = typeof clients === 'object' && clients !== null ? Object.keys(clients) : [];
  return hosts.map((host) => ({
    host,
    id: textAt(entry, ['clients', host, 'id']),
    secret: secretAt(entry, host),
    removed: false,
  }));
};

/** How many rows the page had. */
const rowsOf = (form: Form): number => {
  let rows = 0;
  while (form.has(`client-${rows}-host`)) rows += 1;
  return rows;
};

interface TypedRow extends ClientRow {
  readonly n: number;
  readonly typed: string;
}

const typedRows = (form: Form, before: Entry | null): readonly TypedRow[] =>
  Array.from({ length: rowsOf(form) }, (_, n) => {
    const of = (what: string): string => typedIn(form, `client-${n}-${what}`) ?? '';
    const host = of('host');
    return {
      n,
      host,
      id: of('id'),
      typed: of('secret'),
      secret: secretAt(before, host),
      removed: form.has(`client-${n}-remove`),
    };
  });

const isBlank = ({ host, id, typed }: TypedRow): boolean => host === '' && id === '' && typed === '';

/** The rows of the form as a person left them, or those of the entry, and always an empty one for one more. */
export const shownRows = (before: Entry | null, form: Form): readonly ClientRow[] => {
  if (rowsOf(form) === 0) return [...clientsIn(before), EMPTY];
  const rows = typedRows(form, before);
  // Blank ones go at the end only: what was typed into a row is kept by its number.
  return [...rows.slice(0, rows.findLastIndex((row) => !isBlank(row)) + 1), EMPTY];
};

/** The entry with the registrations of single hosts as the form has them, and rows that cannot be understood. */
export const withClients = (
  entry: Entry,
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: Texts } => {
  if (rowsOf(form) === 0) return { entry, errors: {} };
  const errors: Record<string, string> = {};
  const rows = typedRows(form, before).filter((row) => !row.removed && !isBlank(row));
  const seen = new Set<string>();
  for (const { n, host } of rows) {
    if (host === '') errors[`client-${n}-host`] = 'Enter the host that this registration is for.';
    else if (seen.has(host)) errors[`client-${n}-host`] = `There is already a row for the host ${host}.`;
    seen.add(host);
  }
  const clients = Object.fromEntries(
    rows
      .filter(({ host }) => host !== '')
      .map(({ host, id, typed, secret }) => [
        host,
        {
          ...(id !== '' && { id }),
          ...(typed !== '' ? { secret: typed } : secret !== null && { secret }),
        },
      ]),
  );
  const kept = rows.length === 0 && clientsIn(before).length === 0 ? at(before, ['clients']) : undefined;
  return { entry: put(entry, ['clients'], Object.keys(clients).length === 0 ? kept : clients), errors };
};

/** The fields of the rows, so that a mistake finds its row. */
export const clientFields = (rows: readonly ClientRow[]): readonly FormField[] =>
  rows.flatMap(({ host }, n): readonly FormField[] => {
    const of = host === '' ? 'of one more host' : `of ${host}`;
    const path = ['clients', host];
    return [
      { name: `client-${n}-host`, label: 'Host of its own registration', path, kind: 'text' },
      { name: `client-${n}-id`, label: `Client ID ${of}`, path: [...path, 'id'], kind: 'text' },
      { name: `client-${n}-secret`, label: `Client secret ${of}`, path: [...path, 'secret'], kind: 'secret' },
    ];
  });

/** All of them in one text, for people to compare. */
export const clientsText = (entry: Entry | null): string =>
  clientsIn(entry)
    .map(({ host, id, secret }) => `${host}: ${id}${secret === null ? '' : `, secret ${secret.fingerprint}`}`)
    .join('\n');

/** The kinds of provider there are to choose from, the default first. */
export const kindsOfProvider = (): readonly Preset[] => [
  defaultPreset,
  ...presets.filter(({ name }) => name !== defaultPreset.name),
];

const PROVIDER: RecordForm = {
  kind: 'provider',
  fields: PROVIDER_FIELDS,
  more: (entry) => ({ ...accountValues(entry), clients: clientsText(entry) }),
  moreTyped: (form, before) => (typedIn(form, 'account-target') === null ? accountValues(before) : {}),
};

/** What the form's page shows: a new provider, or one that is being changed. */
export interface ShownProvider extends ShownRecord {
  /** What a dry run found. */
  readonly lines?: readonly unknown[];
}

/** The entry that a provider's form describes, and fields that cannot be understood. */
export const providerEntryIn = (
  form: Form,
  before: Entry | null,
): { readonly entry: Entry; readonly errors: Texts } => {
  const fields = entryOf(PROVIDER_FIELDS, form, before);
  const whole = withClients(withAccount(fields.entry, form), form, before);
  return { entry: whole.entry, errors: { ...fields.errors, ...whole.errors } };
};

/** What the page shows when someone else changed the provider while the form was filled in. */
export const providerMerged = (form: Form, typed: Entry, now: Changeable): ShownProvider =>
  mergedWith(PROVIDER, form, typed, now);

/** Where this server is registered at such an application; null where that is not known, or the application's address is not yet. */
export const registrationPageOf = ({ registration, fields }: Preset, typedUrl: string): string | null => {
  const page = registration?.page;
  if (page === undefined || !page.startsWith('/')) return page ?? null;
  const site = typedUrl === '' ? fields.url : typedUrl;
  const url = site === undefined ? null : parseUrl(`${trimSlashes(site)}${page}`);
  return url !== null && /^https?:$/.test(url.protocol) ? url.href : null;
};

/** Whether people paste a token, by what the form says or the kind of application. */
const pastesIn = (preset: Preset, connect: string | undefined): boolean =>
  (connect || preset.fields.connect) === 'token';

/** Whether people paste a token for the provider of an entry, as far as it can be read. */
export const isPastedEntry = (entry: Entry | null): boolean => {
  const preset = presets.find(({ name }) => name === textAt(entry, ['preset'])) ?? defaultPreset;
  return pastesIn(preset, textAt(entry, ['connect']));
};

const presetIn = ({ query }: AdminVisit): string => {
  const asked = query.get('preset') ?? '';
  return presets.some(({ name }) => name === asked) ? asked : defaultPreset.name;
};

/**
 * An ID and a name to start with, so that the redirect URI can be registered at once and nothing is left to think of; none where the ID is
 * taken or the kind is not one application's.
 */
const suggestions = (preset: string, taken: readonly string[]): Form =>
  presetCalled(preset).generic || taken.includes(preset)
    ? new Map([['id', '']])
    : new Map([
        ['id', preset],
        ['name', presetCalled(preset).fields.name ?? ''],
      ]);

/** Shows the form of a provider with what was typed, what is wrong, and what a dry run found. */
export const showProviderForm = async (
  deps: ConsoleDeps,
  visit: AdminVisit,
  shown: ShownProvider,
  { form: sent, kept = null, status = 200 }: { form: Form; kept?: KeptSecrets | null; status?: number },
): Promise<void> => {
  const { before, merged } = shown;
  const untouched = merged?.theirs.clients?.kind === 'taken';
  const start = { preset: presetIn(visit) };
  const taken = (await listRecords(deps, 'provider')).map(({ id }) => id);
  const form = shown.id === null && sent.size === 0 ? suggestions(start.preset, taken) : sent;
  const rows = shownRows(before, untouched ? new Map() : form);
  const model = recordModel(PROVIDER, shown, form, { fields: clientFields(rows), start, kept });
  const preset = presets.find(({ name }) => name === model.values.preset) ?? defaultPreset;
  const hosts = (await listRecords(deps, 'host')).map(({ id, name }) => ({ id, name }));
  const unknown = rows.map(({ host }) => host).filter((host) => !hosts.some(({ id }) => id === host));
  const shownModel = {
    ...model,
    clients: rows,
    hosts: [...hosts, ...unknown.filter((id) => id !== '').map((id) => ({ id, name: id }))],
    redirectUri: redirectUriOf(deps.siteOrigin, shown.id ?? (typedIn(form, 'id') || 'ID')),
    // Nothing of a record that no key opens is known, not even this.
    kinds: kindsOfProvider(),
    preset,
    pastes: pastesIn(preset, model.values.connect),
    registerAt: registrationPageOf(preset, model.values.url ?? ''),
    asksPreset: shown.id !== null && before === null,
    bound: deps.inForce.bound(),
    lines: shown.lines ?? null,
  };
  visit.show('admin/provider-form', shownModel, { status, script: 'admin.js' });
};
