import { type Data, plainRecord as plain } from '../domain/data.js';
import type { RequestPlan } from '../domain/gadget.js';
import type { Obstacle } from '../domain/rendering.js';
import { foremost } from './obstacles.js';
import type { Called, DataOutcome } from './provider-calls.js';

/** Calls for the items of one request at the same time, so that the gadget's other requests are not kept waiting. */
const AT_ONCE = 4;

/** What the requests for all items came to. */
export interface CalledEach {
  readonly called: Called;
  /** Each item's own, for whose Connections were used. */
  readonly calls: readonly Called[];
  /** Why items have no answer. */
  readonly marked: readonly Obstacle[];
}

/** The provider as a whole cannot be used, whatever the item. */
const isOfAll = (obstacle: Obstacle): boolean =>
  obstacle.state !== 'not-found' &&
  obstacle.state !== 'no-access' &&
  !(obstacle.state === 'misconfigured' && obstacle.code === 'value-unusable');

/** After these the other items need not be asked for. */
const endsAll = ({ state }: Obstacle): boolean =>
  state === 'connect' || state === 'reconnect' || state === 'rate-limited';

const failureOf = (obstacle: Obstacle): Data => {
  const { state } = obstacle;
  const detail = 'detail' in obstacle ? obstacle.detail : null;
  const code = obstacle.state === 'misconfigured' ? obstacle.code : null;
  return plain({ state, code, detail });
};

const entryOf = (item: Data, called: Called): Data =>
  'answer' in called
    ? plain({ item, data: called.answer.data, failed: null, more: called.answer.more })
    : plain({ item, data: null, failed: failureOf(called.obstacle), more: false });

/** All items' answers as one; an answer that lacks an item is shown and not kept. */
const togetherOf = (
  items: readonly Data[],
  calls: readonly Called[],
  source: DataOutcome,
  more: boolean,
): DataOutcome => {
  const answers = calls.flatMap((called) => ('answer' in called ? [called.answer] : []));
  const dated = answers.length === 0 ? [source] : answers;
  return {
    kind: 'data',
    data: Object.freeze(items.map((item, index) => entryOf(item, calls[index] as Called))),
    fetchedAt: Math.min(...dated.map(({ fetchedAt }) => fetchedAt)),
    sentAt: Math.min(...dated.map(({ sentAt }) => sentAt)),
    freshUntil: answers.length < items.length ? 0 : Math.min(...dated.map(({ freshUntil }) => freshUntil)),
    stale: answers.some(({ stale }) => stale),
    bytes: answers.reduce((sum, { bytes }) => sum + bytes, 0),
    pages: answers.reduce((sum, { pages }) => sum + pages, 0),
    more,
  };
};

/**
 * Makes a request for each of these items, a few at a time. The answer is a list in the items' order of `{ item, data, failed, more }`:
 * an item that failed is marked and the others are shown. What is in the way of all of them takes the place of the list. `more`: whether
 * the source had further items.
 */
export async function callEach(
  { inputs: { each } }: RequestPlan,
  found: readonly Data[],
  source: DataOutcome,
  call: (item: Data) => Promise<Called>,
): Promise<CalledEach> {
  const items = found.slice(0, each?.atMost ?? 0);
  const calls: Called[] = new Array(items.length);
  let next = 0;
  let ended: Called | null = null;
  const work = async (): Promise<void> => {
    while (next < items.length) {
      const at = next;
      next += 1;
      const called: Called = ended ?? (await call(items[at] as Data));
      calls[at] = called;
      if ('obstacle' in called && endsAll(called.obstacle)) ended ??= called;
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, work));
  const marked = calls.flatMap((called) => ('obstacle' in called ? [called.obstacle] : []));
  const lost = marked.some(({ state }) => state === 'connect' || state === 'reconnect');
  const first = foremost(marked);
  if (first !== undefined && (lost || (marked.length === items.length && marked.every(isOfAll)))) {
    const [any] = calls;
    return {
      called: { obstacle: first, connection: any?.connection ?? null, api: any?.api ?? '' },
      calls,
      marked: [],
    };
  }
  const answer = togetherOf(items, calls, source, source.more || found.length > items.length);
  return { called: { answer, connection: null, api: '' }, calls, marked };
}
