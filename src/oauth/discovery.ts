import { isProtected } from '../domain/addresses.js';
import type { AccountLookup, DiscoverableField, Provider, ProviderDraft } from '../domain/provider.js';
import type { AddressGuard } from './address-guard.js';
import { fetchMetadata, type Metadata } from './fetch-metadata.js';

type Draft = Extract<ProviderDraft, { kind: 'discover' }>;
type Fields = { readonly [name: string]: unknown };

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

const endpointOf = (fields: Fields, name: string): string | null => {
  const value = fields[name];
  if (value === undefined || value === null) return null;
  if (typeof value !== 'string' || !URL.canParse(value) || !isProtected(new URL(value))) {
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
  const methods = fields.token_endpoint_auth_methods_supported ?? ['client_secret_basic'];
  if (!Array.isArray(methods)) throw new Unfit('its token_endpoint_auth_methods_supported is no list');
  if (methods.includes('client_secret_basic')) return 'basic';
  if (methods.includes('client_secret_post')) return 'body';
  throw new Unfit('it accepts a client secret neither by Basic nor in the body');
};

/** Userinfo answers only to tokens with the scope `openid` (OpenID Connect Core 1.0 §5.3). */
const accountOf = (fields: Fields, scopes: readonly string[]): AccountLookup => {
  const target = endpointOf(fields, 'userinfo_endpoint');
  if (target === null || !scopes.includes('openid')) return 'none';
  return { target, format: 'json', id: 'sub', label: 'preferred_username,email,name,sub' };
};

/** What the metadata settles. S256 is sent even where the server does not speak of it: who does not know it ignores it. */
const discovered = (fields: Fields, draft: Draft['draft']): Pick<Provider, DiscoverableField> => {
  const revocation = endpointOf(fields, 'revocation_endpoint');
  return {
    authorizationEndpoint: needed(fields, 'authorization_endpoint'),
    tokenEndpoint: needed(fields, 'token_endpoint'),
    revocation: revocation === null ? { kind: 'none' } : { kind: 'rfc7009', endpoint: revocation },
    issRequired: fields.authorization_response_iss_parameter_supported === true,
    clientAuthentication: authenticationOf(fields),
    pkce: 'S256',
    account: accountOf(fields, draft.scopes),
  };
};

/** The first document that is there; it must name the very issuer it was asked for (RFC 8414 §3.3). */
const metadataOf = async (issuer: string, guard: AddressGuard): Promise<Metadata> => {
  const failures: string[] = [];
  for (const location of locations(new URL(issuer))) {
    const metadata = await fetchMetadata(location, guard);
    if (typeof metadata === 'string') failures.push(`${location.href}: ${metadata}`);
    else if (metadata.issuer === issuer) return metadata;
    else failures.push(`${location.href}: it names another issuer`);
  }
  return failures.join('; ');
};

/**
 * Completes a provider from its server's metadata (RFC 8414, OpenID Connect Discovery); what the administrator wrote wins. Never
 * throws: a `failure` is a sentence for the administrator, and trying again later may help.
 */
export const discovery =
  (guardOf: (allow: readonly string[]) => AddressGuard) =>
  async ({ issuer, draft }: Draft): Promise<Provider | { readonly failure: string }> => {
    if (!URL.canParse(issuer)) return { failure: `${issuer} is no URL` };
    const metadata = await metadataOf(issuer, guardOf(draft.allowAddresses));
    if (typeof metadata === 'string') return { failure: metadata };
    try {
      return { ...discovered(metadata, draft), ...draft };
    } catch (error) {
      if (error instanceof Unfit)
        return { failure: `The metadata of ${issuer} does not serve: ${error.message}` };
      throw error;
    }
  };
