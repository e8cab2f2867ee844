import { type Answer, type Api, textIn } from './api.js';
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

/** The frame's requests about its consents. */
export interface FlowApi {
  start(provider: string, intent: Intent): Promise<Started>;
  /** Cancels it on every page of this viewer. Returns the sentence why that failed, or null. */
  cancel(flow: string): Promise<string | null>;
  /** The viewer's unfinished flows, newest first. */
  pending(): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Submits the code that was entered; false if it was not accepted, which the field then shows. */
  enterCode(flow: string): Promise<boolean>;
}

/** `renew` renews the frame's session, so that an expired bearer doesn't lose the person's click. */
export const flowApi = (api: Api, renew: () => Promise<string>): FlowApi => {
  const post = async (path: string, body: Readonly<Record<string, unknown>>): Promise<Answer | null> => {
    const answer = await api.post(path, body);
    const again = answer?.status === 401 && (await renew()) === 'renewed';
    return again ? api.post(path, body) : answer;
  };
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
      return Array.isArray(flows) ? flows.filter((each) => typeof each === 'object' && each !== null) : [];
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
