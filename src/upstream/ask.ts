import type { Format } from '../domain/gadget.js';
import type { CallOutcome, Meter } from '../domain/meter.js';
import type { Clock } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import type { Answer, Client } from './client.js';
import { type Result, resultOf } from './outcome.js';

/** One call over the wire, judged. `answer` is null when there was none. */
export type Ask = (
  provider: Provider,
  url: URL,
  headers: Readonly<Record<string, string>>,
  format: Format,
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
  async (provider, url, headers, format) => {
    const begun = clock.now();
    const answer = await calls.get(url, headers, provider);
    const now = clock.now();
    const result = resultOf(answer, format, now);
    meter.called(provider.id, OUTCOMES[result.kind], now - begun);
    return { answer: answer.kind === 'answer' ? answer : null, result };
  };
