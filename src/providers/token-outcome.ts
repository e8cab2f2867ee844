import type { TokenSet } from '../domain/connection.js';
import type { Secret } from '../domain/secret.js';

/**
 * What went wrong at a token endpoint, as a closed set. `code` is the server's own, already translated to RFC 6749's.
 *
 * `invalid-grant`: this grant is dead, in whatever words the server has for it. `invalid-client`: it is about our registration; only the
 * code `invalid_client` says that our credentials are wrong. `refused`: a refusal that leaves open why. `rate-limited`: too many
 * requests; seconds to wait. `unreachable`: nothing was said about the grant: no answer, or (`answered`) a 5xx or a page; `refusal` is
 * one that has a refusal's status or words all the same. `protocol-error`: an answer that is none.
 */
export type TokenFailure =
  | { readonly kind: 'invalid-grant'; readonly code: string }
  | { readonly kind: 'invalid-client'; readonly code: string }
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | {
      readonly kind: 'unreachable';
      readonly code: string;
      readonly answered?: true;
      readonly refusal?: true;
      /** Seconds, where the server said when to ask again. */
      readonly retryAfter?: number;
    }
  | { readonly kind: 'protocol-error'; readonly code: string };

/** `answer` is the whole token answer as JSON, tokens and all: what else it says is looked up in it. Absent where there was none to look at. */
export type TokenOutcome =
  | { readonly kind: 'tokens'; readonly tokens: TokenSet; readonly answer?: Secret }
  | TokenFailure;

/**
 * What became of a revocation: `asked` where the server says that it does not know the token (any more); `unsupported` when the provider
 * has no such endpoint.
 */
export type RevocationOutcome = 'revoked' | 'asked' | 'unsupported' | 'failed';
