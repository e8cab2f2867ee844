import type { Owner } from '../domain/connection.js';
import type { Format } from '../domain/gadget.js';
import type { CallOutcome, Meter } from '../domain/meter.js';
import type { ReportMisplaced } from '../domain/misplaced.js';
import type { Refused } from '../domain/refused.js';
import type { Clock } from '../domain/system.js';
import type { Answer, Client } from '../net/http-client.js';
import type { Provider } from '../providers/provider.js';
import { type Result, resultOf } from './outcome.js';
import type { AnswerReader } from './readers/answer-reader.js';
import { redirectedUrl } from './target.js';
import type { BoundToken } from './upstream-call.js';

/** One call of a provider's API. `headers` are all but those that say who asks. */
export interface Question {
  readonly provider: Provider;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly format: Format;
  /** Redirects are followed below this literal prefix of the path. */
  readonly prefix: string;
  /** How this API says no within a 200; null leaves it to the provider's record. */
  readonly refused: Refused | null;
  /** The Connection it is made for, which has sockets of its own; null for tokens that belong to none yet. */
  readonly owner: Owner | null;
}

/** Makes a call and judges it. `answer` is null when there was none. */
export type Ask = (
  bound: BoundToken,
  question: Question,
) => Promise<{ readonly answer: Answer | null; readonly result: Result }>;

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

/** What asking needs beside the wire. */
export interface AskingDeps {
  readonly clock: Clock;
  readonly meter: Pick<Meter, 'called'>;
  readonly misplaced: ReportMisplaced;
}

/**
 * Asks, and counts what came of it and how long it took. The one place that puts a viewer's token on a request: whatever led here, no
 * token leaves for an origin that it is not bound to.
 */
export const asking =
  (calls: Client, reader: AnswerReader, { clock, meter, misplaced }: AskingDeps): Ask =>
  async ({ token, origins }, { provider, url, headers, format, prefix, refused, owner }) => {
    if (!origins.includes(url.origin)) {
      misplaced('origin', owner);
      return { answer: null, result: REFUSED };
    }
    const authorization = provider.authorizationHeader.replaceAll('{token}', () => token.reveal());
    const isKept = owner !== null && provider.keepAlive !== false;
    const startedAt = clock.monotonic();
    const answer = await calls.get({
      url,
      headers: { ...headers, authorization },
      reach: provider,
      owner: isKept ? JSON.stringify([owner.connection, owner.generation]) : null,
      redirected: (from, location) => redirectedUrl(url, from, location, prefix),
    });
    const arrivedAt = clock.monotonic();
    const result = await resultOf(reader, answer, {
      format,
      refused: refused ?? provider.refused ?? null,
      declared: provider.tokenRejected ?? [],
      asked: url,
      now: clock.now(),
    });
    meter.called(provider.id, OUTCOMES[result.kind], arrivedAt - startedAt);
    return { answer: answer.kind === 'answer' ? answer : null, result };
  };
