import { parseUrl } from '../domain/parse-url.js';
import { Secret } from '../domain/secret.js';
import { trimSlashes } from '../domain/url-problems.js';
import { certificatesIn } from '../net/certificates.js';
import { basePlaceProblem, type FactRules, factsIn } from './facts.js';
import { asksAccount, type PastedToken } from './pasted-token.js';
import { type Preset, presetCalled } from './presets.js';
import type { ClientCredentials, Provider, ProviderDraft, Revocation, TokenRejected } from './provider.js';
import type { ProviderEntry } from './provider-schema.js';

const credentials = (entry: { readonly id: string; readonly secret: string }): ClientCredentials => ({
  id: entry.id,
  secret: new Secret(entry.secret),
});

/** The base of the provider's own pages, as written or where the application is everywhere. */
const siteOf = (entry: ProviderEntry): string | undefined =>
  entry.url ?? presetCalled(entry.preset).fields.url;

const below = (entry: ProviderEntry, path: string | undefined): string | undefined => {
  const site = siteOf(entry);
  return site === undefined || path === undefined ? undefined : `${site}${path}`;
};

/** Where consent and tokens are asked for, as written or derived from `url`; undefined where neither says. */
export const endpointsOf = (
  entry: ProviderEntry,
): { readonly authorizationEndpoint?: string; readonly tokenEndpoint?: string; readonly api?: string } => {
  const { url, fields } = presetCalled(entry.preset);
  const authorizationEndpoint =
    entry.authorizationEndpoint ??
    below(entry, url?.paths.authorizationEndpoint) ??
    fields.authorizationEndpoint;
  const tokenEndpoint = entry.tokenEndpoint ?? below(entry, url?.paths.tokenEndpoint) ?? fields.tokenEndpoint;
  const api = entry.api ?? below(entry, url?.paths.api) ?? fields.api ?? entry.url;
  return {
    ...(authorizationEndpoint !== undefined && { authorizationEndpoint }),
    ...(tokenEndpoint !== undefined && { tokenEndpoint }),
    ...(api !== undefined && { api }),
  };
};

/** RFC 8414 issuer, as written or as the preset has it. */
const issuerOf = (entry: ProviderEntry): string | undefined => {
  const { url, fields } = presetCalled(entry.preset);
  return entry.issuer ?? below(entry, url?.paths.issuer) ?? fields.issuer;
};

/** How it is found out whose account it is, and by whose keys that is checked, as written or as the preset has it. */
export const accountAndKeysOf = (
  entry: ProviderEntry,
): Pick<ProviderEntry, 'account' | 'issuer' | 'jwks'> => {
  const { url, fields } = presetCalled(entry.preset);
  const jwks = entry.jwks ?? below(entry, url?.paths.jwks) ?? fields.jwks;
  const issuer = issuerOf(entry);
  return {
    account: entry.account ?? fields.account,
    ...(issuer !== undefined && { issuer }),
    ...(jwks !== undefined && { jwks }),
  };
};

/** Whether people paste a token, as written or as the preset has it. */
export const isPasted = (entry: ProviderEntry): boolean =>
  (entry.connect ?? presetCalled(entry.preset).fields.connect) === 'token';

/** How the Authorization header is written, as the record or the preset says. */
const headerOf = (entry: ProviderEntry): string =>
  entry.authorizationHeader ?? presetCalled(entry.preset).fields.authorizationHeader;

/** How people come by the token they paste; what the record leaves out is as in the preset. */
export const pastedTokenOf = (entry: ProviderEntry): PastedToken => {
  const { page, permissions, expires, expiresAt } = {
    ...presetCalled(entry.preset).fields.pastedToken,
    ...entry.pastedToken,
  };
  return {
    page: (page?.startsWith('/') ? below(entry, page) : page) ?? null,
    permissions: permissions ?? [],
    asksExpiry: expires !== 'never' && expiresAt === undefined,
    expiresAt: expiresAt ?? null,
    asksAccount: asksAccount(headerOf(entry)),
  };
};

/** Whether the server's metadata must be asked: an issuer is named and an endpoint is not. */
export const needsDiscovery = (entry: ProviderEntry): boolean => {
  const { authorizationEndpoint, tokenEndpoint } = endpointsOf(entry);
  return (
    !isPasted(entry) &&
    issuerOf(entry) !== undefined &&
    (authorizationEndpoint === undefined || tokenEndpoint === undefined)
  );
};

type Written = Pick<ProviderEntry, 'revocation' | 'revocationEndpoint'>;

/** How one of those who may say it has tokens revoked; undefined where it does not say. */
const revocationIn = (
  { revocation, revocationEndpoint: endpoint }: Written,
  api: string,
): Revocation | undefined => {
  if (revocation !== undefined) {
    const { url, ...request } = revocation;
    return { kind: 'request', endpoint: url.startsWith('/') ? `${trimSlashes(api)}${url}` : url, ...request };
  }
  if (endpoint === undefined) return undefined;
  return endpoint === 'none' ? { kind: 'none' } : { kind: 'rfc7009', endpoint };
};

/** The administrator's words win; then what lies below `url`, then the preset's own. */
const revocationOf = (entry: ProviderEntry, api: string): Revocation | undefined => {
  const { url, own } = presetCalled(entry.preset);
  const endpoint = below(entry, url?.paths.revocationEndpoint);
  return (
    revocationIn(entry, api) ??
    revocationIn(endpoint === undefined ? {} : { revocationEndpoint: endpoint }, api) ??
    revocationIn(own, api)
  );
};

const accountPageOf = (entry: ProviderEntry, preset: Preset): string | null => {
  const page = entry.accountPage ?? below(entry, preset.url?.paths.accountPage) ?? preset.fields.accountPage;
  return page === undefined || page === 'none' ? null : page;
};

const rejectionsOf = (written: NonNullable<ProviderEntry['tokenRejected']>): readonly TokenRejected[] =>
  written.map(({ status, code, when, headers, never }) => ({
    status,
    codes: code === undefined ? [] : [code].flat(),
    when: when ?? {},
    headers: Object.fromEntries(
      Object.entries(headers ?? {}).map(([name, text]) => [name.toLowerCase(), text.toLowerCase()]),
    ),
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

type CallingField =
  | 'impliedScopes'
  | 'tokenHeader'
  | 'refused'
  | 'tokenRejected'
  | 'keepAlive'
  | 'edition'
  | 'headers';

const lowerCased = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));

/** How its API is called and answers, where the administrator or the preset says so. */
const callingOf = ({
  refused,
  tokenRejected,
  keepAlive,
  edition,
  headers,
  impliedScopes,
  tokenHeader,
}: Pick<ProviderEntry, CallingField>): Pick<Provider, CallingField> => ({
  ...(headers !== undefined && { headers: lowerCased(headers) }),
  ...(impliedScopes !== undefined && { impliedScopes }),
  ...(tokenHeader !== undefined && { tokenHeader: tokenHeader.toLowerCase() }),
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

const factsOf = (entry: ProviderEntry): FactRules => {
  const written = entry.facts ?? presetCalled(entry.preset).fields.facts ?? {};
  return Object.fromEntries(
    Object.entries(written).map(([name, { target, items, label, ...rule }]) => [
      name,
      { ...rule, target: target ?? null, items: items ?? '', label: label ?? null },
    ]),
  );
};

/**
 * Where its API is. With facts in it that is not known before someone connects: until then the origin that issues tokens stands for it,
 * which has them anyway.
 */
const apiOf = (
  entry: ProviderEntry,
  base: string,
): Pick<Provider, 'api' | 'apiTemplate' | 'apis' | 'facts'> => {
  const { fields } = presetCalled(entry.preset);
  const facts = factsOf(entry);
  const apis = entry.apis ?? fields.apis;
  const home = endpointsOf(entry).tokenEndpoint ?? issuerOf(entry) ?? base;
  return {
    ...(factsIn(base).length === 0 ? { api: base } : { api: originOr(home, base), apiTemplate: base }),
    ...(apis !== undefined && { apis }),
    ...(Object.keys(facts).length > 0 && { facts }),
  };
};

const originOr = (url: string, otherwise: string): string => parseUrl(url)?.origin ?? otherwise;

/** Bases with facts that would let a token go where the record does not say, and why; by where they are written. */
export const misplacedFacts = (
  entry: ProviderEntry,
): readonly { readonly path: readonly string[]; readonly problem: string }[] => {
  const facts = factsOf(entry);
  const { api } = endpointsOf(entry);
  const apis = Object.entries(entry.apis ?? presetCalled(entry.preset).fields.apis ?? {});
  const bases = [
    { path: ['api'], base: api ?? '' },
    ...apis.map(([name, base]) => ({ path: ['apis', name], base })),
  ];
  return bases.flatMap(({ path, base }) => {
    const problem = base.includes('{') ? (basePlaceProblem(base, facts) ?? homeless(entry, path)) : null;
    return problem === null ? [] : [{ path, problem }];
  });
};

/** Before someone connects the origin that issues tokens stands for such an API. */
const homeless = (entry: ProviderEntry, [key]: readonly string[]): string | null =>
  key === 'api' && endpointsOf(entry).tokenEndpoint === undefined && issuerOf(entry) === undefined
    ? 'a fact here needs a token endpoint or an issuer'
    : null;

/** The fields that no metadata can tell. */
const settled = (id: string, entry: ProviderEntry, base: string) => {
  const preset = presetCalled(entry.preset);
  const { fields } = preset;
  const scopeDescriptions = entry.scopeDescriptions ?? fields.scopeDescriptions;
  const site = siteOf(entry);
  const { jwks } = accountAndKeysOf(entry);
  const clients = Object.entries(entry.clients).map(([host, client]) => [host, credentials(client)] as const);
  return {
    id,
    name: entry.name ?? fields.name ?? id,
    issuer: issuerOf(entry) ?? null,
    ...apiOf(entry, base),
    grantTypes: { ...fields.grantTypes, ...entry.grantTypes },
    tokenType: entry.tokenType ?? fields.tokenType,
    authorizationHeader: headerOf(entry),
    errorCodes: { ...fields.errorCodes, ...entry.errorCodes },
    errorsCarryState: entry.errorsCarryState ?? fields.errorsCarryState,
    refreshSendsRedirectUri: entry.refreshSendsRedirectUri ?? fields.refreshSendsRedirectUri,
    ...(site !== undefined && { site }),
    ...(jwks !== undefined && { jwks }),
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
    ...(entry.clientCredentials !== undefined && { clientCredentials: entry.clientCredentials }),
    client: entry.client === undefined ? null : credentials(entry.client),
    clients: Object.fromEntries(clients),
  } satisfies Partial<Provider>;
};

/** What the administrator wrote of the fields that metadata can tell, or else the preset's own file. */
const written = (entry: ProviderEntry, api: string) => {
  const { own } = presetCalled(entry.preset);
  const { clientAuthentication, pkce, iss, account } = { ...own, ...entry };
  const revocation = revocationOf(entry, api);
  const { authorizationEndpoint, tokenEndpoint } = endpointsOf(entry);
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

/** Whether a token can ask for its own end, without a client. */
const isOfToken = (revocation: Revocation | undefined): revocation is Revocation =>
  revocation?.kind === 'request' &&
  (revocation.authentication === 'bearer' || revocation.authentication === 'none');

/** A record of pasted tokens: nothing of OAuth in it, whatever the default preset says. */
const pastedProvider = (rest: ReturnType<typeof settled>, entry: ProviderEntry): Provider => {
  const { clientAuthentication, pkce, account } = presetCalled(entry.preset).fields;
  const { refreshEndpoint: _, clientCredentials: __, ...kept } = rest;
  const pasted = pastedTokenOf(entry);
  const revocation = revocationOf(entry, rest.api);
  return {
    ...kept,
    pasted,
    // Where tokens are created they can be deleted.
    accountPage: rest.accountPage ?? pasted.page,
    account: entry.account ?? account,
    ...{ clientAuthentication, pkce, issuer: null, issRequired: false },
    revocation: isOfToken(revocation) ? revocation : { kind: 'none' },
    ...{ authorizationEndpoint: rest.api, tokenEndpoint: rest.api, scopes: [], oneGrantPerAccount: false },
    ...{ authorizationParameters: {}, selectAccountParameters: {}, client: null, clients: {} },
  };
};

/** A provider's record out of preset and entry, or null while `url`, `api` or an endpoint is missing (a fault of its own). */
export const providerDraft = (id: string, entry: ProviderEntry): ProviderDraft | null => {
  const { authorizationEndpoint, tokenEndpoint, api } = endpointsOf(entry);
  if (api === undefined) return null;
  const rest = settled(id, entry, api);
  if (isPasted(entry)) return { kind: 'complete', provider: pastedProvider(rest, entry) };
  const { api: home } = rest;
  const issuer = issuerOf(entry);
  if (issuer !== undefined && needsDiscovery(entry)) {
    return { kind: 'discover', issuer, draft: { ...rest, ...written(entry, home) } };
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
    provider: { ...rest, ...defaults, ...written(entry, home), authorizationEndpoint, tokenEndpoint },
  };
};
