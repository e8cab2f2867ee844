import { type Answer, type Api, textIn } from './api.js';
import { pause } from './waiting.js';
import { words } from './words.js';

const LOOK_EVERY = 1_000;
const LOOK_EVERY_HIDDEN = 2_000;

/** How a consent ended: `connected` when data can now be fetched, else what to tell the person. */
export type Ending = { readonly connected: boolean; readonly sentence: string };

/** One consent being followed, by asking the server: no window knows how another ends (`popup.closed` lies). */
export interface Following {
  /** Looks at once. */
  look(): Promise<void>;
  stop(): void;
}

const endingOf = (answer: Answer): Ending | null => {
  const sentence = textIn(answer, 'message') ?? words('nothingTryAgain');
  switch (textIn(answer, 'status')) {
    case 'active':
      return { connected: true, sentence: '' };
    case 'superseded':
      return { connected: false, sentence: '' };
    case 'cancelled':
      return { connected: false, sentence: words('nothing') };
    case 'failed':
    case 'expired':
      return { connected: false, sentence };
    default:
      return null;
  }
};

/** One poller among the frames of a page that wait for the same consent; the others take over when it goes away. */
const alone = async (flow: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  if (!('locks' in navigator)) return work();
  try {
    await navigator.locks.request(`oriel ${flow}`, { signal }, work);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/**
 * Asks until the flow has ended or `stop` is called. `unauthorized` is called at a 401, before the next look, and `progressed` with
 * the status of a flow that goes on.
 */
export const follow = (parts: {
  readonly api: Api;
  readonly flow: string;
  readonly unauthorized: () => Promise<unknown>;
  readonly progressed: (status: string) => void;
  readonly ended: (ending: Ending) => void;
}): Following => {
  const { api, flow } = parts;
  const rest = pause();
  const stopped = new AbortController();
  const { signal } = stopped;

  const ask = async (): Promise<Ending | null> => {
    const answer = await api.get(`/frame/flows/${encodeURIComponent(flow)}`);
    if (answer === null || answer.status >= 500 || answer.status === 429) return null;
    if (answer.status === 200) {
      const ending = endingOf(answer);
      if (ending === null && !signal.aborted) parts.progressed(textIn(answer, 'status') ?? '');
      return ending;
    }
    if (answer.status !== 401) return { connected: false, sentence: '' };
    await parts.unauthorized();
    return null;
  };
  const look = async (): Promise<void> => {
    const ending = await ask();
    if (ending === null || signal.aborted) return;
    stopped.abort();
    rest.nudge();
    parts.ended(ending);
  };
  const poll = async (): Promise<void> => {
    while (!signal.aborted) {
      await look();
      if (!signal.aborted) await rest.wait(document.hidden ? LOOK_EVERY_HIDDEN : LOOK_EVERY);
    }
  };
  void alone(flow, signal, poll);

  return {
    look,
    stop() {
      stopped.abort();
      rest.nudge();
    },
  };
};
