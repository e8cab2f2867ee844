import { type Connection, type ConnectionId, type Owner, ownerOf } from '../domain/connection.js';
import type { Format } from '../domain/gadget.js';
import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import { parseUrl } from '../domain/parse-url.js';
import type { Clock, Journal } from '../domain/system.js';
import { AddressGuards } from '../net/address-guard.js';
import { type Answer, DEADLINE, HttpClient } from '../net/http-client.js';
import type { SocketLimits } from '../net/sockets.js';
import type { BoundToken } from '../providers/binding.js';
import type { Provider } from '../providers/provider.js';
import { CACHE_LIMITS, type CacheLimits, ConnectionCaches, type Flight, type PrivateCache } from './cache.js';
import type { ImageBounds } from './clean-image.js';
import { type FetchedImage, fetchImage, isOfApi } from './fetch-image.js';
import { type PageBounds, readFurtherPages } from './further-pages.js';
import { isLimitByHeaders, type Result } from './outcome.js';
import { AnswerReader, type ReaderLimits } from './readers/answer-reader.js';
import { type Answered, dataOf, type FlightOutcome, toFlightOutcome } from './remembered-answers.js';
import { type SendDeps, sendRequest, urlOf } from './send-request.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from './upstream-call.js';

/**
 * `guards` say what may be called, `limits` bounds what is remembered, `sockets` what is open, `connectors` how many records' ways to
 * connect are kept, `reading` how large answers are read, `timeLimit` (milliseconds) a single call.
 */
export interface UpstreamOptions {
  readonly clock: Clock;
  /** How much older than its time to live an answer may be shown while the provider is down, milliseconds. */
  readonly maxStaleMs: () => number;
  /** Sent as `User-Agent`. */
  readonly userAgent: string;
  readonly guards?: AddressGuards;
  readonly meter: Pick<Meter, 'called' | 'answered'>;
  readonly journal: Pick<Journal, 'warn'>;
  readonly misplaced: ReportMisplaced;
  readonly limits?: Partial<CacheLimits>;
  readonly sockets?: SocketLimits;
  readonly connectors?: number;
  readonly reading?: Partial<ReaderLimits>;
  readonly timeLimit?: number;
}

const ACCEPT = {
  json: 'application/json',
  xml: 'application/xml',
  atom: 'application/atom+xml',
  feed: 'application/atom+xml',
  csv: 'text/csv',
  ical: 'text/calendar',
  text: '*/*',
};

/** The provider's own record may name its account request by a whole URL, since userinfo belongs to the authorization server. */
const accountUrl = (provider: Provider, target: string): URL | null => {
  const { account } = provider;
  const isOwn = account !== 'none' && 'target' in account && account.target === target;
  return isOwn ? parseUrl(target) : null;
};

/** What a redirect came to that was not followed, with the address it leads to: the caller that asks for an account may show it. */
const withAddress = (answer: Answer | null, result: Result): Result => {
  const redirect = result.kind === 'unauthorized' ? result.otherwise : result;
  const location = answer?.headers.location ?? '';
  if (redirect.kind !== 'unusable' || redirect.code !== 'redirect' || answer === null) return result;
  const url = parseUrl(location, answer.url);
  if (url === null) return result;
  const { protocol, host, pathname } = url;
  const named = { ...redirect, detail: `${protocol}//${host}${pathname}`.slice(0, LONGEST_ADDRESS) };
  return result.kind === 'unauthorized' ? { ...result, otherwise: named } : named;
};

const LONGEST_ADDRESS = 200;

/** Of answers that are kept nowhere. */
const NO_OWNER: Owner = { connection: '' as ConnectionId, generation: 0 };

/** What is asked once, of no Connection. */
interface AskedAccount {
  readonly target: string;
  readonly format: Format;
  readonly accept?: string;
  readonly body?: string;
}

type Known = Extract<Answered, { kind: 'data' }>;

/** The headers of one call but for who asks; `known` makes it conditional (RFC 9110 §13.1). */
const headersFor = (
  { accept, headers }: Pick<UpstreamRequest, 'accept' | 'headers'>,
  userAgent: string,
  known: Known | null,
) => ({
  ...headers,
  accept,
  'user-agent': userAgent,
  ...(known !== null && known.etag !== null && { 'if-none-match': known.etag }),
  ...(known !== null && known.lastModified !== null && { 'if-modified-since': known.lastModified }),
});

/** An answer as a request may see it: the request's time to live decides for how long. */
const shown = (answered: Answered, ttl: number): UpstreamOutcome => {
  if (answered.kind === 'refusal') return answered.outcome;
  const { content, fetchedAt, sentAt, reuse, bytes, link } = answered;
  const freshUntil = sentAt + Math.min(ttl, reuse);
  return {
    kind: 'data',
    data: dataOf(content),
    fetchedAt,
    sentAt,
    freshUntil,
    stale: false,
    bytes,
    link,
    pages: 1,
    more: false,
  };
};

/** All that an answer depends on within one Connection's cache: what is asked, how it is read, and whose other answers it is asked with. */
const keyOf = (request: UpstreamRequest, { href }: URL): string => {
  const { accept, format, gadgetVersion, basis, headers, body } = request;
  // A URL, a format and a version hold no space, so that only `accept`, which is last, may.
  if (basis === undefined && headers === undefined && body === undefined)
    return `GET ${href} ${format} ${gadgetVersion} ${accept}`;
  const method = body === undefined ? 'GET' : 'POST';
  return JSON.stringify([method, href, accept, format, gadgetVersion, basis, headers, body]);
};

const askedToWait = (ms: number): UpstreamOutcome => ({
  kind: 'rate-limited',
  retryAfter: Math.ceil(ms / 1000),
});

/** Whether what reads like a limit may be a refusal, past which nothing that was kept is shown. */
const mayRefuse = (answer: Answer): boolean =>
  (answer.status === 401 || answer.status === 403) && !isLimitByHeaders(answer);

/**
 * Calls a provider's API as a viewer, through that Connection's private cache. Never throws for what a server does. A token is sent to
 * the origins it is bound to and to no other: a call elsewhere is `unusable`, `origin-refused`.
 */
export class Upstream {
  readonly caches: ConnectionCaches;
  readonly #options: UpstreamOptions;
  readonly #sending: SendDeps;

  constructor(options: UpstreamOptions) {
    const { clock, meter, misplaced, journal } = options;
    const { sockets, connectors, timeLimit = DEADLINE, guards = new AddressGuards() } = options;
    this.#options = options;
    this.caches = new ConnectionCaches(clock, { ...CACHE_LIMITS, ...options.limits }, misplaced);
    const ways = { ...(sockets && { sockets }), ...(connectors && { connectors }) };
    const calls = new HttpClient({ guards, journal, timeLimit, ...ways });
    this.#sending = { calls, reader: new AnswerReader(options.reading), clock, meter, misplaced };
  }

  get(access: Access, request: UpstreamRequest): Promise<UpstreamOutcome> {
    return this.#look(access.connection, access, request);
  }

  /**
   * What is kept of this Connection's answer to a request, without asking: for while there is no token to ask with because the provider
   * is down. Null where nothing is kept, or it is older than its time to live and `maxStale` allow.
   */
  async kept(
    connection: Connection,
    request: UpstreamRequest,
  ): Promise<Extract<UpstreamOutcome, { kind: 'data' }> | null> {
    const page = await this.#look(connection, null, request);
    return page.kind === 'data' ? page : null;
  }

  /** One uncached request with a token that belongs to no Connection yet, to ask whose account it is; `body` is JSON to be posted. */
  async ask(
    provider: Provider,
    token: BoundToken,
    { target, format, accept = ACCEPT[format], body }: AskedAccount,
  ): Promise<UpstreamOutcome> {
    const { clock, userAgent } = this.#options;
    const url = accountUrl(provider, target) ?? urlOf(provider, target, '/');
    if (url === null) return { kind: 'unusable', code: 'target-refused', detail: null };
    const headers = headersFor({ accept }, userAgent, null);
    const dated = { fetchedAt: clock.now(), sentAt: clock.monotonic() };
    const request = {
      ...{ provider, url, headers, format, prefix: '/', body: body ?? null },
      ...{ refused: null, owner: null },
    };
    const { answer, result } = await sendRequest(this.#sending, token, request);
    const settled = toFlightOutcome(NO_OWNER, answer, withAddress(answer, result), null, dated);
    return settled.kind === 'answered' ? shown(settled.answered, 0) : settled.outcome;
  }

  /** Whether a picture at this address is asked for with the viewer's token. */
  sendsToken(provider: Provider, url: URL): boolean {
    return isOfApi(provider, url);
  }

  /** A picture, as its viewer with `access` and as no one without, unless the provider asked this Connection to wait. */
  async image(
    provider: Provider,
    access: Access | null,
    url: URL,
    bounds: ImageBounds,
  ): Promise<FetchedImage> {
    if (access !== null && this.#isPaused(access)) return { image: 'rate-limited', mayKeep: false };
    const { misplaced, userAgent } = this.#options;
    const { calls } = this.#sending;
    return fetchImage({ calls, misplaced }, provider, access, url, { ...bounds, userAgent });
  }

  #isPaused({ connection }: Access): boolean {
    const cache = this.caches.enter(ownerOf(connection));
    try {
      return this.#options.clock.monotonic() < cache.pausedUntil();
    } finally {
      cache.leave();
    }
  }

  async close(): Promise<void> {
    await this.#sending.calls.close();
    await this.#sending.reader.close();
  }

  /** With no access nothing is asked, and what is kept is all there is. */
  async #look(
    connection: Connection,
    access: Access | null,
    request: UpstreamRequest,
  ): Promise<UpstreamOutcome> {
    const url = urlOf(request.provider, request.target, request.prefix);
    if (url === null) return { kind: 'unusable', code: 'target-refused', detail: null };
    const cache = this.caches.enter(ownerOf(connection));
    try {
      const bounds = { since: 0, offline: access === null };
      const page = await this.#readPage(cache, access, request, url, bounds);
      const { pages, body } = request;
      if (pages === null || page.kind !== 'data') return page;
      const first = { url, body, page };
      return await readFurtherPages(this.#options.clock, { ...request, pages }, first, (next, more) => {
        const asked = next.body === undefined ? request : { ...request, body: next.body };
        return this.#readPage(cache, access, asked, next.url, more);
      });
    } finally {
      cache.leave();
    }
  }

  /** One page of one Connection, through its private cache. */
  async #readPage(
    cache: PrivateCache,
    access: Access | null,
    request: UpstreamRequest,
    url: URL,
    bounds: PageBounds,
  ): Promise<UpstreamOutcome> {
    const ttl = request.ttl * 1000;
    const key = keyOf(request, url);
    const now = this.#options.clock.monotonic();
    const last = cache.answer(key);
    const fresh = last !== undefined && now < last.sentAt + Math.min(ttl, last.reuse);
    const { id } = request.provider;
    if (fresh && last.sentAt >= bounds.since) {
      this.#options.meter.answered(id, 'cache');
      return shown(last, ttl);
    }
    if (bounds.offline || access === null)
      return this.#stale(cache, key, id, ttl) ?? { kind: 'down', reason: 'offline' };
    const paused = cache.pausedUntil();
    if (now < paused) return this.#stale(cache, key, id, ttl) ?? askedToWait(paused - now);
    const settled = await this.#join(cache, key, access, request, url);
    if (settled.kind === 'answered') return shown(settled.answered, ttl);
    return this.#stale(cache, key, id, ttl) ?? settled.outcome;
  }

  /** What to show when the provider could not be asked, or asked to wait: an answer of this Connection, not too old, and never past a refusal. */
  #stale(cache: PrivateCache, key: string, provider: string, ttl: number): UpstreamOutcome | null {
    const { clock, maxStaleMs, meter } = this.#options;
    const last = cache.answer(key);
    if (last?.kind !== 'data' || last.reuse === 0) return null;
    if (clock.monotonic() - last.sentAt > ttl + maxStaleMs()) return null;
    meter.answered(provider, 'stale');
    return { ...shown(last, ttl), stale: true } as UpstreamOutcome;
  }

  /** Joins a call under way when that is no older than the request allows, else makes one, which no one's leaving ends. */
  #join(
    cache: PrivateCache,
    key: string,
    access: Access,
    request: UpstreamRequest,
    url: URL,
  ): Promise<FlightOutcome> {
    const { clock, meter } = this.#options;
    // The version is that of the tokens: a call that carries a replaced token says nothing about the new one.
    const name = `${access.connection.version} ${key}`;
    const running = cache.flight(name);
    const joins = running !== undefined && clock.monotonic() - running.startedAt <= request.ttl * 1000;
    meter.answered(request.provider.id, joins ? 'joined' : 'provider');
    if (joins) return running.settled;
    const owner = ownerOf(access.connection);
    const startedAt = clock.monotonic();
    const settled = this.#call(cache, key, access, request, url).finally(() =>
      cache.removeFlight(name, flight),
    );
    const flight: Flight = { owner, startedAt, settled };
    cache.addFlight(name, flight);
    return settled;
  }

  async #call(
    cache: PrivateCache,
    key: string,
    access: Access,
    request: UpstreamRequest,
    url: URL,
  ): Promise<FlightOutcome> {
    const { clock, userAgent } = this.#options;
    const dated = { fetchedAt: clock.now(), sentAt: clock.monotonic() };
    const last = cache.answer(key);
    // RFC 9110 §13.1: validators are for what a GET selects.
    const known = last?.kind === 'data' && request.body === undefined ? last : null;
    const headers = headersFor(request, userAgent, known);
    const { provider, format, prefix, refused = null, body = null } = request;
    const owner = ownerOf(access.connection);
    const asked = { provider, url, headers, format, prefix, refused, owner, body };
    const { answer, result } = await sendRequest(this.#sending, access, asked);
    const settled = toFlightOutcome(owner, answer, result, known, dated);
    if (settled.kind === 'answered') {
      if (settled.kept === null) cache.drop(key);
      else cache.keep(key, settled.kept);
    } else if (settled.outcome.kind === 'rate-limited') {
      const until = clock.monotonic() + (settled.outcome.retryAfter ?? 0) * 1000;
      cache.pause(Math.max(cache.pausedUntil(), until));
      if (answer !== null && mayRefuse(answer)) cache.drop(key);
    }
    return settled;
  }
}
