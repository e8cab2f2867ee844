import { Secret } from '../domain/secret.js';
import { certificatesIn } from '../net/certificates.js';
import { type Preset, presetCalled } from './presets.js';
import type {
  AccountLookup,
  ClientCredentials,
  Provider,
  ProviderDraft,
  Revocation,
  TokenRejected,
} from './provider.js';
import type { ProviderEntry } from './provider-schema.js';

const credentials = (entry: { readonly id: string; readonly secret: string }): ClientCredentials => ({
  id: entry.id,
  secret: new Secret(entry.secret),
});

const below = (entry: ProviderEntry, path: string | undefined): string | undefined =>
  entry.url === undefined || path === undefined ? undefined : `${entry.url}${path}`;

/** Where consent and tokens are asked for, as written or derived from `url`; undefined where neither says. */
export const endpointsOf = (
  entry: ProviderEntry,
): { readonly authorizationEndpoint?: string; readonly tokenEndpoint?: string; readonly api?: string } => {
  const paths = presetCalled(entry.preset).url?.paths;
  const authorizationEndpoint = entry.authorizationEndpoint ?? below(entry, paths?.authorizationEndpoint);
  const tokenEndpoint = entry.tokenEndpoint ?? below(entry, paths?.tokenEndpoint);
  const api = entry.api ?? entry.url;
  return {
    ...(authorizationEndpoint !== undefined && { authorizationEndpoint }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint }),
    ...(api !== undefined && { api }),
  };
};

/** Whether the server's metadata must be asked: an issuer is named and an endpoint is not. */
export const needsDiscovery = (entry: ProviderEntry): boolean => {
  const { authorizationEndpoint, tokenEndpoint } = endpointsOf(entry);
  return entry.issuer !== undefined && (authorizationEndpoint === undefined || tokenEndpoint === undefined);
};

const revocationOf = (endpoint: string | undefined): Revocation | undefined => {
  if (endpoint === undefined) return undefined;
  return endpoint === 'none' ? { kind: 'none' } : { kind: 'rfc7009', endpoint };
};

const accountPageOf = (entry: ProviderEntry, preset: Preset): string | null => {
  if (entry.accountPage === 'none') return null;
  return entry.accountPage ?? below(entry, preset.url?.paths.accountPage) ?? null;
};

const rejectionsOf = (written: NonNullable<ProviderEntry['tokenRejected']>): readonly TokenRejected[] =>
  written.map(({ status, code, when, never }) => ({
    status,
    codes: code === undefined ? [] : [code].flat(),
    when: when ?? {},
    never: never === true,
  }));

type TokenRequestField =
  | 'clientIdInBody'
  | 'basicEncoding'
  | 'tokenRequest'
  | 'tokenParameters'
  | 'refreshParameters'
  | 'refreshEndpoint'
  | 'tokenAt'
  | 'accessTokenLife'
  | 'resource'
  | 'audience'
  | 'scopeSeparator';

/** How its API is called and answers, where the administrator or the preset says so. */
const callingOf = ({
  refused,
  tokenRejected,
  keepAlive,
  edition,
}: Pick<ProviderEntry, 'refused' | 'tokenRejected' | 'keepAlive' | 'edition'>): Pick<
  Provider,
  'refused' | 'tokenRejected' | 'keepAlive' | 'edition'
> => ({
  ...(tokenRejected !== undefined && { tokenRejected: rejectionsOf(tokenRejected) }),
  ...(refused !== undefined && { refused: { ...refused, code: refused.code ?? null } }),
  ...(keepAlive !== undefined && { keepAlive }),
  ...(edition !== undefined && { edition }),
});

/** How its token endpoint is asked and answers, where the administrator or the preset says so. */
const tokenRequestsOf = ({
  clientIdInBody,
  basicEncoding,
  tokenRequest,
  tokenParameters,
  refreshParameters,
  refreshEndpoint,
  tokenAt,
  accessTokenLife,
  resource,
  audience,
  scopeSeparator,
}: Pick<ProviderEntry, TokenRequestField>): Pick<Provider, TokenRequestField> => ({
  ...(clientIdInBody !== undefined && { clientIdInBody }),
  ...(basicEncoding !== undefined && { basicEncoding }),
  ...(tokenRequest !== undefined && { tokenRequest }),
  ...(tokenParameters !== undefined && { tokenParameters }),
  ...(refreshParameters !== undefined && { refreshParameters }),
  ...(refreshEndpoint !== undefined && { refreshEndpoint }),
  ...(tokenAt !== undefined && { tokenAt }),
  ...(accessTokenLife !== undefined && { accessTokenLife }),
  ...(resource !== undefined && { resource }),
  ...(audience !== undefined && { audience }),
  ...(scopeSeparator !== undefined && { scopeSeparator }),
});

/** The fields that no metadata can tell. */
const settled = (id: string, entry: ProviderEntry, api: string) => {
  const preset = presetCalled(entry.preset);
  const { fields } = preset;
  const scopeDescriptions = entry.scopeDescriptions ?? fields.scopeDescriptions;
  const clients = Object.entries(entry.clients).map(([host, client]) => [host, credentials(client)] as const);
  return {
    id,
    name: entry.name ?? id,
    issuer: entry.issuer ?? null,
    api,
    grantTypes: { ...fields.grantTypes, ...entry.grantTypes },
    tokenType: entry.tokenType ?? fields.tokenType,
    authorizationHeader: entry.authorizationHeader ?? fields.authorizationHeader,
    errorCodes: { ...fields.errorCodes, ...entry.errorCodes },
    errorsCarryState: entry.errorsCarryState ?? fields.errorsCarryState,
    refreshSendsRedirectUri: entry.refreshSendsRedirectUri ?? fields.refreshSendsRedirectUri,
    ...(entry.url !== undefined && { site: entry.url }),
    accountPage: accountPageOf(entry, preset),
    oneGrantPerAccount: entry.oneGrantPerAccount ?? fields.oneGrantPerAccount,
    scopes: entry.scopes ?? fields.scopes ?? [],
    ...(scopeDescriptions !== undefined && { scopeDescriptions }),
    authorizationParameters: entry.authorizationParameters ?? fields.authorizationParameters ?? {},
    selectAccountParameters: entry.selectAccountParameters ?? fields.selectAccountParameters,
    allowAddresses: entry.allowAddresses,
    certificates: entry.certificates.flatMap(certificatesIn),
    ...tokenRequestsOf({ ...fields, ...entry }),
    ...callingOf({ ...fields, ...entry }),
    client: entry.client === undefined ? null : credentials(entry.client),
    clients: Object.fromEntries(clients),
  } satisfies Partial<Provider>;
};

/** What the administrator wrote of the fields that metadata can tell. */
const written = (entry: ProviderEntry) => {
  const revocation = revocationOf(entry.revocationEndpoint);
  const account: AccountLookup | undefined = entry.account;
  const { authorizationEndpoint, tokenEndpoint, clientAuthentication, pkce, iss } = entry;
  return {
    ...(iss !== undefined && { issRequired: iss === 'required' }),
    ...(authorizationEndpoint !== undefined && { authorizationEndpoint }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint }),
    ...(revocation !== undefined && { revocation }),
    ...(clientAuthentication !== undefined && { clientAuthentication }),
    ...(pkce !== undefined && { pkce }),
    ...(account !== undefined && { account }),
  } satisfies Partial<Provider>;
};

/** A provider's record out of preset and entry, or null while `url`, `api` or an endpoint is missing (a fault of its own). */
export const providerDraft = (id: string, entry: ProviderEntry): ProviderDraft | null => {
  const { authorizationEndpoint, tokenEndpoint, api } = endpointsOf(entry);
  if (api === undefined) return null;
  const rest = settled(id, entry, api);
  if (entry.issuer !== undefined && needsDiscovery(entry)) {
    return { kind: 'discover', issuer: entry.issuer, draft: { ...rest, ...written(entry) } };
  }
  if (authorizationEndpoint === undefined || tokenEndpoint === undefined) return null;
  const { clientAuthentication, pkce, account } = presetCalled(entry.preset).fields;
  const defaults = {
    clientAuthentication,
    pkce,
    account,
    issRequired: false,
    revocation: { kind: 'none' },
  } as const;
  return {
    kind: 'complete',
    provider: { ...rest, ...defaults, ...written(entry), authorizationEndpoint, tokenEndpoint },
  };
};
