import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Provider as AuthorizationServer } from 'oidc-provider';
import { Secret } from '../../src/domain/secret.js';
import type { Provider } from '../../src/providers/provider.js';
import { providerFixture } from './provider-fixture.js';

/** What a test may choose; the rest is a server as strict as RFC 9700 wants it. */
export interface OidcOptions {
  readonly redirectUris: readonly string[];
  readonly people?: readonly string[];
  readonly clientAuthentication?: 'basic' | 'body';
  readonly clientSecret?: string;
  /** Seconds an access token lives. */
  readonly accessTokenLife?: number;
  /** People's e-mail addresses, and whether the server says that it verified them. */
  readonly emails?: Readonly<Record<string, { readonly email: string; readonly email_verified: unknown }>>;
}

/** A certified authorization server on loopback: PKCE required, refresh tokens rotated and their reuse detected, `iss` sent. */
export interface OidcServer {
  readonly issuer: string;
  readonly client: { readonly id: string; readonly secret: Secret };
  /** `METHOD /path` of every request, oldest first. */
  readonly requests: string[];
  /** Our record of this server, complete. */
  provider(given?: Partial<Provider>): Provider;
  /** Plays one person's browser: opens the authorization request, signs in and consents. Null says no. Returns the callback. */
  consent(authorizationUrl: string, person: string | null): Promise<URL>;
  close(): Promise<void>;
}

// Reserved characters of every kind, which Basic has to encode (RFC 6749 §2.3.1).
const SECRET = 'se:cr et+%&=~';

const configuration = (options: OidcOptions, secret: string) => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const { clientAuthentication: how = 'basic', accessTokenLife: life = 600 } = options;
  const client = {
    client_id: 'oriel',
    client_secret: secret,
    redirect_uris: options.redirectUris,
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: how === 'basic' ? 'client_secret_basic' : 'client_secret_post',
    id_token_signed_response_alg: 'ES256',
  };
  return {
    clients: [client],
    jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' }] },
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      revocation: { enabled: true },
      rpInitiatedLogout: { enabled: false },
    },
    cookies: { keys: ['oidc-test-cookie-key'] },
    interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email', 'email_verified'] },
    scopes: ['openid', 'profile', 'email', 'offline_access'],
    findAccount: (_: unknown, id: string) => ({
      accountId: id,
      claims: () => ({ sub: id, name: `${id} Example`, preferred_username: id, ...options.emails?.[id] }),
    }),
    issueRefreshToken: () => true,
    rotateRefreshToken: true,
    ttl: {
      AccessToken: life,
      AuthorizationCode: 60,
      Grant: 3600,
      IdToken: 600,
      Interaction: 600,
      RefreshToken: 3600,
      Session: 3600,
    },
  };
};

/** One page for signing in and consenting: a button for each person, and one that says no. */
const page = (people: readonly string[]): string =>
  `<!doctype html><title>Sign in</title><form method="post">${[...people, '']
    .map((person) => `<button name="person" value="${person}">${person || 'No'}</button>`)
    .join(' ')}</form>`;

const interaction = (server: AuthorizationServer, people: readonly string[]) => {
  const finish = async (request: IncomingMessage, response: ServerResponse) => {
    const { params } = await server.interactionDetails(request, response);
    const person = new URLSearchParams(await text(request)).get('person') ?? '';
    if (!people.includes(person)) {
      return server.interactionFinished(request, response, { error: 'access_denied' });
    }
    const grant = new server.Grant({ accountId: person, clientId: params.client_id ?? '' });
    grant.addOIDCScope(params.scope ?? '');
    const grantId = await grant.save();
    await server.interactionFinished(request, response, {
      login: { accountId: person },
      consent: { grantId },
    });
  };
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    if (request.method === 'POST') return finish(request, response);
    response.writeHead(200, { 'content-type': 'text/html' }).end(page(people));
  };
};

/** Follows a browser's way until it leaves the server; cookies are kept as long as the walk lasts. */
const walk = async (start: string, origin: string, person: string | null): Promise<URL> => {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let method = 'GET';
  for (let step = 0; step < 20; step += 1) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const body = method === 'POST' ? new URLSearchParams({ person: person ?? '' }) : null;
    const response = await fetch(url, { method, body, redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', value = ''] = pair.split('=');
      if (value === '') cookies.delete(name);
      else cookies.set(name, value);
    }
    const location = response.headers.get('location');
    if (location === null && response.status !== 200)
      throw new Error(`${url.pathname}: ${await response.text()}`);
    await response.body?.cancel();
    method = location === null ? 'POST' : 'GET';
    url = location === null ? url : new URL(location, url);
    if (url.origin !== origin) return url;
  }
  throw new Error('the walk does not end');
};

const recordOf = (issuer: string, client: OidcServer['client'], how: 'basic' | 'body'): Provider =>
  providerFixture({
    id: 'oidc',
    origin: issuer,
    name: 'Example accounts',
    issuer,
    issRequired: true,
    authorizationEndpoint: `${issuer}/auth`,
    revocation: { kind: 'rfc7009', endpoint: `${issuer}/token/revocation` },
    api: issuer,
    clientAuthentication: how,
    account: { target: '/me', format: 'json', id: 'sub', label: 'preferred_username,name,sub' },
    scopes: ['openid', 'profile'],
    selectAccountParameters: { prompt: 'login' },
    allowAddresses: ['127.0.0.0/8', '::1/128'],
    client,
  });

/** Starts the server on a free port of loopback. */
export const startOidc = async (options: OidcOptions): Promise<OidcServer> => {
  const http = createServer();
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const secret = options.clientSecret ?? SECRET;
  const server = new AuthorizationServer(issuer, configuration(options, secret));
  const interact = interaction(server, options.people ?? ['alice', 'bob']);
  const answer = server.callback();
  const requests: string[] = [];
  http.on('request', (request, response) => {
    const { pathname } = new URL(request.url ?? '/', issuer);
    requests.push(`${request.method} ${pathname}`);
    if (!pathname.startsWith('/interaction/')) return answer(request, response);
    interact(request, response).catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  const client = { id: 'oriel', secret: new Secret(secret) };
  return {
    issuer,
    client,
    requests,
    provider: (given = {}) => ({
      ...recordOf(issuer, client, options.clientAuthentication ?? 'basic'),
      ...given,
    }),
    consent: (url, person) => walk(url, issuer, person),
    async close() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
};
