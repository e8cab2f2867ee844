import { createHash } from 'node:crypto';
import type { AccessToken, AuthorizationCode } from 'simple-oauth2';
import type { TokenSet } from '../domain/connection.js';
import type { Data } from '../domain/data.js';
import { parseUrl } from '../domain/parse-url.js';
import { refusalIn as ruleRefusal } from '../domain/refusal-rule.js';
import type { Secret } from '../domain/secret.js';
import type { Clock, Journal } from '../domain/system.js';
import type { AddressGuard, AddressGuards } from '../net/address-guard.js';
import { bodyIn } from '../net/answer-body.js';
import { within } from '../net/deadline.js';
import { exchange } from '../net/probe-connection.js';
import { type CodeResponse, clientGrant, clientIn, codeGrant, targetOf } from './grant-forms.js';
import { oauthClient, quietDebug, RedirectSeen } from './oauth-client.js';
import {
  type ClientCredentials,
  type Provider,
  type RevocationRequest,
  refreshEndpointOf,
} from './provider.js';
import { revocationSending, revocationStatus } from './revocation-request.js';
import { answerIn, failureIn, judgeAnswer } from './token-answer.js';
import { errorCodeIn, isRecord } from './token-endpoint-errors.js';
import type { RevocationOutcome, TokenFailure, TokenOutcome } from './token-outcome.js';

/** What the flow settles; a provider's record cannot say otherwise. */
const OURS = new Set([
  'client_id',
  'redirect_uri',
  'response_type',
  'state',
  'scope',
  'code_challenge',
  'code_challenge_method',
  'nonce',
]);

/** PKCE's S256 challenge (RFC 7636 §4.2). */
const challengeOf = (verifier: Secret): string =>
  createHash('sha256').update(verifier.reveal()).digest('base64url');

const expectsIdToken = ({ account }: Provider): boolean =>
  account !== 'none' && 'from' in account && account.from === 'id-token';

/** Which consent an id token has to be of (OpenID Connect Core 1.0 §3.1.2.1): it follows from `state`, which only that consent knows. */
export const nonceOf = (state: string): string =>
  createHash('sha256').update(`oriel nonce ${state}`).digest('base64url');

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

/** What an authorization request says beside what the provider's record settles. */
interface AuthorizationRequest {
  readonly state: Secret;
  readonly redirectUri: string;
  /** PKCE's (RFC 7636 §4.1), or null. */
  readonly verifier: Secret | null;
  readonly scopes: readonly string[];
  readonly selectAccount: boolean;
}

/** The authorization request (RFC 6749 §4.1.1). A query that the endpoint has already is kept (§3.1). */
const authorizationUrl = (
  oauth: AuthorizationCode,
  provider: Provider,
  request: AuthorizationRequest,
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
    ...targetOf(provider),
    redirect_uri: request.redirectUri,
    state: request.state.reveal(),
    ...(expectsIdToken(provider) && { nonce: nonceOf(request.state.reveal()) }),
    ...(request.scopes.length > 0 && { scope: [...request.scopes] }),
    ...(provider.pkce === 'S256' &&
      request.verifier !== null && {
        code_challenge: challengeOf(request.verifier),
        code_challenge_method: 'S256',
      }),
  });
};

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

interface Revoking {
  readonly oauth: () => AuthorizationCode;
  readonly provider: Provider;
  readonly timeLimit: number;
}

/**
 * Asks the server to take one token back. `oauth` is made inside, since settings it refuses are quoted in its error, secret and
 * all; `timeLimit` is for the request, in milliseconds.
 */
const revokeOne = async (
  { oauth, provider, timeLimit }: Revoking,
  kind: 'refresh_token' | 'access_token',
  token: Secret,
): Promise<RevocationOutcome> => {
  try {
    const held = oauth().createToken({ [kind]: token.reveal() });
    // Its types tell of no answer.
    const body: unknown = await within(timeLimit, held.revoke(kind));
    const refusal = refusalIn(body, provider);
    return refusal === null ? 'revoked' : meaningOf(refusal);
  } catch (error) {
    return outcomeOf(error, provider);
  }
};

/** An address without what may repeat the request. */
const placeIn = (location: string | null): string | null => {
  const url = location === null ? null : parseUrl(location);
  return url && `${url.origin}${url.pathname}`.slice(0, 200);
};

/** As `revokeOne`, by a request of the provider's own kind. */
const revokeByRequest = async (
  provider: Provider,
  revocation: RevocationRequest,
  { client, guard, timeLimit }: { client: ClientCredentials; guard: AddressGuard; timeLimit: number },
  token: Secret,
): Promise<{ readonly outcome: RevocationOutcome; readonly redirectedTo: string | null }> => {
  const request = revocationSending(provider, revocation, client, token);
  if (request === null) return { outcome: 'failed', redirectedTo: null };
  const answer = await exchange(request.url, request.sending, guard, timeLimit);
  if (answer.kind === 'none') return { outcome: 'failed', redirectedTo: null };
  const body = bodyIn(answer.text);
  const said = revocationStatus(revocation, answer);
  const redirectedTo = answer.status >= 300 && answer.status < 400 ? placeIn(answer.location) : null;
  if (said === 'gone') return { outcome: 'asked', redirectedTo };
  const code = refusalCodeIn(body, provider);
  if (said === 'done') return { outcome: code === null ? 'revoked' : meaningOf(code), redirectedTo };
  const isPassing = answer.status >= 500 || answer.status === 429;
  return { outcome: isPassing || code === null ? 'failed' : meaningOf(code), redirectedTo };
};

/** The code by which a body refuses, as RFC 6749 has it or as the record says of this API; null where it does neither. */
const refusalCodeIn = (body: unknown, provider: Provider): string | null => {
  const { refused } = provider;
  if (!isRecord(body)) return null;
  const declared = refused && ruleRefusal(body as Data, refused);
  if (!declared) return refusalIn(body, provider);
  return declared.kind === 'expired' ? 'invalid_token' : (errorCodeIn(body, provider) ?? 'refused');
};

/**
 * What counts is the refresh token, where there is one, which is asked about first: an access token of a kind that cannot be revoked (§2.2.1) dies by itself once
 * that is gone, and while it stays new ones can be had by it.
 */
const altogether = (refresh: RevocationOutcome | null, access: RevocationOutcome): RevocationOutcome =>
  refresh === 'failed' || access === 'failed' ? 'failed' : (refresh ?? access);

/** What the client needs from outside. `timeLimit` is for one request, in milliseconds. */
export interface AuthorizerDeps {
  readonly clock: Pick<Clock, 'now'>;
  readonly guards: Pick<AddressGuards, 'for'>;
  /** Gets why a revocation failed that was redirected. */
  readonly journal?: Pick<Journal, 'warn'>;
  readonly timeLimit?: number;
}

/** Shorter than the lease under which tokens are refreshed, so that no two requests for one grant overlap. */
const TIME_LIMIT = 10_000;

const NOT_CALLABLE: TokenFailure = { kind: 'unreachable', code: 'address-refused' };

/**
 * The OAuth 2.0 client: simple-oauth2, with everything that goes in and everything that comes out checked. It never throws for what a
 * server does.
 */
export class Authorizer {
  readonly #deps: AuthorizerDeps;
  readonly #timeLimit: number;

  constructor(deps: AuthorizerDeps) {
    quietDebug();
    this.#deps = deps;
    this.#timeLimit = deps.timeLimit ?? TIME_LIMIT;
  }

  /** The authorization request (RFC 6749 §4.1.1), with PKCE's S256 challenge (RFC 7636 §4.2) where the provider takes it. */
  authorizationUrl(provider: Provider, { id }: ClientCredentials, request: AuthorizationRequest): string {
    const oauth = oauthClient(provider, { id, secret: '' }, this.#deps.guards.for(provider), this.#timeLimit);
    return authorizationUrl(oauth, provider, request);
  }

  /** Redeems the code of an authorization response (RFC 6749 §4.1.3). */
  redeem(provider: Provider, client: ClientCredentials, response: CodeResponse): Promise<TokenOutcome> {
    return this.#request(provider, { at: provider.tokenEndpoint, former: null }, (redirect) =>
      this.#clientOf(provider, client, redirect).getToken(codeGrant(provider, client, response)),
    );
  }

  /** Access for the client itself, and no one's account (RFC 6749 §4.4). */
  grantToClient(provider: Provider, client: ClientCredentials): Promise<TokenOutcome> {
    return this.#request(provider, { at: provider.tokenEndpoint, former: null }, (redirect) =>
      this.#clientOf(provider, client, redirect).getToken(clientGrant(provider, client)),
    );
  }

  /** RFC 6749 §6. Keeps the old refresh token when none is sent; fails as `invalid-grant` without one. */
  async refresh(
    provider: Provider,
    client: ClientCredentials,
    { refreshToken }: TokenSet,
    redirectUri: string,
  ): Promise<TokenOutcome> {
    if (refreshToken === null) return { kind: 'invalid-grant', code: 'no_refresh_token' };
    const at = refreshEndpointOf(provider);
    return this.#request(provider, { at, former: refreshToken }, (redirect) => {
      const held = this.#clientOf(provider, client, redirect).createToken({
        refresh_token: refreshToken.reveal(),
      });
      const grant: Record<string, string> = {
        ...provider.refreshParameters,
        grant_type: provider.grantTypes.refreshToken,
        ...(provider.refreshSendsRedirectUri && { redirect_uri: redirectUri }),
        ...targetOf(provider),
        ...clientIn(provider, client.id),
      };
      return held.refresh(grant);
    });
  }

  /** RFC 7009: the refresh token first, then the access token. */
  async revoke(provider: Provider, client: ClientCredentials, tokens: TokenSet): Promise<RevocationOutcome> {
    const { accessToken, refreshToken } = tokens;
    const { guards } = this.#deps;
    const { revocation } = provider;
    if (revocation.kind === 'none') return 'unsupported';
    if (revocation.kind === 'request') return this.#revokeByRequest(provider, revocation, client, tokens);
    if (guards.for(provider).refuses(new URL(revocation.endpoint))) return 'failed';
    const redirect = new RedirectSeen(revocation.endpoint);
    const revoking = {
      oauth: () => this.#clientOf(provider, client, redirect),
      provider,
      timeLimit: this.#timeLimit,
    };
    const outcome = await redirect.during(async () => {
      const refreshed = refreshToken && (await revokeOne(revoking, 'refresh_token', refreshToken));
      return altogether(refreshed, await revokeOne(revoking, 'access_token', accessToken));
    });
    if (outcome === 'failed') this.#noteRedirect(provider, redirect.address, 'revocationEndpoint');
    return outcome;
  }

  /** One token after the other, where a server names both: it may invalidate tokens that it is asked about twice at once. */
  async #revokeByRequest(
    provider: Provider,
    revocation: RevocationRequest,
    client: ClientCredentials,
    { accessToken, refreshToken }: TokenSet,
  ): Promise<RevocationOutcome> {
    const context = { client, guard: this.#deps.guards.for(provider), timeLimit: this.#timeLimit };
    const one = async (token: Secret): Promise<RevocationOutcome> => {
      const { outcome, redirectedTo } = await revokeByRequest(provider, revocation, context, token);
      if (outcome === 'failed') this.#noteRedirect(provider, redirectedTo, 'revocation.url');
      return outcome;
    };
    const { tokens } = revocation;
    const refreshed = tokens !== 'access' && refreshToken !== null ? await one(refreshToken) : null;
    if (tokens === 'refresh' && refreshed !== null) return refreshed;
    return altogether(refreshed, await one(accessToken));
  }

  #noteRedirect({ id }: Provider, to: string | null, field: string): void {
    if (to === null) return;
    this.#deps.journal?.warn('revocation-redirected', {
      provider: id,
      to,
      fix: `Write that address into ${field}: a secret is never carried along.`,
    });
  }

  /**
   * What we would make of a token endpoint's answer, without asking for it: `body` is the object in it, null where there is none. The dry
   * run is judged by what consents and refreshes are judged by.
   */
  judge(
    provider: Provider,
    answer: { readonly status: number; readonly retryAfter: string | null; readonly text: string },
  ): { readonly body: Readonly<Record<string, unknown>> | null; readonly outcome: TokenOutcome } {
    const { status, retryAfter, text } = answer;
    const body = bodyIn(text);
    const headers: Record<string, string> = retryAfter === null ? {} : { 'retry-after': retryAfter };
    const asked = { at: this.#deps.clock.now(), refreshToken: null };
    const outcome = judgeAnswer({ status, headers, body }, provider, asked, this.#deps.clock.now());
    return { body: isRecord(body) ? body : null, outcome };
  }

  #clientOf(
    provider: Provider,
    { id, secret }: ClientCredentials,
    { headers }: RedirectSeen,
  ): AuthorizationCode {
    const guard = this.#deps.guards.for(provider);
    return oauthClient(provider, { id, secret: secret.reveal() }, guard, this.#timeLimit, headers);
  }

  /** One token request to `at`; `former` is the refresh token it uses, if it uses one. */
  async #request(
    provider: Provider,
    { at, former }: { readonly at: string; readonly former: Secret | null },
    send: (redirect: RedirectSeen) => Promise<AccessToken>,
  ): Promise<TokenOutcome> {
    const { clock, guards } = this.#deps;
    if (guards.for(provider).refuses(new URL(at))) return NOT_CALLABLE;
    const asked = { at: clock.now(), refreshToken: former };
    const redirect = new RedirectSeen(at);
    try {
      const { token } = await within(
        this.#timeLimit,
        redirect.during(() => send(redirect)),
      );
      return judgeAnswer({ status: 200, headers: {}, body: token }, provider, asked, clock.now());
    } catch (error) {
      const answer = answerIn(error);
      return answer === null
        ? failureIn(error, redirect.address)
        : judgeAnswer(answer, provider, asked, clock.now());
    }
  }
}
