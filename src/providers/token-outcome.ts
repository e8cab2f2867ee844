import type { TokenSet } from '../domain/connection.js';
import type { Secret } from '../domain/secret.js';
import type { ClientCredentials, Provider } from './provider.js';

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

export type TokenOutcome = { readonly kind: 'tokens'; readonly tokens: TokenSet } | TokenFailure;

/**
 * What became of a revocation: `asked` where the server says that it does not know the token (any more); `unsupported` when the provider
 * has no such endpoint.
 */
export type RevocationOutcome = 'revoked' | 'asked' | 'unsupported' | 'failed';

/** The OAuth 2.0 client. It validates everything it receives and never throws for what a server does. */
export interface Authorizer {
  /** The authorization request (RFC 6749 §4.1.1); `challenge` is PKCE's S256 (RFC 7636 §4.2) or null. */
  authorizationUrl(
    provider: Provider,
    client: ClientCredentials,
    request: {
      readonly state: Secret;
      readonly redirectUri: string;
      readonly verifier: Secret | null;
      readonly scopes: readonly string[];
      readonly selectAccount: boolean;
    },
  ): string;
  redeem(
    provider: Provider,
    client: ClientCredentials,
    grant: { readonly code: Secret; readonly redirectUri: string; readonly verifier: Secret | null },
  ): Promise<TokenOutcome>;
  /** RFC 6749 §6. Keeps the old refresh token when none is sent; fails as `invalid-grant` without one. */
  refresh(
    provider: Provider,
    client: ClientCredentials,
    tokens: TokenSet,
    redirectUri: string,
  ): Promise<TokenOutcome>;
  /** RFC 7009: the refresh token first, then the access token. */
  revoke(provider: Provider, client: ClientCredentials, tokens: TokenSet): Promise<RevocationOutcome>;
}

/** Judges answers of token endpoints without asking for them. */
export interface TokenJudge {
  /**
   * What we would make of a token endpoint's answer: `body` is the object in it, null where there is none. The dry run asks the very judge
   * that consents and refreshes ask.
   */
  judge(
    provider: Provider,
    answer: { readonly status: number; readonly retryAfter: string | null; readonly text: string },
  ): { readonly body: Readonly<Record<string, unknown>> | null; readonly outcome: TokenOutcome };
}
