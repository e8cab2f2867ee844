import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { listening } from './listening.js';

/** Seconds that an access token works, unless more is wanted. */
const LIFE = 3;

interface Grant {
  readonly person: string;
  /** The one refresh token that works. */
  refresh: string;
  access: string;
  expiresAt: number;
  isRevoked: boolean;
}

interface Spent {
  readonly grant: Grant;
  /** When the answer that replaced it had left; null while it has not. */
  deliveredAt: number | null;
}

/** How the provider behaves just now. */
export interface Weather {
  /** Answers the API gives before it gives data. */
  readonly api: 'well' | 'down' | 'busy' | 'slow';
  /** `lost`: the token endpoint replaces the token, and its answer does not arrive. */
  readonly tokens: 'well' | 'down' | 'busy' | 'lost';
}

const WELL: Weather = { api: 'well', tokens: 'well' };

const formOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
  response.end(JSON.stringify(body));
};

/** What only this person may see. */
export const canaryOf = (person: string): string => `canary-${person}-only`;

/**
 * An authorization server and API as a strict provider has them: short tokens, refresh tokens that are replaced at each use, and a grant that ends
 * when one that was replaced comes again (RFC 9700 §4.14.2). It says who is asked about by what their token is, and remembers what it saw.
 */
export class RotatingProvider {
  weather: Weather = WELL;
  /** Seconds that the access tokens work which are given out from now on. */
  life = LIFE;
  /**
   * Refresh tokens that came again although the answer which replaced them had arrived, and ended a grant that worked: when, whose, and when
   * that was.
   */
  readonly reused: { readonly at: number; readonly deliveredAt: number; readonly person: string }[] = [];
  /** Answers of the token endpoint that did not arrive. */
  lost = 0;
  refreshes = 0;
  /** Answers that were not as they are in good weather, by what the weather was: `api busy`, `tokens down`. */
  readonly met = new Map<string, number>();
  readonly #codes = new Map<string, string>();
  readonly #byAccess = new Map<string, Grant>();
  readonly #byRefresh = new Map<string, Grant>();
  readonly #spent = new Map<string, Spent>();
  readonly #server = createServer((request, response) => {
    this.#answer(request, response).catch(() => response.destroy());
  });
  port = 0;

  async start(): Promise<void> {
    this.port = await listening(this.#server);
  }

  close(): Promise<void> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://provider');
    if (url.pathname === '/authorize') return this.#authorize(url, response);
    if (url.pathname === '/token') return this.#token(await formOf(request), response);
    if (url.pathname === '/revoke') return this.#revoke(await formOf(request), response);
    return this.#api(request, response);
  }

  /** Asks no one: `as` says who is there. */
  #authorize({ searchParams }: URL, response: ServerResponse): void {
    const back = new URL(searchParams.get('redirect_uri') ?? '');
    const code = randomUUID();
    this.#codes.set(code, searchParams.get('as') ?? '');
    back.searchParams.set('code', code);
    back.searchParams.set('state', searchParams.get('state') ?? '');
    response.writeHead(302, { Location: back.href }).end();
  }

  #token(form: URLSearchParams, response: ServerResponse): void {
    const { tokens } = this.weather;
    if (tokens === 'down' || tokens === 'busy') this.#count(`tokens ${tokens}`);
    if (tokens === 'down') return void json(response, 503, { error: 'temporarily_unavailable' });
    if (tokens === 'busy') {
      response.setHeader('Retry-After', '1');
      return void json(response, 429, { error: 'slow_down' });
    }
    if (form.get('grant_type') === 'authorization_code') {
      const person = this.#codes.get(form.get('code') ?? '');
      this.#codes.delete(form.get('code') ?? '');
      if (person === undefined) return void json(response, 400, { error: 'invalid_grant' });
      const grant: Grant = { person, refresh: '', access: '', expiresAt: 0, isRevoked: false };
      return void json(response, 200, this.#renew(grant));
    }
    this.#refresh(form.get('refresh_token') ?? '', response);
  }

  #refresh(token: string, response: ServerResponse): void {
    const spent = this.#spent.get(token);
    if (spent !== undefined) {
      const { deliveredAt, grant } = spent;
      if (deliveredAt !== null && !grant.isRevoked)
        this.reused.push({ at: Date.now(), deliveredAt, person: grant.person });
      grant.isRevoked = true;
    }
    const grant = this.#byRefresh.get(token);
    if (grant === undefined || grant.isRevoked) return void json(response, 400, { error: 'invalid_grant' });
    this.refreshes += 1;
    const replaced: Spent = { grant, deliveredAt: null };
    this.#byRefresh.delete(token);
    this.#spent.set(token, replaced);
    const renewed = this.#renew(grant);
    if (this.weather.tokens === 'lost') {
      this.lost += 1;
      this.#count('tokens lost');
      response.destroy();
      return;
    }
    response.once('finish', () => {
      replaced.deliveredAt = Date.now();
    });
    json(response, 200, renewed);
  }

  #renew(grant: Grant): object {
    this.#byAccess.delete(grant.access);
    grant.access = randomUUID();
    grant.refresh = randomUUID();
    grant.expiresAt = Date.now() + this.life * 1000;
    this.#byAccess.set(grant.access, grant);
    this.#byRefresh.set(grant.refresh, grant);
    return {
      access_token: grant.access,
      refresh_token: grant.refresh,
      token_type: 'bearer',
      expires_in: this.life,
    };
  }

  #count(what: string): void {
    this.met.set(what, (this.met.get(what) ?? 0) + 1);
  }

  #revoke(form: URLSearchParams, response: ServerResponse): void {
    const token = form.get('token') ?? '';
    const grant = this.#byRefresh.get(token) ?? this.#byAccess.get(token);
    if (grant !== undefined) grant.isRevoked = true;
    response.writeHead(200).end();
  }

  async #api(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const grant = this.#byAccess.get(request.headers.authorization?.replace(/^Bearer /, '') ?? '');
    if (grant === undefined || grant.isRevoked || grant.expiresAt < Date.now())
      return void json(response, 401, { error: 'invalid_token' });
    if (request.url === '/api/me') return void json(response, 200, { id: grant.person, name: grant.person });
    const { api } = this.weather;
    if (api !== 'well') this.#count(`api ${api}`);
    if (api === 'down') return void json(response, 503, {});
    if (api === 'busy') {
      response.setHeader('Retry-After', '1');
      return void json(response, 429, {});
    }
    if (api === 'slow') await pause(700);
    json(response, 200, { owner: canaryOf(grant.person) });
  }
}
