import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { Canaries, Grant, SeededRandom } from './canaries.js';
import { dayOf } from './moved-days.js';
import {
  type AskedFor,
  type Planting,
  type PlayedRole,
  planted,
  type RecordedAnswers,
} from './recorded-answers.js';
import { writtenAnswer } from './written-answers.js';

/** Which sample is answered with, and where its canaries stand. */
export interface Scenario {
  readonly turn: number;
  readonly planting: Planting;
  /** The edition of its API that every provider's record names; null for none. */
  readonly edition: string | null;
}

/** How the next call of a viewer to a provider fails. */
export type Trouble = 'error' | 'refused' | 'absent' | 'cut';

const STATUS: Readonly<Record<Exclude<Trouble, 'cut'>, number>> = { error: 500, refused: 403, absent: 404 };

/** Seconds that an access token lives. */
const TOKEN_LIFE = 3600;
/** Milliseconds that an answer takes at most, so that calls overlap. */
const SLOWEST = 4;

const ACCOUNT = '/verified-account';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 24);

const placeOf = (viewer: string, provider: string): string => JSON.stringify([viewer, provider]);

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
};

interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const json = (status: number, body: object, headers: Readonly<Record<string, string>> = {}): Reply => ({
  status,
  headers: { 'content-type': 'application/json', ...headers },
  body: JSON.stringify(body),
});

/** A call of the API, and what marks stand for of it. */
interface Call {
  readonly asked: AskedFor;
  readonly target: string;
  readonly bearer: string;
  readonly validator: string | undefined;
}

/**
 * Every provider of a recorded run, on loopback: its consent says yes to everyone, and its API answers strictly by the bearer, each
 * consent with canaries of its own. The validators of its answers are the same for everyone, as those of many servers are: what is kept for
 * one person and shown to another is found out.
 */
export class StubProvider {
  readonly origin: string;
  /** Every code, token and client secret. */
  readonly secrets = new Set<string>();
  /** What was asked for that no sample has an answer to: provider, method and path. */
  readonly unanswered = new Set<string>();
  /** Epoch milliseconds by the clock of the server that asks. */
  now: () => number = Date.now;
  scenario: Scenario = { turn: 0, planting: 'everywhere', edition: null };
  readonly #server: Server;
  readonly #answers: RecordedAnswers;
  readonly #canaries: Canaries;
  readonly #random: SeededRandom;
  readonly #grants = new Map<string, Grant[]>();
  readonly #codes = new Map<string, Grant>();
  readonly #access = new Map<string, Grant>();
  readonly #refresh = new Map<string, Grant>();
  readonly #troubles = new Map<string, Trouble>();

  private constructor(server: Server, answers: RecordedAnswers, canaries: Canaries, random: SeededRandom) {
    const { port } = server.address() as AddressInfo;
    this.origin = `http://127.0.0.1:${port}`;
    this.#server = server;
    this.#answers = answers;
    this.#canaries = canaries;
    this.#random = random;
    server.on('request', (request, response) => {
      this.#reply(request).then(
        (reply) => {
          if (reply === 'cut') response.destroy();
          else response.writeHead(reply.status, reply.headers).end(reply.body);
        },
        () => response.destroy(),
      );
    });
  }

  static async start(
    answers: RecordedAnswers,
    canaries: Canaries,
    random: SeededRandom,
  ): Promise<StubProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StubProvider(server, answers, canaries, random);
  }

  /**
   * What `oriel.yaml` says of one of its providers, as the scenario has it; `place` is a part of the API's address. All its APIs are at one
   * address, and all its facts are the same.
   */
  entry(
    id: string,
    place: string,
    { apis = [], facts = [] }: Partial<Pick<PlayedRole, 'apis' | 'facts'>> = {},
  ): object {
    const { edition } = this.scenario;
    const secret = `client-secret-of-${id}-0123456789abcdef`;
    this.secrets.add(secret);
    const at = `${this.origin}/${id}`;
    return {
      name: id,
      authorizationEndpoint: `${at}/authorize`,
      tokenEndpoint: `${at}/token`,
      revocationEndpoint: `${at}/revoke`,
      api: `${at}/${place}`,
      account: { target: ACCOUNT, format: 'json', id: 'id', label: 'label' },
      client: { id: 'oriel-verify', secret },
      allowAddresses: ['127.0.0.0/8'],
      ...(edition !== null && { edition }),
      ...(apis.length > 0 && { apis: Object.fromEntries(apis.map((name) => [name, `${at}/${place}`])) }),
      ...(facts.length > 0 && {
        facts: Object.fromEntries(facts.map((name) => [name, { from: 'token', at: 'fact', title: name }])),
      }),
    };
  }

  /** The cookie by which a viewer's browser is signed in here. */
  cookie(viewer: string): string {
    return `viewer=${encodeURIComponent(viewer)}`;
  }

  /** The account of a viewer. It is no canary: pages name it, and it is kept. */
  accountOf(viewer: string): string {
    return `account-${hashOf(viewer).slice(0, 10)}`;
  }

  /** The next call of this viewer to this provider comes to nothing. */
  trouble(viewer: string, provider: string, trouble: Trouble): void {
    this.#troubles.set(placeOf(viewer, provider), trouble);
  }

  /** The access tokens of this viewer are refused from now on; they can be refreshed. */
  spoil(viewer: string, provider: string): void {
    for (const [token, grant] of this.#access)
      if (grant.viewer === viewer && grant.provider === provider) this.#access.delete(token);
  }

  /** From now on nothing of this viewer's consents is to be shown; `but` leaves the newest out, which took the place of the others. */
  ended(viewer: string, provider: string, now: number, but: 'newest' | 'none' = 'none'): void {
    const grants = this.#grants.get(placeOf(viewer, provider)) ?? [];
    for (const grant of but === 'newest' ? grants.slice(0, -1) : grants) grant.endedAt ??= now;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #reply(request: IncomingMessage): Promise<Reply | 'cut'> {
    const { pathname, searchParams: query } = new URL(request.url ?? '/', this.origin);
    const [, provider = '', place = '', ...rest] = pathname.split('/');
    const { authorization = '', cookie = '', 'if-none-match': validator } = request.headers;
    if (place === 'authorize') return this.#consent(provider, cookie, query);
    const body = await bodyOf(request);
    if (place === 'token') return this.#tokens(new URLSearchParams(body));
    if (place === 'revoke') return json(200, {});
    await pause(this.#random.below(SLOWEST));
    const method = request.method ?? 'GET';
    return this.#call({
      asked: { provider, method, path: `/${rest.join('/')}`, query, body },
      target: `${method} ${pathname}?${query} ${body}`,
      bearer: /^Bearer (\S+)$/.exec(authorization)?.[1] ?? '',
      validator,
    });
  }

  #consent(provider: string, cookie: string, asked: URLSearchParams): Reply {
    const viewer = decodeURIComponent(/(?:^|; )viewer=([^;]*)/.exec(cookie)?.[1] ?? '');
    const place = placeOf(viewer, provider);
    const grant: Grant = { viewer, provider, endedAt: null };
    this.#grants.set(place, [...(this.#grants.get(place) ?? []), grant]);
    const code = this.#secret();
    this.#codes.set(code, grant);
    const back = new URL(asked.get('redirect_uri') ?? this.origin);
    back.searchParams.set('code', code);
    back.searchParams.set('state', asked.get('state') ?? '');
    return { status: 303, headers: { location: back.href }, body: '' };
  }

  #tokens(form: URLSearchParams): Reply {
    const code = form.get('code') ?? '';
    const refresh = form.get('refresh_token') ?? '';
    const grant = this.#codes.get(code) ?? this.#refresh.get(refresh);
    this.#codes.delete(code);
    this.#refresh.delete(refresh);
    if (grant === undefined) return json(400, { error: 'invalid_grant' });
    const made = { access_token: this.#secret(), refresh_token: this.#secret() };
    this.#access.set(made.access_token, grant);
    this.#refresh.set(made.refresh_token, grant);
    return json(200, { ...made, token_type: 'bearer', expires_in: TOKEN_LIFE, fact: 'verified' });
  }

  #call(call: Call): Reply | 'cut' {
    const grant = this.#access.get(call.bearer);
    if (grant === undefined || grant.provider !== call.asked.provider)
      return json(401, { error: 'invalid_token' }, { 'www-authenticate': 'Bearer error="invalid_token"' });
    if (call.asked.path === ACCOUNT)
      return json(200, { id: this.accountOf(grant.viewer), label: 'A verified account' });
    const place = placeOf(grant.viewer, grant.provider);
    const trouble = this.#troubles.get(place);
    this.#troubles.delete(place);
    if (trouble === undefined) return this.#recorded(grant, call);
    return trouble === 'cut' ? trouble : json(STATUS[trouble], {});
  }

  #recorded(grant: Grant, { asked, target, validator }: Call): Reply {
    const { turn, planting, edition } = this.scenario;
    const now = this.now();
    const found = this.#answers.find(asked, turn, now);
    if (found === null) {
      this.unanswered.add(`${asked.method} ${asked.path} of ${asked.provider}`);
      return json(404, {});
    }
    const { name: request, format, data } = found;
    const etag = `"${hashOf(JSON.stringify([request, target, turn, planting, edition, dayOf(now)]))}"`;
    const headers = { etag, 'cache-control': 'private' };
    if (validator === etag) return { status: 304, headers, body: '' };
    const anyones = target.replaceAll(this.accountOf(grant.viewer), 'account');
    const canary = this.#canaries.of({ grant, request, target: anyones });
    const { contentType, body } = writtenAnswer(format, planted(data, canary, planting));
    return { status: 200, headers: { ...headers, 'content-type': contentType }, body };
  }

  #secret(): string {
    const secret = randomBytes(24).toString('base64url');
    this.secrets.add(secret);
    return secret;
  }
}
