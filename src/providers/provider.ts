import { baseIn, parseUrl } from '../domain/parse-url.js';
import type { Expected, RefusalRule } from '../domain/refusal-rule.js';
import { Secret } from '../domain/secret.js';
import { expandBase, type FactRules, type FactValues, factsIn } from './facts.js';
import type { PastedToken } from './pasted-token.js';

/**
 * An answer by which a provider says that an access token is dead, where it says so in its own way; with `never`, one that looks like
 * that and is not. All that is given must hold.
 */
export interface TokenRejected {
  readonly status: number;
  /** One of these stands where answers have their code or sentence, in the `WWW-Authenticate` challenge, or is the whole body. */
  readonly codes: readonly string[];
  /** What the body holds, path by path. */
  readonly when: Readonly<Record<string, Expected>>;
  /** Texts in small letters that its headers hold, by names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly never: boolean;
}

/**
 * How clearly an answer says that the access token is dead. `certain`: it names the token, as RFC 6750 §3.1 does. `possible`: servers
 * say the same to a dead token and to a person who may not see something.
 */
export type RejectionSign = 'certain' | 'possible';

/** Our registration at a provider's authorization server (RFC 6749 §2). */
export interface ClientCredentials {
  readonly id: string;
  readonly secret: Secret;
}

/**
 * A request that tells whose account a token belongs to, and the paths of id and label in its answer (dot-separated). `label` may be
 * several paths, separated by commas: the first that is there counts. `target` is a path below `api`, or a whole URL.
 */
export interface AccountRequest {
  readonly target: string;
  /** `jwt` where userinfo is answered as a signed token (OpenID Connect Core 1.0 §5.3.2). */
  readonly format: 'json' | 'xml' | 'jwt';
  /** The media type it is asked in, where the API wants one of its own. */
  readonly accept?: string;
  /** Posted as JSON, to read; absent where it is a GET. */
  readonly body?: unknown;
  readonly id: string;
  readonly label: string;
}

/**
 * How to find out whose account a token belongs to: a request that reads, or what came with the token (its id token, or the token answer).
 * `none` where the provider does not tell OAuth clients.
 */
export type AccountLookup =
  | 'none'
  | AccountRequest
  | { readonly from: 'id-token' | 'token'; readonly id: string; readonly label: string };

/** The request that tells whose account a token belongs to; null where there is none to make. */
export const accountRequest = (
  account: AccountLookup,
): {
  readonly target: string;
  readonly format: 'json' | 'xml' | 'text';
  readonly accept?: string;
  readonly body?: string;
} | null => {
  if (account === 'none' || 'from' in account) return null;
  const { target, format, accept, body } = account;
  return {
    ...{ target, format: format === 'jwt' ? ('text' as const) : format },
    ...(accept !== undefined && { accept }),
    ...(body !== undefined && { body: JSON.stringify(body) }),
  };
};

/** A request of a provider's own kind that takes a token back; which `endpoint` may name our client id as `{clientId}`. */
export interface RevocationRequest {
  readonly kind: 'request';
  readonly endpoint: string;
  readonly method: 'POST' | 'DELETE' | 'GET';
  /** Who asks: the client, by the Authorization header or in the fields, or the token itself. */
  readonly authentication: 'basic' | 'body' | 'bearer' | 'none';
  /** Where the token's field is written; `none` where the bearer alone says which token is meant. */
  readonly send: 'form' | 'json' | 'query' | 'none';
  /** What that field is called. */
  readonly token: string;
  readonly tokens: 'access' | 'refresh' | 'both';
  readonly parameters: Readonly<Record<string, string>>;
  /** Statuses that say that it was done; every 2xx where there are none. */
  readonly success: readonly number[];
  /** Statuses that say that the token is not known, or not any more. */
  readonly gone: readonly number[];
}

/**
 * How a viewer's token is taken back: RFC 7009, by a request of the provider's own kind, or not at all, and then `accountPage` says where
 * a person can do it.
 */
export type Revocation =
  | { readonly kind: 'rfc7009'; readonly endpoint: string }
  | RevocationRequest
  | { readonly kind: 'none' };

/**
 * The remote application: an OAuth 2.0 authorization server and its API. Peculiarities of a server are fields here,
 * never conditions on its name.
 */
export interface Provider {
  readonly id: string;
  readonly name: string;
  /**
   * How people come by a token that they paste. Absent where they agree at the provider. A record that has it is asked for no consent and no
   * tokens: `authorizationEndpoint` and `tokenEndpoint` are its `api`, so that a pasted token is bound to nothing else.
   */
  readonly pasted?: PastedToken;
  /** RFC 8414 issuer; compared exactly with a returned `iss` (RFC 9207). Null where the server has none. */
  readonly issuer: string | null;
  /** Whether an authorization response without `iss` is refused (advertised by the server's metadata). */
  readonly issRequired: boolean;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly revocation: Revocation;
  /**
   * Base of the API, origin and path prefix; a token never travels to another origin. Where it has facts in it, which only a Connection
   * knows, this is the origin that issues tokens, and `apiTemplate` what it is made of.
   */
  readonly api: string;
  readonly apiTemplate?: string;
  /** Further APIs of the same grant by their names, with facts in them or without. */
  readonly apis?: Readonly<Record<string, string>>;
  /** Values that are fixed when a person connects. */
  readonly facts?: FactRules;
  /** Names of the grant types on the wire; the legacy dialect writes them with hyphens. */
  readonly grantTypes: { readonly authorizationCode: string; readonly refreshToken: string };
  readonly clientAuthentication: 'basic' | 'body';
  /** Whether the form names the client too, where it authenticates by the header. */
  readonly clientIdInBody?: boolean;
  /** `raw` where the server does not decode id and secret after it took them out of the header (RFC 6749 §2.3.1). */
  readonly basicEncoding?: 'standard' | 'raw';
  /** How the body of a token request is written; a form unless the record says otherwise. */
  readonly tokenRequest?: 'form' | 'json';
  readonly tokenParameters?: Readonly<Record<string, string>>;
  readonly refreshParameters?: Readonly<Record<string, string>>;
  /** Where tokens are refreshed; the token endpoint unless the record says otherwise. */
  readonly refreshEndpoint?: string;
  /** Where in a token answer the tokens stand, keys joined by dots. */
  readonly tokenAt?: string;
  /** Seconds that an access token lives where the answer does not say it. */
  readonly accessTokenLife?: number;
  /** RFC 8707 §2. */
  readonly resource?: string;
  readonly audience?: string;
  readonly pkce: 'S256' | 'none';
  /** Whether a token answer must say `token_type: bearer` (RFC 6749 §5.1), may leave it out, or may say whatever it likes. */
  readonly tokenType: 'bearer' | 'absent' | 'any';
  /** The `Authorization` header of API calls, with `{token}` for the access token. */
  readonly authorizationHeader: string;
  /** The header that has it in place of `Authorization`, in small letters. */
  readonly tokenHeader?: string;
  /** Fixed headers of API calls, by names in small letters; a gadget's own win. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The server's own error codes → those of RFC 6749. */
  readonly errorCodes: Readonly<Record<string, string>>;
  /** False where error responses arrive without `state` (the legacy dialect). */
  readonly errorsCarryState: boolean;
  /** Whether refreshing needs `redirect_uri` too (the legacy dialect). */
  readonly refreshSendsRedirectUri: boolean;
  readonly account: AccountLookup;
  /** Where it publishes the keys that it signs with. */
  readonly jwks?: string;
  /** Base of the pages people visit, without a slash at its end: gadgets' links lead below it. Absent where it is not known. */
  readonly site?: string;
  /** A page of the provider where a person sees the account and what may use it. */
  readonly accountPage: string | null;
  /** Whether a newer grant of the same person and client ends the older. */
  readonly oneGrantPerAccount: boolean;
  readonly scopes: readonly string[];
  /**
   * Access that is granted to our client itself (RFC 6749 §4.4), and what the company is called that it belongs to. In force only on hosts
   * whose record says so too.
   */
  readonly clientCredentials?: { readonly company: string; readonly scopes: readonly string[] };
  /** What stands between them in requests; a space unless the record says otherwise. */
  readonly scopeSeparator?: string;
  /** Scopes that a granted one includes, or that it is another name of. */
  readonly impliedScopes?: Readonly<Record<string, readonly string[]>>;
  /** What scopes allow, in words for people; one without words is shown as it is. */
  readonly scopeDescriptions?: Readonly<Record<string, string>>;
  /** Extra parameters of the authorization request. */
  readonly authorizationParameters: Readonly<Record<string, string>>;
  /** Extra parameters that make the server ask which account to use, such as `prompt=select_account`. */
  readonly selectAccountParameters: Readonly<Record<string, string>>;
  /** CIDR ranges, otherwise refused, that this provider may resolve to. Metadata addresses are refused all the same. */
  readonly allowAddresses: readonly string[];
  /**
   * Certificates (PEM, one each) that are trusted beside the system's for this provider alone: of an authority, or the server's own.
   * Names and validity are checked all the same.
   */
  readonly certificates: readonly string[];
  /** How its API says no within a 200, where a gadget's request does not say so itself. */
  readonly refused?: RefusalRule;
  /** Answers that mean that the access token is dead, or never do, beside those that are known everywhere; the first that fits counts. */
  readonly tokenRejected?: readonly TokenRejected[];
  /** Which edition of its API it has, for gadgets that know several; absent where it is the usual one. */
  readonly edition?: string;
  /** False where every call has a connection of its own; otherwise one is kept for the next call of the same Connection. */
  readonly keepAlive?: boolean;
  readonly client: ClientCredentials | null;
  /** Host id → credentials that win over `client`. */
  readonly clients: Readonly<Record<string, ClientCredentials>>;
}

/** The fields a server's own metadata can tell (RFC 8414 §2, OpenID Connect Discovery 1.0 §3). */
export type DiscoverableField =
  | 'issRequired'
  | 'authorizationEndpoint'
  | 'tokenEndpoint'
  | 'revocation'
  | 'clientAuthentication'
  | 'pkce'
  | 'account';

/**
 * A provider as far as configuration alone settles it. A `discover` draft has `issuer` set, all fields that no metadata can tell,
 * and of the discoverable ones only those the administrator wrote: these win over the metadata.
 */
export type ProviderDraft =
  | { readonly kind: 'complete'; readonly provider: Provider }
  | {
      readonly kind: 'discover';
      readonly issuer: string;
      readonly draft: Omit<Provider, DiscoverableField> & Partial<Pick<Provider, DiscoverableField>>;
    };

/** Where a record leads, and by which edition: what was made of answers from there is shown for as long as all stay. */
export const placeOf = ({
  api,
  edition,
  apiTemplate,
  apis,
  facts,
}: Pick<Provider, 'api' | 'edition' | 'apiTemplate' | 'apis' | 'facts'>): string => {
  const place = edition === undefined ? api : `${edition} ${api}`;
  const further = [apiTemplate, apis, facts].some((each) => each !== undefined);
  return further ? `${place} ${JSON.stringify([apiTemplate, apis, facts])}` : place;
};

type Based = Pick<Provider, 'api' | 'apiTemplate' | 'apis' | 'facts'>;

/** What an API of this provider is called at: `name` is one of `apis`, or null for its `api`; undefined where there is none of that name. */
export const baseOf = ({ api, apiTemplate, apis = {} }: Based, name: string | null): string | undefined =>
  name === null ? (apiTemplate ?? api) : Object.hasOwn(apis, name) ? apis[name] : undefined;

const views = new WeakMap<Provider, Map<string, Provider>>();
/** Bases of one record that are remembered: of people with facts of their own. */
const MOST_VIEWS = 1000;

/**
 * The record as one of its APIs is called by one Connection: with that API as its `api`. Null where there is no such API, or a fact in it
 * is not known. The same object each time, so that what is remembered by it is found.
 */
export const providerAt = (provider: Provider, name: string | null, facts: FactValues): Provider | null => {
  const template = baseOf(provider, name);
  if (template === undefined) return null;
  const known = views.get(provider) ?? new Map<string, Provider>();
  // Without facts it is the base itself, which was checked when it was first asked for.
  const asked = factsIn(template).length > 0 ? undefined : known.get(template);
  if (asked !== undefined) return asked;
  const api = expandBase(template, provider.facts ?? {}, facts);
  if (api === null) return null;
  views.set(provider, known);
  const view = known.get(api) ?? (api === provider.api ? provider : { ...provider, api });
  const [oldest] = known.keys();
  if (known.size >= MOST_VIEWS && oldest !== undefined) known.delete(oldest);
  known.set(api, view);
  return view;
};

/** The record as each of its APIs is called by one Connection, its `api` first; without those of which a fact is not known. */
export const everyApi = (provider: Provider, facts: FactValues): readonly Provider[] =>
  [null, ...Object.keys(provider.apis ?? {})].flatMap((name) => providerAt(provider, name, facts) ?? []);

/** Where tokens of this provider are refreshed. */
export const refreshEndpointOf = ({
  tokenEndpoint,
  refreshEndpoint,
}: Pick<Provider, 'tokenEndpoint' | 'refreshEndpoint'>): string => refreshEndpoint ?? tokenEndpoint;

/** Everywhere that tokens of this provider are sent, for a person with these facts. */
export const originsOf = (provider: Provider, facts: FactValues = {}): readonly string[] => {
  const { tokenEndpoint, api, revocation, account } = provider;
  const bases = everyApi(provider, facts).map((each) => each.api);
  const urls = [
    ...[tokenEndpoint, refreshEndpointOf(provider), api, ...bases],
    ...(revocation.kind === 'none' ? [] : [revocation.endpoint]),
    // Userinfo belongs to the authorization server, wherever that keeps it.
    ...(account !== 'none' && 'target' in account && parseUrl(account.target) !== null
      ? [account.target]
      : []),
  ];
  return [...new Set(urls.map((url) => new URL(url).origin))];
};

/**
 * What a token is bound to. One that an older version kept without saying so is bound to where the record leads at the moment it is
 * opened, and so for as long as it is used.
 */
export const boundOrigins = (
  { origins }: { readonly origins?: readonly string[] },
  provider: Provider,
): readonly string[] => origins ?? originsOf(provider);

/** Whether tokens that are bound to `origins` may be sent to a URL. */
export const mayTravel = (origins: readonly string[] | undefined, url: string): boolean =>
  origins === undefined || origins.includes(baseIn(url).origin);

/** In place of a registration where tokens are pasted: no client is called so, so that neither kind of token passes for the other. */
const NO_REGISTRATION: ClientCredentials = { id: '', secret: new Secret('') };

/** The credentials in force for a host, or null when the administrator gave none. Pasted tokens need none. */
export const clientFor = (provider: Provider, host: string): ClientCredentials | null =>
  provider.pasted !== undefined ? NO_REGISTRATION : registeredFor(provider, host);

const registeredFor = (provider: Provider, host: string): ClientCredentials | null =>
  (Object.hasOwn(provider.clients, host) ? provider.clients[host] : undefined) ?? provider.client;
