import { envelope, readTicketMessage } from '../shared/messages.js';

const REPEAT = 1000;

/** The opener's answer. */
export type Handed = { readonly ticket: string } | { readonly refused: string };

const nonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/**
 * Asks the gadget that opened this window for its ticket. Only a message of the gadget origin, from that very window, with our
 * nonce counts (T4). `refused` if the server gave the gadget no ticket. Null if there is no opener, or none that answers within
 * `patience` milliseconds, in which it also fetches the ticket.
 */
export const ticketFromOpener = (gadgetOrigin: string, patience: number): Promise<Handed | null> => {
  const opener = window.opener as Window | null;
  if (opener === null) return Promise.resolve(null);
  const n = nonce();
  return new Promise((resolve) => {
    const finish = (handed: Handed | null): void => {
      window.removeEventListener('message', hear);
      clearInterval(repeating);
      clearTimeout(waiting);
      resolve(handed);
    };
    const hear = (event: MessageEvent): void => {
      if (event.origin !== gadgetOrigin || event.source !== opener) return;
      const message = readTicketMessage(event.data, n);
      if (message?.type === 'ticket') finish({ ticket: message.ticket });
      else if (message?.type === 'refused') finish({ refused: message.message });
    };
    const ready = (): void => opener.postMessage(envelope({ type: 'ready', n }), gadgetOrigin);
    window.addEventListener('message', hear);
    const repeating = setInterval(ready, REPEAT);
    const waiting = setTimeout(() => finish(null), patience);
    ready();
  });
};
