import { ownerOf } from '../domain/connection.js';
import type { Clock } from '../domain/system.js';
import type { Answer } from '../net/http-client.js';
import type { Ask } from './ask.js';
import type { Flight, PrivateCache } from './cache.js';
import type { PageBounds } from './follow.js';
import { isLimitByHeaders } from './outcome.js';
import { type Answered, dataOf, type Landing, landingOf } from './remembered-answers.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from './upstream-call.js';

/** `maxStaleMs` is how much older than its time to live an answer may be shown while the provider is down. */
export interface ReaderOptions {
  readonly clock: Clock;
  readonly maxStaleMs: () => number;
  /** Sent as `User-Agent`. */
  readonly userAgent: string;
}

type Known = Extract<Answered, { kind: 'data' }>;

/** The headers of one call but for who asks; `known` makes it conditional (RFC 9110 §13.1). */
export const headersFor = (accept: string, userAgent: string, known: Known | null) => ({
  accept,
  'user-agent': userAgent,
  ...(known !== null && known.etag !== null && { 'if-none-match': known.etag }),
  ...(known !== null && known.lastModified !== null && { 'if-modified-since': known.lastModified }),
});

/** An answer as a request may see it: the request's time to live decides how long. */
export const shown = (answered: Answered, ttl: number): UpstreamOutcome => {
  if (answered.kind === 'refusal') return answered.outcome;
  const { held, fetchedAt, sentAt, reuse, bytes } = answered;
  const freshUntil = sentAt + Math.min(ttl, reuse);
  return {
    kind: 'data',
    data: dataOf(held),
    fetchedAt,
    sentAt,
    freshUntil,
    stale: false,
    bytes,
    pages: 1,
    more: false,
  };
};

const askedToWait = (ms: number): UpstreamOutcome => ({
  kind: 'rate-limited',
  retryAfter: Math.ceil(ms / 1000),
});

/** Whether what reads like a limit may be a refusal, past which nothing that was kept is shown. */
const mayRefuse = (answer: Answer): boolean =>
  (answer.status === 401 || answer.status === 403) && !isLimitByHeaders(answer);

/** One page of one Connection, through its private cache. */
export const pageReader = (options: ReaderOptions, ask: Ask) => {
  const { clock, maxStaleMs, userAgent } = options;

  const call = async (
    cache: PrivateCache,
    key: string,
    access: Access,
    request: UpstreamRequest,
    url: URL,
  ): Promise<Landing> => {
    const sent = { fetchedAt: clock.now(), sentAt: clock.monotonic() };
    const last = cache.answer(key);
    const known = last?.kind === 'data' ? last : null;
    const headers = headersFor(request.accept, userAgent, known);
    const { provider, format, prefix, refused = null } = request;
    const owner = ownerOf(access.connection);
    const { answer, result } = await ask(access, {
      ...{ provider, url, headers, format, prefix, refused },
      owner,
    });
    const landing = landingOf(owner, answer, result, known, sent);
    if (landing.kind === 'answered') {
      if (landing.kept === null) cache.drop(key);
      else cache.keep(key, landing.kept);
    } else if (landing.outcome.kind === 'rate-limited') {
      const until = clock.monotonic() + (landing.outcome.retryAfter ?? 0) * 1000;
      cache.pause(Math.max(cache.pausedUntil(), until));
      if (answer !== null && mayRefuse(answer)) cache.drop(key);
    }
    return landing;
  };

  /** Joins a call under way when that is no older than the request allows, else makes one. Nobody's leaving ends it. */
  const land = (
    cache: PrivateCache,
    key: string,
    access: Access,
    request: UpstreamRequest,
    url: URL,
  ): Promise<Landing> => {
    // The version is that of the tokens: a call that carries a replaced token says nothing about the new one.
    const name = JSON.stringify([key, access.connection.version]);
    const running = cache.flight(name);
    if (running !== undefined && clock.monotonic() - running.startedAt <= request.ttl * 1000)
      return running.landing;
    const owner = ownerOf(access.connection);
    const startedAt = clock.monotonic();
    const landing = call(cache, key, access, request, url).finally(() => cache.land(name, flight));
    const flight: Flight = { owner, startedAt, landing };
    cache.launch(name, flight);
    return landing;
  };

  /** What to show when the provider could not be asked, or asked to wait: an answer of this Connection, not too old, and never past a refusal. */
  const stale = (cache: PrivateCache, key: string, ttl: number): UpstreamOutcome | null => {
    const last = cache.answer(key);
    if (last?.kind !== 'data' || last.reuse === 0) return null;
    if (clock.monotonic() - last.sentAt > ttl + maxStaleMs()) return null;
    return { ...shown(last, ttl), stale: true } as UpstreamOutcome;
  };

  /** Without an access nothing is asked: what is kept is all there is. */
  return async (
    cache: PrivateCache,
    access: Access | null,
    request: UpstreamRequest,
    url: URL,
    bounds: PageBounds,
  ): Promise<UpstreamOutcome> => {
    const { accept, format, gadgetVersion } = request;
    const ttl = request.ttl * 1000;
    const key = JSON.stringify(['GET', url.href, accept, format, gadgetVersion]);
    const now = clock.monotonic();
    const last = cache.answer(key);
    const fresh = last !== undefined && now < last.sentAt + Math.min(ttl, last.reuse);
    if (fresh && last.sentAt >= bounds.since) return shown(last, ttl);
    if (bounds.offline || access === null)
      return stale(cache, key, ttl) ?? { kind: 'down', reason: 'offline' };
    const paused = cache.pausedUntil();
    if (now < paused) return stale(cache, key, ttl) ?? askedToWait(paused - now);
    const landing = await land(cache, key, access, request, url);
    if (landing.kind === 'answered') return shown(landing.answered, ttl);
    return stale(cache, key, ttl) ?? landing.outcome;
  };
};
