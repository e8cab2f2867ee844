import type { Owner } from '../domain/connection.js';
import type { Format } from '../domain/gadget.js';
import type { CallOutcome, Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import { baseIn, parseUrl } from '../domain/parse-url.js';
import type { RefusalRule } from '../domain/refusal-rule.js';
import type { Clock } from '../domain/system.js';
import type { Answer, HttpClient } from '../net/http-client.js';
import { type BoundToken, bindToken } from '../providers/binding.js';
import type { Provider } from '../providers/provider.js';
import { type Result, resultOf } from './outcome.js';
import type { AnswerReader } from './readers/answer-reader.js';

/** One request to a provider's API. `headers` are all but those that say who asks. */
export interface ProviderRequest {
  readonly provider: Provider;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON to be sent by a POST; null for a GET. */
  readonly body: string | null;
  readonly format: Format;
  /** Redirects are followed below this literal prefix of the path. */
  readonly prefix: string;
  /** How this API says no within a 200; null leaves it to the provider's record. */
  readonly refused: RefusalRule | null;
  /** The Connection it is made for, which has sockets of its own; null for tokens that belong to none yet. */
  readonly owner: Owner | null;
}

/** What sending needs beside the request. */
export interface SendDeps {
  readonly calls: Pick<HttpClient, 'send' | 'close'>;
  readonly reader: AnswerReader;
  readonly clock: Clock;
  readonly meter: Pick<Meter, 'called'>;
  readonly misplaced: ReportMisplaced;
}

/** What came of a request; `answer` is null when there was none. */
export interface Sent {
  readonly answer: Answer | null;
  readonly result: Result;
}

const OUTCOMES: Readonly<Record<Result['kind'], CallOutcome>> = {
  fetched: 'ok',
  unchanged: 'not-modified',
  unauthorized: 'refused',
  'insufficient-scope': 'refused',
  forbidden: 'refused',
  'not-found': 'refused',
  'rate-limited': 'rate-limited',
  down: 'down',
  unusable: 'unusable',
};

const REFUSED: Result = { kind: 'unusable', code: 'origin-refused', detail: null };

/** Sends a request with a viewer's token, judges the answer, and counts what came of it and how long it took. */
export async function sendRequest(
  { calls, reader, clock, meter, misplaced }: SendDeps,
  bound: BoundToken,
  { provider, url, headers, body, format, prefix, refused, owner }: ProviderRequest,
): Promise<Sent> {
  const authorization = bindToken(bound, provider, url);
  if (authorization === null) {
    misplaced('origin', owner);
    return { answer: null, result: REFUSED };
  }
  const isKept = owner !== null && provider.keepAlive !== false;
  const startedAt = clock.monotonic();
  const answer = await calls.send({
    url,
    body,
    headers: { ...provider.headers, ...headers, ...authorization },
    reach: provider,
    owner: isKept ? `${owner.connection} ${owner.generation}` : null,
    // What was posted is sent to where the definition says, and nowhere else.
    redirected: (from, location) => (body === null ? redirectedUrl(url, from, location, prefix) : null),
  });
  const arrivedAt = clock.monotonic();
  const judged = resultOf(reader, answer, {
    format,
    refused: refused ?? provider.refused ?? null,
    declared: provider.tokenRejected ?? [],
    asked: url,
    now: clock.now(),
  });
  const result = judged instanceof Promise ? await judged : judged;
  const status = answer.kind === 'answer' ? answer.status : null;
  meter.called(provider.id, OUTCOMES[result.kind], arrivedAt - startedAt, status);
  return { answer: answer.kind === 'answer' ? answer : null, result };
}

/** What a server might yet decode into a step out of the path, at once or the second time; and `;`, which some end a segment with. */
const ENCODED_STEP = /;|%(?:2f|5c|00|2e|3b|25(?=[0-9a-f]{2}))/i;

/** A prefix that a parameter cut off within a segment, with that segment as the page's own path has it. */
const wholeSegments = (prefix: string, path: string): string => {
  if (prefix.endsWith('/')) return prefix;
  const end = path.indexOf('/', prefix.length);
  return end < 0 ? path : path.slice(0, end);
};

/** Whether a URL lies on the provider's API, below whole segments of a path. */
export const isBelow = (url: URL, api: URL, segments: string): boolean =>
  url.origin === api.origin &&
  url.username === '' &&
  url.password === '' &&
  (url.pathname === segments ||
    url.pathname.startsWith(segments.endsWith('/') ? segments : `${segments}/`)) &&
  !ENCODED_STEP.test(url.pathname.slice(segments.length));

/** The URL of a target, path and query below the provider's `api`; null when it would lead elsewhere. */
export const urlOf = (provider: Provider, target: string, prefix: string): URL | null => {
  const { origin } = baseIn(provider.api);
  const base = provider.api.endsWith('/') ? provider.api.replace(/\/+$/, '') : provider.api;
  const url = target.startsWith('/') ? parseUrl(base + target) : null;
  if (url === null) return null;
  url.hash = '';
  return url.origin === origin && url.username === '' && url.pathname.startsWith(prefix) ? url : null;
};

/** Where an answer's own link leads, seen from the page it stands on; null when it leaves the API or the whole segments of the prefix. */
export const linkedUrl = (provider: Provider, page: string, href: string, prefix: string): URL | null => {
  const url = parseUrl(href, page);
  if (url === null) return null;
  url.hash = '';
  const api = new URL(provider.api);
  const { pathname } = new URL(page);
  // The very path that was asked is within the prefix, whatever is encoded in it.
  return isBelow(url, api, url.pathname === pathname ? pathname : wholeSegments(prefix, pathname))
    ? url
    : null;
};

/**
 * Where a redirect leads that may be followed with a token: to the very origin that was asked, below the same prefix. Null for any
 * other, and what has no address at all.
 */
export const redirectedUrl = (asked: URL, from: URL, location: string, prefix: string): URL | null => {
  const url = parseUrl(location, from);
  if (url === null) return null;
  url.hash = '';
  return isBelow(url, asked, prefix) ? url : null;
};
