import { about, LET_FRAMES_IN, type Line } from './report.js';
import type { TokenAnswer } from './token-question.js';

/** Seconds: what the server lets pass, and from where on it is worth a word. */
const LEEWAY = 30;
const NOTICEABLE = 10;
const BROWSER_NOTICEABLE = 60;

const clock = about('clock', 'Clocks and token age');

/** The server's time, as known when `at` (by `performance.now()`) it was told. */
export interface ServerTime {
  readonly time: number;
  readonly at: number;
}

/** What is wrong between the host's clock and the server's, by a token that was made when it was asked for; else null. */
const hostLine = (iat: number, exp: number, then: number): Line | null => {
  const ahead = Math.round(iat - then);
  if (ahead > LEEWAY)
    return clock.wrong(
      `The host’s clock is ${ahead} seconds ahead of the server’s; ${LEEWAY} are let pass.`,
      'Set the host’s clock by NTP, or the server’s.',
    );
  if (exp <= then - LEEWAY)
    return clock.wrong(
      `The token was over ${Math.round(then - exp)} seconds before it came: by the server’s clock it was made ${-ahead} seconds ago.`,
      'Set the host’s clock by NTP, and make a new token for each question.',
    );
  if (-ahead > LEEWAY)
    return clock.look(
      `The token was ${-ahead} seconds old when it came, by the server’s clock.`,
      'Make a new token for each question, and compare the clocks.',
    );
  if (Math.abs(ahead) > NOTICEABLE)
    return clock.look(
      `The clocks of host and server are ${Math.abs(ahead)} seconds apart; ${LEEWAY} are let pass.`,
      'Set both by NTP.',
    );
  return null;
};

/**
 * The host's clock and the browser's against the server's. A time in the past is a slow clock or an old token: nothing tells them
 * apart, and both have the same effect.
 */
export const clockLine = (answer: TokenAnswer | null, server: ServerTime | null): Line => {
  if (server === null)
    return clock.unchecked(
      'The doctor’s frame did not answer, so the server’s time is not known.',
      LET_FRAMES_IN,
    );
  const serverAt = (at: number): number => (server.time + (at - server.at)) / 1000;
  const { iat, exp } = answer?.kind === 'token' ? answer.claims : {};
  const isTimed = answer?.kind === 'token' && typeof iat === 'number' && typeof exp === 'number';
  const host = isTimed ? hostLine(iat, exp, serverAt(answer.at)) : null;
  if (host !== null) return host;
  const browser = Math.round(Date.now() / 1000 - serverAt(performance.now()));
  if (Math.abs(browser) > BROWSER_NOTICEABLE)
    return clock.look(
      `This browser’s clock is ${Math.abs(browser)} seconds ${browser > 0 ? 'ahead' : 'behind'}.`,
      'Set this computer’s clock: the ages that gadgets show are reckoned by it.',
    );
  return isTimed
    ? clock.good('Host, server and browser agree.')
    : clock.unchecked(
        'There is no token whose time could be compared with the server’s.',
        'Mend what is said of the token address and its claims first.',
      );
};
