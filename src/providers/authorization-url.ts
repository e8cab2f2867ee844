import { createHash } from 'node:crypto';
import type { AuthorizationCode } from 'simple-oauth2';
import type { Secret } from '../domain/secret.js';
import type { Provider } from './provider.js';
import type { Authorizer } from './token-outcome.js';

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

const wordsOf = (prompt: string | undefined): readonly string[] => prompt?.match(/\S+/g) ?? [];

/**
 * What the server is to ask (OpenID Connect Core 1.0 §3.1.2.1): what the record always wants, and beside it which account. Google gives
 * no second refresh token without `consent`. `none` goes with nothing else.
 */
const promptOf = (always: string | undefined, now: string | undefined): string | undefined => {
  const words = [...new Set([...wordsOf(always), ...wordsOf(now)])];
  const asking = words.length > 1 ? words.filter((word) => word !== 'none') : words;
  return asking.length === 0 ? undefined : asking.join(' ');
};

/** The authorization request (RFC 6749 §4.1.1). A query that the endpoint has already is kept (§3.1). */
export const authorizationUrl = (
  oauth: AuthorizationCode,
  provider: Provider,
  request: Parameters<Authorizer['authorizationUrl']>[2],
): string => {
  const selecting = request.selectAccount ? provider.selectAccountParameters : {};
  const prompt = promptOf(provider.authorizationParameters.prompt, selecting.prompt);
  const theirs = {
    ...provider.authorizationParameters,
    ...selecting,
    ...(prompt !== undefined && { prompt }),
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
