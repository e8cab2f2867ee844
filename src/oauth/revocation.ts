import type { AuthorizationCode } from 'simple-oauth2';
import type { RevocationOutcome } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import type { Secret } from '../domain/secret.js';
import { answerIn } from './failure.js';
import { errorCodeIn } from './refusal.js';

/** RFC 7009 §2.2: what counts is the status, whatever the body is; an empty one is the rule. */
const outcomeOf = (error: unknown, provider: Provider): RevocationOutcome => {
  const answer = answerIn(error);
  if (answer === null) return 'failed';
  if (answer.status < 300) return 'revoked';
  if (answer.status >= 500 || answer.status === 429) return 'failed';
  const code = errorCodeIn(answer.body, provider);
  // Servers that do not follow §2.2 answer so for a token that is dead already.
  if (code === 'invalid_token' || code === 'invalid_grant') return 'revoked';
  return code === 'unsupported_token_type' ? 'unsupported' : 'failed';
};

/**
 * Asks the server to take one token back. `oauth` is made inside, since settings it refuses are quoted in its error, secret and
 * all; `within` is the deadline of the request.
 */
export const revokeOne =
  (oauth: () => AuthorizationCode, provider: Provider, within: <T>(request: Promise<T>) => Promise<T>) =>
  async (kind: 'refresh_token' | 'access_token', token: Secret): Promise<RevocationOutcome> => {
    try {
      const held = oauth().createToken({ [kind]: token.reveal() });
      await within(held.revoke(kind));
      return 'revoked';
    } catch (error) {
      return outcomeOf(error, provider);
    }
  };

/**
 * What counts is the refresh token, where there is one: an access token of a kind that cannot be revoked (§2.2.1) dies by itself once
 * that is gone, and while it stays new ones can be had by it.
 */
export const altogether = (
  refresh: RevocationOutcome | null,
  access: RevocationOutcome,
): RevocationOutcome => (refresh === 'failed' || access === 'failed' ? 'failed' : (refresh ?? access));
