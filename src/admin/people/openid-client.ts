import type * as openid from 'openid-client';
import type { AllowList, Handshake, Identity, IdentityProvider } from '../../domain/administrator-sign-in.js';
import { AppError } from '../../domain/errors.js';
import type { Clock } from '../../domain/system.js';
import type { AddressGuard } from '../../net/address-guard.js';
import { guardedFetch } from '../../net/guarded-fetch.js';
import { isProxyCode } from '../../net/network-failure.js';
import type { ClientCredentials } from '../../providers/provider.js';

/** Seconds that our clock and the identity provider's may be apart. */
const LEEWAY = 30;
/** Seconds that a sign-in may take in all. */
const LONGEST = 600;
const TIME_LIMIT = 10;

/** An identity provider, and our registration with it. */
export interface IdentityProviderSetup {
  readonly issuer: string;
  readonly name: string;
  readonly client: ClientCredentials;
  readonly scopes: readonly string[];
  readonly allow: AllowList;
  readonly redirectUri: string;
}

/** A word for the log: what the library or the server calls it, never what it was about. */
const wordOf = (error: unknown): string => {
  if (!(error instanceof Error)) return 'unknown';
  for (let each: unknown = error; each instanceof Error; each = each.cause)
    if ('code' in each && isProxyCode(each.code)) return each.code;
  const { error: said, code, name }: { error?: unknown; code?: unknown; name: string } = error;
  return (
    [said, code, name].find((word) => typeof word === 'string' && /^[\w-]{1,80}$/.test(word))?.toString() ??
    'unknown'
  );
};

const failed = (error: unknown): AppError =>
  wordOf(error) === 'access_denied'
    ? new AppError('sign_in_failed', 'The sign-in was canceled. Nothing was changed.', 'access_denied')
    : new AppError(
        'sign_in_failed',
        'The response does not prove who you are. Start again.',
        `The identity provider’s response was not accepted: ${wordOf(error)}.`,
      );

type Library = typeof openid;

/** The library, loaded when it is first needed, and what it knows of the server. */
interface Server {
  readonly openid: Library;
  readonly server: openid.Configuration;
}

/** RFC 6749 §2.3.1: Basic, unless the server says that it cannot. */
const authenticationOf = (
  openid: Library,
  methods: readonly string[] | undefined,
  secret: string,
): openid.ClientAuth =>
  methods === undefined || methods.includes('client_secret_basic')
    ? openid.ClientSecretBasic(secret)
    : openid.ClientSecretPost(secret);

const configured = async (
  { issuer, client }: IdentityProviderSetup,
  fetch: openid.CustomFetch,
): Promise<Server> => {
  const openid = await import('openid-client');
  const url = new URL(issuer);
  // The configuration takes plain http on loopback alone.
  const execute = url.protocol === 'http:' ? [openid.allowInsecureRequests] : [];
  const found = await openid.discovery(url, client.id, undefined, undefined, {
    execute,
    timeout: TIME_LIMIT,
    [openid.customFetch]: fetch,
  });
  const server = found.serverMetadata();
  const methods = server.token_endpoint_auth_methods_supported;
  const ours = new openid.Configuration(
    server,
    client.id,
    undefined,
    authenticationOf(openid, methods, client.secret.reveal()),
  );
  ours.timeout = TIME_LIMIT;
  ours[openid.customFetch] = fetch;
  for (const allow of execute) allow(ours);
  // The ID token's signature too, not only the connection it came over (OpenID Connect Core §3.1.3.7).
  openid.enableNonRepudiationChecks(ours);
  return { openid, server: ours };
};

/** The verified address, from the ID token or, where that does not have it, the UserInfo endpoint. */
const emailOf = async (
  { openid, server }: Server,
  tokens: Awaited<ReturnType<Library['authorizationCodeGrant']>>,
  claims: openid.IDToken,
): Promise<string | null> => {
  const asks = claims.email === undefined && server.serverMetadata().userinfo_endpoint !== undefined;
  const source = asks ? await openid.fetchUserInfo(server, tokens.access_token, claims.sub) : claims;
  // `true` alone: some servers write what people typed, and say so.
  return source.email_verified === true && typeof source.email === 'string' ? source.email : null;
};

/**
 * Signing in by OpenID Connect: the code flow with PKCE, `state` and `nonce`. The server's metadata is read when it is first needed,
 * and kept. `guard` gives the one in force.
 */
export class OpenIdProvider implements IdentityProvider {
  readonly issuer: string;
  readonly name: string;
  readonly allow: AllowList;
  readonly #setup: IdentityProviderSetup;
  readonly #clock: Clock;
  readonly #fetch: openid.CustomFetch;
  #reading: Promise<Server> | null = null;

  constructor(
    setup: IdentityProviderSetup,
    { clock, guard }: { readonly clock: Clock; readonly guard: () => AddressGuard },
  ) {
    this.issuer = setup.issuer;
    this.name = setup.name;
    this.allow = setup.allow;
    this.#setup = setup;
    this.#clock = clock;
    this.#fetch = guardedFetch(guard, TIME_LIMIT * 1000);
  }

  async startSignIn(again: boolean): Promise<{ readonly url: string; readonly handshake: Handshake }> {
    const { openid, server } = await this.#server();
    const handshake: Handshake = {
      state: openid.randomState(),
      nonce: openid.randomNonce(),
      verifier: openid.randomPKCECodeVerifier(),
      startedAt: this.#clock.now(),
      again,
    };
    const url = openid.buildAuthorizationUrl(server, {
      redirect_uri: this.#setup.redirectUri,
      scope: this.#setup.scopes.join(' '),
      state: handshake.state,
      nonce: handshake.nonce,
      code_challenge: await openid.calculatePKCECodeChallenge(handshake.verifier),
      code_challenge_method: 'S256',
      ...(again && { prompt: 'login', max_age: '0' }),
    });
    return { url: url.href, handshake };
  }

  async finishSignIn(parameters: URLSearchParams, handshake: Handshake): Promise<Identity> {
    try {
      return await this.#prove(parameters, handshake);
    } catch (error) {
      throw error instanceof AppError ? error : failed(error);
    }
  }

  async #server(): Promise<Server> {
    this.#reading ??= configured(this.#setup, this.#fetch);
    try {
      return await this.#reading;
    } catch (error) {
      this.#reading = null;
      throw new AppError(
        'provider_failed',
        `${this.name} can’t be reached right now. Try again, or sign in with a password.`,
        `The metadata of ${this.issuer} cannot be used: ${wordOf(error)}.`,
      );
    }
  }

  async #prove(parameters: URLSearchParams, handshake: Handshake): Promise<Identity> {
    const found = await this.#server();
    const { openid, server } = found;
    const back = new URL(this.#setup.redirectUri);
    back.search = parameters.toString();
    const tokens = await openid.authorizationCodeGrant(server, back, {
      expectedState: handshake.state,
      expectedNonce: handshake.nonce,
      pkceCodeVerifier: handshake.verifier,
      // Sent as 0, no one who reads the page they consent on could be fast enough; it is compared with the start below.
      ...(handshake.again && { maxAge: LONGEST }),
    });
    const claims = tokens.claims();
    if (claims === undefined) throw new Error('no ID token');
    // A session from before confirms nothing about who sits here now.
    if (handshake.again && !((claims.auth_time ?? 0) + LEEWAY >= handshake.startedAt / 1000))
      throw new AppError(
        'sign_in_failed',
        `${this.name} did not ask you again who you are. Sign out there, then try again.`,
        'Asked with prompt=login and max_age=0, the identity provider returned an older auth_time.',
      );
    return { subject: claims.sub, email: await emailOf(found, tokens, claims) };
  }
}
