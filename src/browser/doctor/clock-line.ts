import { about, LET_FRAMES_IN, type Line } from './report.js';
import type { TokenAnswer } from './token-question.js';

/** Seconds: what the server tolerates, and how much is worth mentioning. */
const LEEWAY = 30;
const NOTICEABLE = 10;
const BROWSER_NOTICEABLE = 60;

const clock = about('clock', 'Clocks and token age');

/** The server's time, received at `at` (`performance.now()`). */
export interface ServerTime {
  readonly time: number;
  readonly at: number;
}

/** Compares the host's clock with the server's by a token that was created when we asked for it; null if they agree. */
const hostLine = (iat: number, exp: number, then: number): Line | null => {
  const ahead = Math.round(iat - then);
  if (ahead > LEEWAY)
    return clock.problem(
      `The host’s clock is ${ahead} seconds ahead of the server’s. Up to ${LEEWAY} seconds are tolerated.`,
      'Synchronize both clocks with NTP.',
    );
  if (exp <= then - LEEWAY)
    return clock.problem(
      `The token had expired ${Math.round(then - exp)} seconds before it arrived: by the server’s clock it was created ${-ahead} seconds ago.`,
      'Synchronize the host’s clock with NTP, and create a new token for each request.',
    );
  if (-ahead > LEEWAY)
    return clock.warning(
      `By the server’s clock, the token was ${-ahead} seconds old when it arrived.`,
      'Create a new token for each request, and compare the clocks.',
    );
  if (Math.abs(ahead) > NOTICEABLE)
    return clock.warning(
      `The clocks of host and server are ${Math.abs(ahead)} seconds apart. Up to ${LEEWAY} seconds are tolerated.`,
      'Synchronize both with NTP.',
    );
  return null;
};

/**
 * Compares the clocks of the host and the browser with the server's. A time in the past means a slow clock or an old token; they can't
 * be distinguished, and have the same effect.
 */
export const clockLine = (answer: TokenAnswer | null, server: ServerTime | null): Line => {
  if (server === null)
    return clock.unchecked(
      'The doctor’s frame did not answer, so the server’s time is unknown.',
      LET_FRAMES_IN,
    );
  const serverAt = (at: number): number => (server.time + (at - server.at)) / 1000;
  const { iat, exp } = answer?.kind === 'token' ? answer.claims : {};
  const isTimed = answer?.kind === 'token' && typeof iat === 'number' && typeof exp === 'number';
  const host = isTimed ? hostLine(iat, exp, serverAt(answer.at)) : null;
  if (host !== null) return host;
  const browser = Math.round(Date.now() / 1000 - serverAt(performance.now()));
  if (Math.abs(browser) > BROWSER_NOTICEABLE)
    return clock.warning(
      `This browser’s clock is ${Math.abs(browser)} seconds ${browser > 0 ? 'ahead' : 'behind'}.`,
      'Set this computer’s clock. Gadgets use it to show how old data is.',
    );
  return isTimed
    ? clock.good('The clocks of host, server and browser agree.')
    : clock.unchecked(
        'There is no token to compare with the server’s time.',
        'Fix the token endpoint and the token claims first.',
      );
};
