import { envelope, isLookAgain } from '../shared/messages.js';

const AT_MOST_EVERY = 500;

const openChannel = (): BroadcastChannel | null => {
  try {
    return new BroadcastChannel('oriel');
  } catch {
    return null;
  }
};

/**
 * The channel between the frames of this site. Frames of other hosts and viewers receive its messages too, so the only message is “look
 * again”, and frequent messages don't cause more requests. Returns a function that sends it.
 */
export const siteChannel = (heard: () => void): (() => void) => {
  const channel = openChannel();
  let planned = false;
  channel?.addEventListener('message', ({ data }) => {
    if (planned || !isLookAgain(data)) return;
    planned = true;
    setTimeout(() => {
      planned = false;
      heard();
    }, Math.random() * AT_MOST_EVERY);
  });
  return () => channel?.postMessage(envelope({ type: 'look-again' }));
};
