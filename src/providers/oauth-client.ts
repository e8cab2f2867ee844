import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import type * as SimpleOAuth2 from 'simple-oauth2';
import { parseUrl } from '../domain/parse-url.js';
import type { AddressGuard } from '../net/address-guard.js';
import { MOST_BYTES } from '../net/answer-body.js';
import { USER_AGENT } from '../net/user-agent.js';
import { type Provider, refreshEndpointOf } from './provider.js';

interface Debug {
  /** Turns everything off and returns what was on, in the notation of the `DEBUG` variable. */
  disable(): string;
  enable(namespaces: string): void;
}

/**
 * Keeps simple-oauth2 silent whatever `DEBUG` says: it would print client credentials, codes and refresh tokens. Other
 * packages' messages stay as they were.
 */
export const quietDebug = (): void => {
  const here = createRequire(import.meta.url);
  const debug: Debug = createRequire(here.resolve('simple-oauth2'))('debug');
  const namespaces = debug.disable();
  debug.enable([namespaces, '-simple-oauth2*'].filter(Boolean).join(','));
};

const load = createRequire(import.meta.url);

/** Read when it is first needed: it takes a tenth of a second, and most commands ask for no token. */
const library = (): typeof SimpleOAuth2 => load('simple-oauth2');

/**
 * simple-oauth2 for one provider and registration. Endpoints are whole URLs; what is no JSON comes as an error with its bytes,
 * since servers in use answer with other media types, forms and byte order marks; a redirect is an error, because
 * credentials are not sent on (RFC 9700 §4.12) and the body of a redirect must not be taken for tokens. `timeLimit` is in
 * milliseconds, for the answer's headers and again for its body; `headers` go along with each request.
 */
export const oauthClient = (
  provider: Provider,
  client: { readonly id: string; readonly secret: string },
  guard: AddressGuard,
  timeLimit: number,
  headers: Readonly<Record<string, string>> = {},
): SimpleOAuth2.AuthorizationCode => {
  const http = {
    json: 'force',
    headers: { 'User-Agent': USER_AGENT, ...headers },
    // Zero and not false, which would hand a redirect's body over as if it were the answer.
    redirects: 0,
    redirect303: true,
    timeout: timeLimit,
    maxBytes: MOST_BYTES,
    agents: guard.agents(timeLimit),
  } as const;
  const { AuthorizationCode } = library();
  return new AuthorizationCode({
    client,
    auth: {
      tokenHost: new URL(provider.tokenEndpoint).origin,
      tokenPath: provider.tokenEndpoint,
      refreshPath: refreshEndpointOf(provider),
      authorizePath: provider.authorizationEndpoint,
      ...(provider.revocation.kind === 'rfc7009' && { revokePath: provider.revocation.endpoint }),
    },
    http,
    options: {
      authorizationMethod: provider.clientAuthentication === 'body' ? 'body' : 'header',
      credentialsEncodingMode: provider.basicEncoding === 'raw' ? 'loose' : 'strict',
      bodyFormat: provider.tokenRequest ?? 'form',
      scopeSeparator: provider.scopeSeparator ?? ' ',
    },
  });
};

/*
 * simple-oauth2's HTTP client follows no redirect for us, and drops where it would have led. Node reports every answer as it comes; a
 * header says whose it is. An AsyncLocalStorage would too, but makes every promise of the process slower from its first use on (Node 20).
 */

const HEADER = 'X-Request-Id';
const underWay = new Map<string, RedirectSeen>();
let isListening = false;

const listen = (): void => {
  if (isListening) return;
  isListening = true;
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    underWay.get(String(request.getHeader(HEADER)))?.see(response);
  });
};

/** Longer addresses are nothing to copy. */
const LONGEST = 200;

/** Where a request was redirected to, which is never followed, since it carries secrets (RFC 9700 §4.12). */
export class RedirectSeen {
  readonly #asked: string;
  readonly #id = randomUUID();
  #location: string | null = null;

  constructor(asked: string) {
    this.#asked = asked;
  }

  /** What the request must carry. */
  get headers(): Readonly<Record<string, string>> {
    return { [HEADER]: this.#id };
  }

  /** Makes the request. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    listen();
    underWay.set(this.#id, this);
    try {
      return await request();
    } finally {
      underWay.delete(this.#id);
    }
  }

  see({ statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>): void {
    if (statusCode >= 300 && statusCode <= 399) this.#location = headers.location ?? null;
  }

  /** Without what may repeat the request: query, fragment and credentials. Null where there was no redirect, or one to nowhere. */
  get address(): string | null {
    const url = this.#location === null ? null : parseUrl(this.#location, this.#asked);
    if (url === null) return null;
    const { protocol, host, pathname } = url;
    const address = `${protocol}//${host}${pathname}`;
    return /^https?:$/.test(protocol) && address.length <= LONGEST ? address : null;
  }
}
