import { envelope, type FrameMessage, type HostMessage, readHostMessage } from '../shared/messages.js';
import type { Stage } from './stage.js';

/** The host page's answer to a request for a new token. */
export type HostAnswer =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'signed-out' }
  | { readonly kind: 'failed'; readonly code: string };

/** Messages to and from the host page's element; a page without script never answers. */
export interface HostLink {
  send(message: FrameMessage): void;
  ask(): Promise<HostAnswer>;
}

/** Longer than the element's own timeout, which includes the queue of the page's other gadgets. */
const ANSWER_WITHIN = 45_000;

const newId = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (n) => n.toString(36)).join('');

/**
 * Exchanges messages with the parent window, and only with the host's registered origins. Most browsers tell which of them it is; in the
 * others, messages go to all of them until one answers.
 */
export const hostLink = (origins: readonly string[], themeChanged: Stage['setTheme']): HostLink => {
  const parent = window.parent;
  const ancestor = location.ancestorOrigins?.[0];
  let partners = ancestor !== undefined && origins.includes(ancestor) ? [ancestor] : origins;
  let answered = false;
  const questions = new Map<string, (answer: HostAnswer) => void>();

  const answer = (id: string, given: HostAnswer): void => {
    questions.get(id)?.(given);
    questions.delete(id);
  };
  const hear = (message: HostMessage): void => {
    if (message.type === 'theme') themeChanged(message.theme, message.ground, message.variables);
    else if (message.type === 'token') answer(message.id, { kind: 'token', token: message.token });
    else if (message.type === 'signed-out') answer(message.id, { kind: 'signed-out' });
    else answer(message.id, { kind: 'failed', code: message.code });
  };
  addEventListener('message', (event) => {
    if (event.source !== parent || !origins.includes(event.origin)) return;
    const message = readHostMessage(event.data);
    if (message === null) return;
    answered = true;
    partners = [event.origin];
    hear(message);
  });

  const send = (message: FrameMessage): void => {
    for (const origin of partners) parent.postMessage(envelope(message), origin);
  };
  return {
    send,
    ask() {
      if (!answered) return Promise.resolve({ kind: 'failed', code: 'no_host_element' });
      const id = newId();
      return new Promise((resolve) => {
        questions.set(id, resolve);
        setTimeout(answer, ANSWER_WITHIN, id, { kind: 'failed', code: 'no_answer' });
        send({ type: 'renew', id });
      });
    },
  };
};
