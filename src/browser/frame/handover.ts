import { envelope, readPopupMessage } from '../shared/messages.js';

/** Longer than any ticket lives. */
const LISTEN_FOR = 130_000;

/** A ticket, the sentence why there is none, or null if there is nothing to say. */
export type Fetched = { readonly ticket: string } | { readonly refused: string } | null;

const openWindow = (url: string, features: string): Window | null => {
  try {
    return window.open(url, '_blank', features);
  } catch {
    return null;
  }
};

/** Answers the popup's message, which must come from that window and the exact origin. */
const answering = (popup: Window, siteOrigin: string, ticket: Promise<Fetched>): void => {
  const received = async (event: MessageEvent): Promise<void> => {
    if (event.origin !== siteOrigin || event.source !== popup) return;
    const ready = readPopupMessage(event.data);
    if (ready === null) return;
    const fetched = await ticket;
    if (fetched === null) return;
    const { n } = ready;
    const answer =
      'ticket' in fetched
        ? envelope({ type: 'ticket', ticket: fetched.ticket, n })
        : envelope({ type: 'refused', message: fetched.refused, n });
    popup.postMessage(answer, siteOrigin);
  };
  addEventListener('message', received);
  setTimeout(() => removeEventListener('message', received), LISTEN_FOR);
};

/**
 * Opens a page of the site origin and sends it a ticket by message. Must be called within the click; the URL contains nothing. False if
 * there is no window: it was blocked, or separated from this one (a host page with `Cross-Origin-Opener-Policy: same-origin`), and then
 * that page says what to do.
 */
export const openWithTicket = (
  siteOrigin: string,
  path: string,
  features: string,
  fetchTicket: () => Promise<Fetched>,
): boolean => {
  const popup = openWindow(siteOrigin + path, features);
  const ticket = fetchTicket();
  if (popup === null) return false;
  answering(popup, siteOrigin, ticket);
  return true;
};
