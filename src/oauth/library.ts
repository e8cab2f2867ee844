import type { LookupFunction } from 'node:net';
import { AuthorizationCode } from 'simple-oauth2';
import type { ClientCredentials, Provider } from '../domain/provider.js';

/** Milliseconds for a whole call; shorter than the lease under which tokens are refreshed. */
const DEADLINE = 10_000;

/** No token answer is larger, in bytes. */
const MOST_BYTES = 256 * 1024;

/** Stands between an endpoint's name and a socket; given by whoever ties the doors together. */
export interface OAuthGuard {
  readonly lookup: LookupFunction;
  /** Whether this URL must not be called: in clear off this machine, or at a refused literal address. */
  refuses(url: URL): boolean;
}

/** The guard of a provider that allows these address ranges. */
export type OAuthGuards = (allow: readonly string[]) => OAuthGuard;

/** Options of the HTTP library; the declared types of simple-oauth2 know but half of them. */
const http = (lookup: LookupFunction) => ({
  json: 'strict' as const,
  lookup,
  timeout: DEADLINE,
  maxBytes: MOST_BYTES,
  // Not `false`, which hands a redirect's body out as if it were an answer: none is allowed, and one is an error.
  redirects: 0,
  redirect303: true,
});

/** simple-oauth2 set up for one client of one provider. Endpoints are whole URLs, so that no path of them is lost. */
export const library = (provider: Provider, client: ClientCredentials, guards: OAuthGuards) =>
  new AuthorizationCode({
    client: { id: client.id, secret: client.secret.reveal() },
    auth: {
      tokenHost: new URL(provider.tokenEndpoint).origin,
      tokenPath: provider.tokenEndpoint,
      refreshPath: provider.tokenEndpoint,
      ...(provider.revocation.kind === 'rfc7009' && { revokePath: provider.revocation.endpoint }),
    },
    options: {
      authorizationMethod: provider.clientAuthentication === 'basic' ? 'header' : 'body',
      bodyFormat: 'form',
      credentialsEncodingMode: 'strict',
    },
    http: http(guards(provider.allowAddresses).lookup),
  });

/** Ends the wait for a call as a whole; the library's own timeouts count headers and body apart. */
export const withinDeadline = async <T>(call: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlinePassed()), DEADLINE);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
};

/** Looks to `faultOf` like the library's own timeout. */
class DeadlinePassed extends Error {
  readonly isBoom = true;
  readonly output = { statusCode: 504 };
}
