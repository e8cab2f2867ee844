import type { Lease } from './lease.js';
import type { Showing } from './showing.js';
import { backOff } from './waiting.js';

const RENEW_AT = 0.8;

/** Frames of one page wake together; a random delay spreads their requests. */
const jitter = (most: number): number => Math.random() * most;

/**
 * Keeps the session alive: renews it at four fifths of its lifetime and whenever the frame is shown again (the page is visible again, the
 * network is back, the page was restored). By then someone else may be signed in to the host, so the host is asked for the viewer at once,
 * and the server whether the data may still be shown. Data that may not is removed before any request. Returns a function that renews
 * now.
 */
export const keepAwake = (lease: Lease, showing: Showing, looked: () => void): (() => void) => {
  let renewal: ReturnType<typeof setTimeout> | undefined;
  let end: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  const schedule = (ms: number): void => {
    clearTimeout(renewal);
    clearTimeout(end);
    renewal = setTimeout(renew, ms);
    end = setTimeout(() => showing.expireIfOver(), Math.max(0, lease.left()) + 50);
  };

  const renew = async (): Promise<void> => {
    clearTimeout(renewal);
    const outcome = await showing.renew();
    failures = outcome === 'failed' ? failures + 1 : 0;
    if (outcome === 'renewed') schedule(lease.life() * (RENEW_AT - jitter(0.05)));
    else if (outcome === 'failed') {
      schedule(backOff(failures + 2));
      void showing.refresh();
    }
  };

  const woken = (restored: boolean): void => {
    if (restored || lease.isOver()) showing.hold();
    else void showing.look();
    clearTimeout(renewal);
    renewal = setTimeout(renew, restored ? 0 : jitter(100));
  };

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState !== 'visible') return;
    looked();
    woken(false);
  });
  addEventListener('online', () => woken(false));
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) woken(true);
  });
  schedule(lease.life() * (RENEW_AT - jitter(0.05)));
  return () => void renew();
};
