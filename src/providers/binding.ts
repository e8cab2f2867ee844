import type { Secret } from '../domain/secret.js';
import { authorizationOf } from './pasted-token.js';
import type { Provider } from './provider.js';

/** An access token and the only origins it may be sent to: the provider's when the person agreed. */
export interface BoundToken {
  readonly token: Secret;
  readonly origins: readonly string[];
}

/**
 * The headers by which a request to `url` carries a token, as the provider's record says; null where the token is not bound to that
 * origin. The one place that puts a viewer's token on a request: whatever led here, no token leaves for an origin it is not bound to.
 */
export const bindToken = (
  { token, origins }: BoundToken,
  {
    authorizationHeader,
    tokenHeader = 'authorization',
  }: Pick<Provider, 'authorizationHeader' | 'tokenHeader'>,
  url: URL,
): Readonly<Record<string, string>> | null =>
  origins.includes(url.origin)
    ? { [tokenHeader]: authorizationOf(authorizationHeader, token.reveal()) }
    : null;
