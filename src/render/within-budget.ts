import type { Rendered, RenderRequest } from '../domain/rendering.js';
import type { Clock } from '../domain/system.js';
import type { Attributed, GadgetRendering, Recalled } from './render-gadget.js';

/** Renderings for frames, each answer within its budget. */
export interface BudgetedRendering {
  /**
   * What this frame session shows, or `pending` when the budget (ms) is over first: the rendering then goes on, and the session's
   * next question joins it or takes its result. Rejects with what the rendering was refused for.
   */
  answer(session: string, request: RenderRequest, budget: number): Promise<Rendered | 'pending'>;
  /** What is shown and what it stands on, where memory knows both without waiting. */
  recall(request: RenderRequest): Recalled | undefined;
  /** Lets go of what is being made or kept for this session: what it asks next is made anew. */
  forget(session: string): void;
}

/** A result nobody waited for is kept this long, even where nothing of it may be cached: it answers a question already asked. */
const KEPT_FOR = 5_000;

/** So many results are kept for those who did not come yet: beyond that their frames ask once more. */
const MOST_KEPT = 5000;

interface Work {
  readonly request: RenderRequest;
  readonly attributed: Promise<Attributed>;
  waiting: number;
  done: boolean;
}

/** A session's parameters never change; its gadget may, when definitions are read again. */
const isSameQuestion = (work: Work, { viewer, gadget }: RenderRequest): boolean =>
  work.request.viewer.id === viewer.id && work.request.gadget.version === gadget.version;

/** Joins a session's questions to one rendering, and gives each of them an answer in time. */
export const withinBudget = (
  rendering: GadgetRendering,
  clock: Clock,
  mostKept = MOST_KEPT,
): BudgetedRendering => {
  const works = new Map<string, Work>();
  /** Sessions whose work is done and was not asked for yet, the one that is done for longest first. */
  const done = new Set<string>();

  const drop = (session: string, work: Work): void => {
    if (works.get(session) !== work) return;
    works.delete(session);
    done.delete(session);
  };

  const begin = (session: string, request: RenderRequest): Work => {
    const work: Work = { request, attributed: rendering.anew(request), waiting: 0, done: false };
    works.set(session, work);
    done.delete(session);
    const settled = async (): Promise<void> => {
      work.done = true;
      if (work.waiting === 0 && works.get(session) === work) {
        done.add(session);
        const [oldest = session] = done;
        const last = works.get(oldest);
        if (done.size > mostKept && last !== undefined) drop(oldest, last);
        await clock.sleep(KEPT_FOR);
      }
      drop(session, work);
    };
    // A failure is told to whoever asks; here it only ends the work.
    work.attributed.then(settled, settled);
    return work;
  };

  /** A result made before it was asked for is good only while the viewer's Connections are still those it was made with. */
  const mayStillBeShown = async (
    request: RenderRequest,
    { rendered, sources }: Attributed,
  ): Promise<boolean> =>
    rendered.state !== 'connect' &&
    rendered.state !== 'reconnect' &&
    (await rendering.isCurrent(request, sources));

  const kept = async (session: string, request: RenderRequest): Promise<Rendered | undefined> => {
    const work = works.get(session);
    if (work === undefined || !work.done || !isSameQuestion(work, request)) return undefined;
    drop(session, work);
    const attributed = await work.attributed;
    return (await mayStillBeShown(request, attributed)) ? attributed.rendered : undefined;
  };

  /** What was under way when it was asked for may rest on what was known before, and must not be given for what is known by now. */
  const asOf = async (request: RenderRequest, attributed: Attributed): Promise<Attributed> =>
    (await rendering.isCurrent(request, attributed.sources)) ? attributed : rendering.anew(request);

  const joined = async (
    session: string,
    request: RenderRequest,
    budget: number,
  ): Promise<Rendered | 'pending'> => {
    const running = works.get(session);
    const joins = running !== undefined && !running.done && isSameQuestion(running, request);
    const work = joins ? running : begin(session, request);
    work.waiting += 1;
    const answered = new AbortController();
    try {
      const over = clock.sleep(budget, answered.signal).then(() => 'pending' as const);
      const rendered = work.attributed.then((attributed) => (joins ? asOf(request, attributed) : attributed));
      return await Promise.race([rendered.then((attributed) => attributed.rendered), over]);
    } finally {
      work.waiting -= 1;
      answered.abort(work);
    }
  };

  return {
    async answer(session, request, budget) {
      const late = works.size === 0 ? undefined : await kept(session, request);
      return late ?? (await rendering.remembered(request)) ?? (await joined(session, request, budget));
    },
    recall: (request) => rendering.recall(request),
    forget(session) {
      works.delete(session);
      done.delete(session);
    },
  };
};
