import { isProtected } from '../domain/ip-addresses.js';
import { parseUrl } from '../domain/parse-url.js';
import type { AddressGuard, AddressGuards } from '../net/address-guard.js';
import { fetchMetadata, type Metadata } from '../net/guarded-fetch.js';
import type { AccountLookup, Provider, ProviderDraft, Revocation } from './provider.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;
type Fields = { readonly [name: string]: unknown };

/** Milliseconds for one request. */
const TIME_LIMIT = 10_000;

/** What the metadata lacks or says wrongly, as a sentence for the administrator. */
class Unfit extends Error {}

/** RFC 8414 §3.1 puts its name before the issuer's path, OpenID Connect Discovery 1.0 §4 behind it. */
const locations = (issuer: URL): readonly URL[] => {
  const path = issuer.pathname.replace(/\/$/, '');
  return [
    new URL(`/.well-known/oauth-authorization-server${path}`, issuer),
    new URL(`${path}/.well-known/openid-configuration`, issuer),
  ];
};

/** RFC 8414 §3.2: what has no value is left out; some servers write it all the same. */
const isEmpty = (value: unknown): boolean =>
  !value || (typeof value === 'object' ? Object.keys(value).length === 0 : String(value).trim() === '');

const endpointOf = (fields: Fields, name: string): string | null => {
  const value = fields[name];
  if (isEmpty(value)) return null;
  const url = typeof value === 'string' ? parseUrl(value) : null;
  if (typeof value !== 'string' || url === null || !isProtected(url)) {
    throw new Unfit(`its ${name} is no https URL`);
  }
  return value;
};

const needed = (fields: Fields, name: string): string => {
  const endpoint = endpointOf(fields, name);
  if (endpoint === null) throw new Unfit(`it names no ${name}`);
  return endpoint;
};

/** RFC 8414 §2: a server that does not say knows Basic. */
const authenticationOf = (fields: Fields): Provider['clientAuthentication'] => {
  const named = fields.token_endpoint_auth_methods_supported;
  const methods = isEmpty(named) ? ['client_secret_basic'] : named;
  if (!Array.isArray(methods)) throw new Unfit('its token_endpoint_auth_methods_supported is no list');
  if (methods.includes('client_secret_basic')) return 'basic';
  if (methods.includes('client_secret_post')) return 'body';
  throw new Unfit('it accepts a client secret neither by Basic nor in the body');
};

/** Without userinfo there is still the id token. Userinfo answers only to tokens with the scope `openid` (OpenID Connect Core 1.0 §5.3). */
const accountOf = (fields: Fields, scopes: readonly string[]): AccountLookup => {
  const target = endpointOf(fields, 'userinfo_endpoint');
  if (!scopes.includes('openid')) return 'none';
  const named = { id: 'sub', label: 'preferred_username,email,name,sub' };
  if (target !== null) return { target, format: 'json', ...named };
  return keysOf(fields) === null ? 'none' : { from: 'id-token', ...named };
};

/** A list without S256 rules it out; a server that does not speak of it knows it, or ignores it (RFC 6749 §3.1). */
const pkceOf = (fields: Fields): Provider['pkce'] => {
  const methods = fields.code_challenge_methods_supported;
  return Array.isArray(methods) && methods.length > 0 && !methods.includes('S256') ? 'none' : 'S256';
};

const revocationOf = (fields: Fields): Revocation => {
  const endpoint = endpointOf(fields, 'revocation_endpoint');
  return endpoint === null ? { kind: 'none' } : { kind: 'rfc7009', endpoint };
};

/** Most providers need no keys: what is no address of them is as good as none. */
const keysOf = (fields: Fields): string | null => {
  const { jwks_uri: keys } = fields;
  const url = typeof keys === 'string' ? parseUrl(keys) : null;
  return typeof keys === 'string' && url !== null && isProtected(url) ? keys : null;
};

const jwksOf = (fields: Fields, draft: Draft['draft']): Pick<Provider, 'jwks'> => {
  const jwks = draft.jwks ?? keysOf(fields);
  return jwks === null ? {} : { jwks };
};

/** Asks the metadata only for what the administrator did not write. */
const completed = (fields: Fields, draft: Draft['draft']): Provider => ({
  ...draft,
  ...jwksOf(fields, draft),
  authorizationEndpoint: draft.authorizationEndpoint ?? needed(fields, 'authorization_endpoint'),
  tokenEndpoint: draft.tokenEndpoint ?? needed(fields, 'token_endpoint'),
  revocation: draft.revocation ?? revocationOf(fields),
  issRequired: draft.issRequired ?? fields.authorization_response_iss_parameter_supported === true,
  clientAuthentication: draft.clientAuthentication ?? authenticationOf(fields),
  pkce: draft.pkce ?? pkceOf(fields),
  account: draft.account ?? accountOf(fields, draft.scopes),
});

/** The first document that is there; it must name the very issuer it was asked for (RFC 8414 §3.3). */
export const metadataOf = async (
  issuer: string,
  guard: AddressGuard,
  timeLimit: number,
): Promise<Metadata> => {
  const failures: string[] = [];
  for (const location of locations(new URL(issuer))) {
    const metadata = await fetchMetadata(location, guard, timeLimit);
    if (typeof metadata === 'string') failures.push(`${location.href}: ${metadata}`);
    else if (metadata.issuer === issuer) return metadata;
    else failures.push(`${location.href}: it names another issuer`);
  }
  return failures.join('; ');
};

/** Completes providers from their servers' metadata (RFC 8414, OpenID Connect Discovery). */
export class Discovery {
  readonly #guards: Pick<AddressGuards, 'for'>;
  readonly #timeLimit: number;

  /** `timeLimit` is for one request, in milliseconds. */
  constructor(guards: Pick<AddressGuards, 'for'>, timeLimit = TIME_LIMIT) {
    this.#guards = guards;
    this.#timeLimit = timeLimit;
  }

  /**
   * What the administrator wrote wins over the metadata. Never throws: a `failure` is a sentence for the administrator, and trying again
   * later may help.
   */
  async complete({ issuer, draft }: Draft): Promise<Provider | { readonly failure: string }> {
    if (parseUrl(issuer) === null) return { failure: `${issuer} is no URL` };
    const metadata = await metadataOf(issuer, this.#guards.for(draft), this.#timeLimit);
    if (typeof metadata === 'string') return { failure: metadata };
    try {
      return completed(metadata, draft);
    } catch (error) {
      if (error instanceof Unfit)
        return { failure: `The metadata of ${issuer} does not serve: ${error.message}` };
      throw error;
    }
  }
}
