import type { IncomingMessage } from 'node:http';
import type { TokenSet } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import type { Clock } from '../../src/domain/system.js';
import type { Authorizer } from '../../src/providers/authorizer.js';
import type { RevocationOutcome, TokenOutcome } from '../../src/providers/token-outcome.js';
import { listenOnLoopback } from '../demo/site/loopback.js';

const HOUR = 3_600_000;

/** An authorization server that rotates refresh tokens and ends a grant whose old one is used again. */
export class AuthorizationServer
  implements Pick<Authorizer, 'authorizationUrl' | 'redeem' | 'refresh' | 'revoke'>
{
  readonly requests: { kind: 'redeem' | 'refresh' | 'revoke'; client: string; detail: string }[] = [];
  /** Answers to return instead of the ordinary one, in turn. */
  readonly answers: (TokenOutcome | (() => Promise<TokenOutcome>))[] = [];
  readonly revoked: string[] = [];
  revocation: RevocationOutcome = 'revoked';
  /** Does the work of a refresh and then loses the answer, as a cut connection does. */
  loseAnswer = false;
  readonly #clock: Clock;
  /** Whose account a refresh token is of that works. */
  readonly #live = new Map<string, string>();
  readonly accounts = new Map<string, string>();
  #count = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  asked(kind: 'redeem' | 'refresh' | 'revoke'): number {
    return this.requests.filter((request) => request.kind === kind).length;
  }

  authorizationUrl: Authorizer['authorizationUrl'] = (provider, client, request) => {
    const url = new URL(provider.authorizationEndpoint);
    url.searchParams.set('client_id', client.id);
    url.searchParams.set('state', request.state.reveal());
    url.searchParams.set('redirect_uri', request.redirectUri);
    if (request.selectAccount) url.searchParams.set('prompt', 'select_account');
    if (request.verifier) url.searchParams.set('code_challenge', 'of-the-verifier');
    return url.href;
  };

  redeem: Authorizer['redeem'] = (_, client, { code }) => this.trade(client.id, code.reveal());
  refresh: Authorizer['refresh'] = (_, client, { refreshToken }) =>
    this.renew(client.id, refreshToken?.reveal() ?? '');
  revoke: Authorizer['revoke'] = async (_, client, { accessToken }) =>
    this.takeBack(client.id, accessToken.reveal());

  /** A code names its account: `code-of-ada`. */
  async trade(client: string, code: string): Promise<TokenOutcome> {
    this.requests.push({ kind: 'redeem', client, detail: code });
    return (await this.#scripted()) ?? this.#issue(code.replace('code-of-', ''));
  }

  async renew(client: string, token: string): Promise<TokenOutcome> {
    this.requests.push({ kind: 'refresh', client, detail: token });
    const scripted = await this.#scripted();
    if (scripted) return scripted;
    const account = this.#live.get(token);
    if (account === undefined) return { kind: 'invalid-grant', code: 'invalid_grant' };
    this.#live.delete(token);
    const issued = this.#issue(account);
    return this.loseAnswer ? { kind: 'unreachable', code: 'timeout' } : issued;
  }

  takeBack(client: string, token: string): RevocationOutcome {
    this.requests.push({ kind: 'revoke', client, detail: token });
    if (this.revocation === 'revoked') this.revoked.push(token);
    return this.revocation;
  }

  /** The viewer takes all permissions back at the provider. */
  forgetAll(): void {
    this.#live.clear();
  }

  async #scripted(): Promise<TokenOutcome | undefined> {
    const next = this.answers.shift();
    return typeof next === 'function' ? next() : next;
  }

  #issue(account: string): { kind: 'tokens'; tokens: TokenSet } {
    this.#count += 1;
    const [access, refresh] = [`access-${account}-${this.#count}`, `refresh-${account}-${this.#count}`];
    this.#live.set(refresh, account);
    this.accounts.set(access, account);
    const issuedAt = this.#clock.now();
    return {
      kind: 'tokens',
      tokens: {
        accessToken: new Secret(access),
        refreshToken: new Secret(refresh),
        issuedAt,
        expiresAt: issuedAt + HOUR,
        scopes: null,
      },
    };
  }
}

type Said = readonly [status: number, body: object];

/** A token endpoint's answer (RFC 6749 §5); null where none comes. */
const tokenAnswer = (outcome: TokenOutcome): Said | null => {
  if (outcome.kind === 'tokens') {
    const { accessToken, refreshToken, issuedAt, expiresAt, scopes } = outcome.tokens;
    return [
      200,
      {
        token_type: 'bearer',
        access_token: accessToken.reveal(),
        ...(refreshToken !== null && { refresh_token: refreshToken.reveal() }),
        ...(expiresAt !== null && { expires_in: (expiresAt - issuedAt) / 1000 }),
        ...(scopes !== null && { scope: scopes.join(' ') }),
      },
    ];
  }
  return 'code' in outcome && outcome.kind !== 'unreachable' ? [400, { error: outcome.code }] : null;
};

const REVOCATIONS: Readonly<Record<RevocationOutcome, Said>> = {
  revoked: [200, {}],
  asked: [400, { error: 'invalid_token' }],
  unsupported: [400, { error: 'unsupported_token_type' }],
  failed: [503, {}],
};

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  let text = '';
  for await (const chunk of request) text += chunk;
  return new URLSearchParams(text);
};

const clientOf = ({ headers }: IncomingMessage, form: URLSearchParams): string => {
  const [, basic = ''] = /^Basic (.*)$/.exec(headers.authorization ?? '') ?? [];
  return form.get('client_id') ?? Buffer.from(basic, 'base64').toString().split(':')[0] ?? '';
};

/** Everything that went over the wire to one endpoint. */
export interface Received {
  readonly path: string;
  readonly form: URLSearchParams;
  readonly authorization: string;
}

/** Whose account the API says that a token is of. */
const accountAnswer = (account: string | undefined): Said => {
  if (account === undefined || account === 'nobody') return [401, {}];
  return [200, account === 'nameless' ? {} : { id: `id-${account}`, login: account }];
};

/** The client asks about both tokens of a grant; it is one that is taken back. */
const revocationAnswer = (server: AuthorizationServer, client: string, form: URLSearchParams): Said => {
  const isRefresh = form.get('token_type_hint') === 'refresh_token';
  return REVOCATIONS[isRefresh ? server.revocation : server.takeBack(client, form.get('token') ?? '')];
};

/**
 * The same server at the end of a connection: below `/github` are the token and the revocation endpoint of the provider `github`, and its
 * API, which says whose a token is.
 */
export const serveAuthorization = async (server: AuthorizationServer) => {
  const received: Received[] = [];
  const answerTo = async (request: IncomingMessage): Promise<Said | null> => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const [, , endpoint = ''] = pathname.split('/');
    const { authorization = '' } = request.headers;
    if (endpoint === 'api') return accountAnswer(server.accounts.get(authorization.replace(/^Bearer /, '')));
    const form = await formOf(request);
    received.push({ path: pathname, form, authorization });
    const client = clientOf(request, form);
    if (endpoint === 'revoke') return revocationAnswer(server, client, form);
    if (endpoint !== 'token') return [404, {}];
    const old = form.get('refresh_token');
    return tokenAnswer(
      await (old === null ? server.trade(client, form.get('code') ?? '') : server.renew(client, old)),
    );
  };
  const { port, close } = await listenOnLoopback(async (request, response) => {
    const said = await answerTo(request);
    if (said === null) return void response.destroy();
    response.writeHead(said[0], { 'content-type': 'application/json' }).end(JSON.stringify(said[1]));
  }, 0);
  return { url: `http://127.0.0.1:${port}`, received: received as readonly Received[], close };
};
