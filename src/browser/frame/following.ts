import { type Answer, type Api, textIn } from './api.js';
import { pause } from './waiting.js';
import { words } from './words.js';

const LOOK_EVERY = 1_000;
const LOOK_EVERY_HIDDEN = 2_000;

/** How a consent ended: `connected` if data can now be fetched, otherwise the sentence for the person. */
export type Ending = { readonly connected: boolean; readonly sentence: string };

/** Follows one consent by polling the server: a window can't know how another one ended (`popup.closed` is unreliable). */
export interface Following {
  /** Checks now. */
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

/** Of all frames that wait for the same consent, one polls; another takes over when it is gone. */
const alone = async (flow: string, signal: AbortSignal, work: () => Promise<void>): Promise<void> => {
  if (!('locks' in navigator)) return work();
  try {
    await navigator.locks.request(`oriel ${flow}`, { signal }, work);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
};

/**
 * Polls until the flow has ended or `stop` is called. `unauthorized` is called on a 401, before the next request, and `progressed` with
 * the status of a flow that continues.
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
