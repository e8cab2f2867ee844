import type { AccessToken, AuthorizationCode } from 'simple-oauth2';
import type { Secret } from '../domain/secret.js';
import type { Clock, Journal } from '../domain/system.js';
import type { GuardFor } from '../net/address-guard.js';
import { bodyIn } from '../net/answer-body.js';
import { deadline } from '../net/deadline.js';
import { authorizationUrl } from './authorization-url.js';
import { oauthClient } from './oauth-client.js';
import type { ClientCredentials, Provider } from './provider.js';
import { quietDebug } from './quiet-debug.js';
import { RedirectSeen } from './redirect-seen.js';
import { isRecord } from './refusal.js';
import { altogether, revokeOne } from './revocation-answer.js';
import { judgeAnswer } from './token-answer.js';
import type { Authorizer, TokenFailure, TokenJudge, TokenOutcome } from './token-outcome.js';
import { answerIn, failureIn } from './token-request-failure.js';

/** What the client needs of the world. `timeLimit` is for one request, in milliseconds. */
export interface AuthorizerPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly guardFor: GuardFor;
  /** Told why a revocation failed that was redirected. */
  readonly journal?: Pick<Journal, 'warn'>;
  readonly timeLimit?: number;
}

/** Shorter than the lease under which tokens are refreshed, so that no two requests for one grant overlap. */
const TIME_LIMIT = 10_000;

const NOT_CALLABLE: TokenFailure = { kind: 'unreachable', code: 'address-refused' };

/** The OAuth 2.0 client: simple-oauth2, with everything it is told and everything it tells checked. */
export const authorizer = ({
  clock,
  guardFor,
  journal,
  timeLimit = TIME_LIMIT,
}: AuthorizerPorts): Authorizer & TokenJudge => {
  quietDebug();
  const within = deadline(timeLimit);

  const clientOf = (
    provider: Provider,
    { id, secret }: ClientCredentials,
    { headers }: RedirectSeen,
  ): AuthorizationCode =>
    oauthClient(provider, { id, secret: secret.reveal() }, guardFor(provider), timeLimit, headers);

  /** One token request; `former` is the refresh token it uses, if it uses one. */
  const request = async (
    provider: Provider,
    former: Secret | null,
    send: (redirect: RedirectSeen) => Promise<AccessToken>,
  ): Promise<TokenOutcome> => {
    if (guardFor(provider).refuses(new URL(provider.tokenEndpoint))) return NOT_CALLABLE;
    const asked = { at: clock.now(), refreshToken: former };
    const redirect = new RedirectSeen(provider.tokenEndpoint);
    try {
      const { token } = await within(redirect.during(() => send(redirect)));
      return judgeAnswer({ status: 200, headers: {}, body: token }, provider, asked, clock.now());
    } catch (error) {
      const answer = answerIn(error);
      return answer === null
        ? failureIn(error, redirect.address)
        : judgeAnswer(answer, provider, asked, clock.now());
    }
  };

  return {
    authorizationUrl(provider, { id }, details) {
      const oauth = oauthClient(provider, { id, secret: '' }, guardFor(provider), timeLimit);
      return authorizationUrl(oauth, provider, details);
    },

    redeem: (provider, client, { code, redirectUri, verifier }) =>
      request(provider, null, (redirect) => {
        const grant = {
          grant_type: provider.grantTypes.authorizationCode,
          code: code.reveal(),
          redirect_uri: redirectUri,
          ...(provider.pkce === 'S256' && verifier !== null && { code_verifier: verifier.reveal() }),
        };
        return clientOf(provider, client, redirect).getToken(grant);
      }),

    async refresh(provider, client, { refreshToken }, redirectUri) {
      if (refreshToken === null) return { kind: 'invalid-grant', code: 'no_refresh_token' };
      return request(provider, refreshToken, (redirect) => {
        const held = clientOf(provider, client, redirect).createToken({
          refresh_token: refreshToken.reveal(),
        });
        const grant: Record<string, string> = {
          grant_type: provider.grantTypes.refreshToken,
          ...(provider.refreshSendsRedirectUri && { redirect_uri: redirectUri }),
        };
        return held.refresh(grant);
      });
    },

    judge(provider, { status, retryAfter, text }) {
      const body = bodyIn(text);
      const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': retryAfter };
      const asked = { at: clock.now(), refreshToken: null };
      const outcome = judgeAnswer({ status, headers, body }, provider, asked, clock.now());
      return { body: isRecord(body) ? body : null, outcome };
    },

    async revoke(provider, client, { accessToken, refreshToken }) {
      if (provider.revocation.kind === 'none') return 'unsupported';
      if (guardFor(provider).refuses(new URL(provider.revocation.endpoint))) return 'failed';
      const redirect = new RedirectSeen(provider.revocation.endpoint);
      const revokeThis = revokeOne(() => clientOf(provider, client, redirect), provider, within);
      const outcome = await redirect.during(async () => {
        const refreshed = refreshToken && (await revokeThis('refresh_token', refreshToken));
        return altogether(refreshed, await revokeThis('access_token', accessToken));
      });
      if (outcome === 'failed' && redirect.address !== null)
        journal?.warn('revocation-redirected', {
          provider: provider.id,
          to: redirect.address,
          fix: 'Write that address into revocationEndpoint: a secret is never carried along.',
        });
      return outcome;
    },
  };
};
