import { type Answer, type Api, postRenewing, textIn } from './api.js';
import { pause } from './waiting.js';
import { words } from './words.js';

/** The field for the code that the connect page shows. */
interface CodeField {
  value(): string;
  /** Shows why the code was not accepted, also to screen readers, and returns the focus to the field. */
  refuse(sentence: string): void;
  /** While a code is being sent, no other can be. */
  busy(busy: boolean): void;
}

/** The field that is on the page now; null if another step is shown. */
const codeField = (): CodeField | null => {
  const input = document.querySelector<HTMLInputElement>('#oriel-code');
  const error = document.querySelector<HTMLElement>('#oriel-code-error');
  const button = document.querySelector<HTMLButtonElement>('[data-oriel-action="enter-code"]');
  if (input === null || error === null || button === null) return null;
  return {
    value: () => input.value,
    refuse(sentence) {
      // Emptied first, so that a screen reader repeats the same sentence.
      error.textContent = '';
      error.hidden = false;
      error.textContent = sentence;
      input.setAttribute('aria-invalid', 'true');
      input.focus();
      input.select();
    },
    busy(busy) {
      // Not `disabled`, which would move the focus.
      button.setAttribute('aria-disabled', String(busy));
      input.readOnly = busy;
    },
  };
};

/** `visit`: opens My connections by a link; it has no provider. */
export type Intent = 'connect' | 'other-account' | 'visit';

/** A flow that was started, or the sentence why none was. */
export type Started =
  | { readonly flow: string; readonly ticket: string; readonly linked: boolean }
  | { readonly refused: string };

/** A flow of this viewer that may still make a Connection; `after`: the provider that its window was at before. */
export interface PendingFlow {
  readonly flow: string;
  readonly provider: string;
  readonly mode: unknown;
  readonly status: unknown;
  readonly after: unknown;
}

const isPendingFlow = (value: unknown): value is PendingFlow =>
  typeof value === 'object' &&
  value !== null &&
  'flow' in value &&
  typeof value.flow === 'string' &&
  'provider' in value &&
  typeof value.provider === 'string';

/** The frame's requests about its consents. */
export interface FlowApi {
  start(provider: string, intent: Intent): Promise<Started>;
  /** Cancels it on every page of this viewer. Returns the sentence why that failed, or null. */
  cancel(flow: string): Promise<string | null>;
  /** The viewer's unfinished flows, newest first. */
  pending(): Promise<readonly PendingFlow[]>;
  /** Submits the code that was entered; false if it was not accepted, which the field then shows. */
  enterCode(flow: string): Promise<boolean>;
}

/** `renew` renews the frame's session. */
export const flowApi = (api: Api, renew: () => Promise<string>): FlowApi => {
  const post = postRenewing(api, renew);
  return {
    async start(provider, intent) {
      const answer = await post('/frame/flows', { provider, intent });
      const flow = textIn(answer, 'flow');
      const ticket = textIn(answer, 'ticket');
      if (flow === null || ticket === null) return { refused: textIn(answer, 'detail') ?? words('tryAgain') };
      return { flow, ticket, linked: textIn(answer, 'mode') !== 'opener' };
    },
    async cancel(flow) {
      const answer = await post(`/frame/flows/${encodeURIComponent(flow)}/cancel`, {});
      return answer?.status === 200 ? null : (textIn(answer, 'detail') ?? words('tryAgain'));
    },
    async pending() {
      const flows = (await api.get('/frame/flows'))?.fields.flows;
      return Array.isArray(flows) ? flows.filter(isPendingFlow) : [];
    },
    async enterCode(flow) {
      const field = codeField();
      if (field === null) return false;
      field.busy(true);
      const code = field.value().trim();
      const answer =
        code === '' ? null : await post(`/frame/flows/${encodeURIComponent(flow)}/code`, { code });
      field.busy(false);
      if (answer?.status === 200) return true;
      field.refuse(code === '' ? words('noCode') : (textIn(answer, 'detail') ?? words('tryAgain')));
      return false;
    },
  };
};

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
