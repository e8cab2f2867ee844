import type { AuthorizationCode } from 'simple-oauth2';
import type { Secret } from '../domain/secret.js';
import type { Provider } from './provider.js';
import { errorCodeIn } from './refusal.js';
import type { RevocationOutcome } from './token-outcome.js';
import { answerIn } from './token-request-failure.js';

/** What a code means of a token that was to be revoked. */
const meaningOf = (code: string | null): RevocationOutcome => {
  // Servers that do not follow §2.2 answer so for a token that they do not know any more. Whether that is so, they alone can tell.
  if (code === 'invalid_token' || code === 'invalid_grant') return 'asked';
  return code === 'unsupported_token_type' ? 'unsupported' : 'failed';
};

/** RFC 7009 §2.2: what counts is the status, whatever the body is; an empty one is the rule. */
const outcomeOf = (error: unknown, provider: Provider): RevocationOutcome => {
  const answer = answerIn(error);
  if (answer === null) return 'failed';
  if (answer.status < 300) return 'revoked';
  if (answer.status >= 500 || answer.status === 429) return 'failed';
  return meaningOf(errorCodeIn(answer.body, provider));
};

/** Some servers refuse with 200. */
const refusalIn = (body: unknown, provider: Provider): string | null =>
  typeof body === 'object' && body !== null && 'error' in body && body.error
    ? errorCodeIn(body, provider)
    : null;

/**
 * Asks the server to take one token back. `oauth` is made inside, since settings it refuses are quoted in its error, secret and
 * all; `within` is the deadline of the request.
 */
export const revokeOne =
  (oauth: () => AuthorizationCode, provider: Provider, within: <T>(request: Promise<T>) => Promise<T>) =>
  async (kind: 'refresh_token' | 'access_token', token: Secret): Promise<RevocationOutcome> => {
    try {
      const held = oauth().createToken({ [kind]: token.reveal() });
      // Its types tell of no answer.
      const body: unknown = await within(held.revoke(kind));
      const refusal = refusalIn(body, provider);
      return refusal === null ? 'revoked' : meaningOf(refusal);
    } catch (error) {
      return outcomeOf(error, provider);
    }
  };

/**
 * What counts is the refresh token, where there is one, which is asked about first: an access token of a kind that cannot be revoked (§2.2.1) dies by itself once
 * that is gone, and while it stays new ones can be had by it.
 */
export const altogether = (
  refresh: RevocationOutcome | null,
  access: RevocationOutcome,
): RevocationOutcome => (refresh === 'failed' || access === 'failed' ? 'failed' : (refresh ?? access));
