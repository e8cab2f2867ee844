import { createHash } from 'node:crypto';
import { AuthorizationCode } from 'simple-oauth2';
import type { Authorizer } from '../domain/ports.js';

/** PKCE's S256 challenge (RFC 7636 §4.2); `plain` is never sent. */
export const challengeOf = (verifier: string): string =>
  createHash('sha256').update(verifier, 'ascii').digest('base64url');

/** What only this server may say; extra parameters of a provider's record never speak over it. */
const OURS = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'scope',
  'request',
  'request_uri',
]);

const isExtra = (name: string): boolean => !OURS.has(name) && !name.startsWith('code_challenge');

const extras = (...records: readonly Readonly<Record<string, string>>[]): Record<string, string> =>
  Object.fromEntries(records.flatMap((record) => Object.entries(record)).filter(([name]) => isExtra(name)));

/**
 * The authorization request (RFC 6749 §4.1.1, RFC 7636 §4.3). A query of the endpoint's own is kept; parameters without a value
 * are left out.
 */
export const authorizationUrl: Authorizer['authorizationUrl'] = (provider, client, request) => {
  const { state, redirectUri, verifier, scopes, selectAccount } = request;
  if (provider.pkce === 'S256' && verifier === null) throw new Error(`${provider.id} needs a PKCE verifier`);
  const endpoint = new URL(provider.authorizationEndpoint);
  const flow = new AuthorizationCode({
    // The front channel carries no secret, so the library gets none.
    client: { id: client.id, secret: '' },
    auth: { tokenHost: endpoint.origin, authorizePath: endpoint.href },
  });
  const challenge = provider.pkce === 'S256' && verifier !== null ? challengeOf(verifier.reveal()) : null;
  return flow.authorizeURL({
    ...extras(provider.authorizationParameters, selectAccount ? provider.selectAccountParameters : {}),
    redirect_uri: redirectUri,
    state: state.reveal(),
    ...(scopes.length > 0 && { scope: scopes.join(' ') }),
    ...(challenge !== null && { code_challenge: challenge, code_challenge_method: 'S256' }),
  });
};
