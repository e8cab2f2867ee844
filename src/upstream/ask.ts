import type { Format } from '../domain/gadget.js';
import type { CallOutcome, Meter } from '../domain/meter.js';
import type { Clock } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import type { Answer, Client } from './client.js';
import { type Result, resultOf } from './outcome.js';
import { redirectedUrl } from './target.js';

/** One call over the wire. */
export interface Question {
  readonly provider: Provider;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly format: Format;
  /** Redirects are followed below this literal prefix of the path. */
  readonly prefix: string;
  /** Whose socket it may use; null for one of its own. */
  readonly owner: string | null;
}

/** Makes a call and judges it. `answer` is null when there was none. */
export type Ask = (
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

/** Asks, and counts what came of it and how long it took. */
export const asking =
  (calls: Client, { clock, meter }: { readonly clock: Clock; readonly meter: Pick<Meter, 'called'> }): Ask =>
  async ({ provider, url, headers, format, prefix, owner }) => {
    const begun = clock.now();
    const answer = await calls.get({
      url,
      headers,
      reach: provider,
      owner: provider.keepAlive === false ? null : owner,
      redirected: (from, location) => redirectedUrl(url, from, location, prefix),
    });
    const now = clock.now();
    const result = resultOf(answer, format, now);
    meter.called(provider.id, OUTCOMES[result.kind], now - begun);
    return { answer: answer.kind === 'answer' ? answer : null, result };
  };
