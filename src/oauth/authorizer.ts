import type { Authorizer, Clock, TokenOutcome } from '../domain/ports.js';
import type { ClientCredentials, Provider } from '../domain/provider.js';
import type { Secret } from '../domain/secret.js';
import { authorizationUrl } from './authorization-url.js';
import { library, type OAuthGuards, withinDeadline } from './library.js';
import { silence } from './quiet.js';
import { revoker } from './revoke.js';
import { tokensOf } from './token-answer.js';
import { failureOf, faultOf } from './token-failure.js';

/** What the OAuth client needs. */
export interface AuthorizerOptions {
  readonly clock: Clock;
  readonly guards: OAuthGuards;
}

/**
 * The OAuth 2.0 client: simple-oauth2 with everything it leaves to its caller. Only the code flow, one way of authenticating,
 * no redirects, and every answer validated before it is believed.
 */
export const authorizer = ({ clock, guards }: AuthorizerOptions): Authorizer => {
  silence();

  /** One token request. `send` gives the payload; what it throws is read for its meaning and forgotten. */
  const request = async (
    provider: Provider,
    client: ClientCredentials,
    old: Secret | null,
    send: (oauth: ReturnType<typeof library>) => Promise<{ readonly token: Record<string, unknown> }>,
  ): Promise<TokenOutcome> => {
    if (guards(provider.allowAddresses).refuses(new URL(provider.tokenEndpoint))) {
      return { kind: 'protocol-error', code: 'address-refused' };
    }
    const issuedAt = clock.now();
    try {
      const { token } = await withinDeadline(send(library(provider, client, guards)));
      return tokensOf(token, provider, issuedAt, old);
    } catch (error) {
      return failureOf(faultOf(error), provider, clock.now());
    }
  };

  return {
    authorizationUrl,

    redeem: (provider, client, { code, redirectUri, verifier }) =>
      request(provider, client, null, (oauth) => {
        const parameters = {
          grant_type: provider.grantTypes.authorizationCode,
          code: code.reveal(),
          redirect_uri: redirectUri,
          ...(provider.pkce === 'S256' && verifier !== null && { code_verifier: verifier.reveal() }),
        };
        return oauth.getToken(parameters);
      }),

    refresh: async (provider, client, tokens, redirectUri) => {
      const { refreshToken } = tokens;
      if (refreshToken === null) return { kind: 'invalid-grant', code: 'no_refresh_token' };
      return request(provider, client, refreshToken, (oauth) => {
        const parameters: { grant_type: string; redirect_uri?: string; scope?: string } = {
          grant_type: provider.grantTypes.refreshToken,
          ...(provider.refreshSendsRedirectUri && { redirect_uri: redirectUri }),
        };
        return oauth.createToken({ refresh_token: refreshToken.reveal() }).refresh(parameters);
      });
    },

    revoke: revoker(guards),
  };
};
