import { envelope, readTicketMessage } from '../shared/messages.js';

const REPEAT = 1000;

const nonce = (): string =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join(
    '',
  );

/**
 * Asks the gadget that opened this window for its ticket. Only a message of the gadget origin, from that very window, with our
 * nonce counts (T4). Null when there is no opener, or none that answers within `patience` milliseconds: it fetches the ticket
 * meanwhile.
 */
export const ticketFromOpener = (gadgetOrigin: string, patience: number): Promise<string | null> => {
  const opener = window.opener as Window | null;
  if (opener === null) return Promise.resolve(null);
  const n = nonce();
  return new Promise((resolve) => {
    const finish = (ticket: string | null): void => {
      window.removeEventListener('message', hear);
      clearInterval(repeating);
      clearTimeout(waiting);
      resolve(ticket);
    };
    const hear = (event: MessageEvent): void => {
      if (event.origin !== gadgetOrigin || event.source !== opener) return;
      const message = readTicketMessage(event.data, n);
      if (message !== null) finish(message.ticket);
    };
    const ready = (): void => opener.postMessage(envelope({ type: 'ready', n }), gadgetOrigin);
    window.addEventListener('message', hear);
    const repeating = setInterval(ready, REPEAT);
    const waiting = setTimeout(() => finish(null), patience);
    ready();
  });
};
