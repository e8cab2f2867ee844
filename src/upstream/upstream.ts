import { type Connection, type ConnectionId, type Owner, ownerOf } from '../domain/connection.js';
import type { Format } from '../domain/gadget.js';
import type { Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import { parseUrl } from '../domain/parse-url.js';
import type { Journal } from '../domain/system.js';
import { type AddressGuards, guards } from '../net/address-guard.js';
import { type Answer, client, DEADLINE } from '../net/http-client.js';
import type { SocketLimits } from '../net/sockets.js';
import type { Provider } from '../providers/provider.js';
import { headersFor, pageReader, type ReaderOptions, shown } from './answer-pages.js';
import { asking } from './ask.js';
import { CACHE_LIMITS, type CacheLimits, ConnectionCaches, type PrivateCaches } from './cache.js';
import { followed } from './follow.js';
import type { Result } from './outcome.js';
import { AnswerReader, type ReaderLimits } from './readers/answer-reader.js';
import { landingOf } from './remembered-answers.js';
import { urlOf } from './target.js';
import type { Access, BoundToken, UpstreamOutcome, UpstreamRequest } from './upstream-call.js';

/**
 * Calls a provider's API as a viewer, through that Connection's private cache. Never throws for what a server does. A token is sent to
 * the origins it is bound to and to no other: a call elsewhere is `unusable`, `origin-refused`.
 */
export interface Upstream {
  get(access: Access, request: UpstreamRequest): Promise<UpstreamOutcome>;
  /**
   * What is kept of this Connection's answer to a request, without asking: for while there is no token to ask with because the provider
   * is down. Null where nothing is kept, or it is older than its time to live and `maxStale` allow.
   */
  kept(
    connection: Connection,
    request: UpstreamRequest,
  ): Promise<Extract<UpstreamOutcome, { kind: 'data' }> | null>;
  /** One uncached GET with a token that belongs to no Connection yet, to ask whose account it is. */
  ask(
    provider: Provider,
    token: BoundToken,
    request: { readonly target: string; readonly format: Format },
  ): Promise<UpstreamOutcome>;
}

/** What the door needs; `guardFor` says what may be called, `limits` bounds what is remembered, `sockets` what is open, `connectors` how many records' ways to connect are kept, `reading` how large answers are read, `timeLimit` (milliseconds) a single call. */
export interface UpstreamOptions extends ReaderOptions {
  readonly guardFor?: AddressGuards;
  readonly meter: Pick<Meter, 'called'>;
  readonly journal: Pick<Journal, 'warn'>;
  readonly misplaced: ReportMisplaced;
  readonly limits?: Partial<CacheLimits>;
  readonly sockets?: SocketLimits;
  readonly connectors?: number;
  readonly reading?: Partial<ReaderLimits>;
  readonly timeLimit?: number;
}

/** The calls, the caches they fill, and how to end every connection. */
export interface UpstreamDoor {
  readonly upstream: Upstream;
  readonly caches: PrivateCaches;
  close(): Promise<void>;
}

const ACCEPT = {
  json: 'application/json',
  xml: 'application/xml',
  atom: 'application/atom+xml',
  feed: 'application/atom+xml',
  text: '*/*',
};

/** The provider's own record may name its account request by a whole URL, since userinfo belongs to the authorization server. */
const accountUrl = (provider: Provider, target: string): URL | null => {
  const isOwn = provider.account !== 'none' && provider.account.target === target;
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

/** Opens the door to the providers' APIs. */
export const openUpstream = (options: UpstreamOptions): UpstreamDoor => {
  const { clock, userAgent } = options;
  const { journal, sockets, connectors, timeLimit = DEADLINE, guardFor = guards() } = options;
  const calls = client({
    guardFor,
    journal,
    timeLimit,
    ...(sockets && { sockets }),
    ...(connectors && { connectors }),
  });
  const caches = new ConnectionCaches(clock, { ...CACHE_LIMITS, ...options.limits }, options.misplaced);
  const reader = new AnswerReader(options.reading);
  const ask = asking(calls, reader, options);
  const read = pageReader(options, ask);

  /** With no access nothing is asked, and what is kept is all there is. */
  const look = async (
    connection: Connection,
    access: Access | null,
    request: UpstreamRequest,
  ): Promise<UpstreamOutcome> => {
    const url = urlOf(request.provider, request.target, request.prefix);
    if (url === null) return { kind: 'unusable', code: 'target-refused', detail: null };
    return caches.use(ownerOf(connection), async (cache) => {
      const page = await read(cache, access, request, url, { since: 0, offline: access === null });
      const { follow, format } = request;
      const isFeed = format === 'atom' || format === 'feed';
      if (follow === null || !isFeed || page.kind !== 'data') return page;
      return followed(clock, { ...request, follow }, { url, page }, (next, bounds) =>
        read(cache, access, request, next, bounds),
      );
    });
  };

  const upstream: Upstream = {
    get: (access, request) => look(access.connection, access, request),
    async kept(connection, request) {
      const page = await look(connection, null, request);
      return page.kind === 'data' ? page : null;
    },
    async ask(provider, token, { target, format }) {
      const url = accountUrl(provider, target) ?? urlOf(provider, target, '/');
      if (url === null) return { kind: 'unusable', code: 'target-refused', detail: null };
      const headers = headersFor(ACCEPT[format], userAgent, null);
      const sent = { fetchedAt: clock.now(), sentAt: clock.monotonic() };
      const { answer, result } = await ask(token, {
        provider,
        url,
        headers,
        format,
        prefix: '/',
        refused: null,
        owner: null,
      });
      const landing = landingOf(NO_OWNER, answer, withAddress(answer, result), null, sent);
      return landing.kind === 'answered' ? shown(landing.answered, 0) : landing.outcome;
    },
  };
  return {
    upstream,
    caches,
    async close() {
      await calls.close();
      await reader.close();
    },
  };
};
