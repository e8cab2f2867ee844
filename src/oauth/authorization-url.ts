import { createHash } from 'node:crypto';
import type { AuthorizationCode } from 'simple-oauth2';
import type { Authorizer } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import type { Secret } from '../domain/secret.js';

/** What the flow settles; a provider's record cannot say otherwise. */
const OURS = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
]);

/** PKCE's S256 challenge (RFC 7636 §4.2). */
const challengeOf = (verifier: Secret): string =>
  createHash('sha256').update(verifier.reveal()).digest('base64url');

/** The authorization request (RFC 6749 §4.1.1). A query that the endpoint has already is kept (§3.1). */
export const authorizationUrl = (
  oauth: AuthorizationCode,
  provider: Provider,
  request: Parameters<Authorizer['authorizationUrl']>[2],
): string => {
  const theirs = {
    ...provider.authorizationParameters,
    ...(request.selectAccount && provider.selectAccountParameters),
  };
  return oauth.authorizeURL({
    ...Object.fromEntries(Object.entries(theirs).filter(([name]) => !OURS.has(name))),
    redirect_uri: request.redirectUri,
    state: request.state.reveal(),
    ...(request.scopes.length > 0 && { scope: [...request.scopes] }),
    ...(provider.pkce === 'S256' &&
      request.verifier !== null && {
        code_challenge: challengeOf(request.verifier),
        code_challenge_method: 'S256',
      }),
  });
};
