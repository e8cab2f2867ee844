import { about, LET_FRAMES_IN, type Line } from './report.js';
import type { Fields, TokenAnswer } from './token-question.js';

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

const endpoint = about('token-url', 'Token endpoint');

/** The answer of the token endpoint, as a line; null if there is no endpoint. */
export const endpointLine = (answer: TokenAnswer | null): Line => {
  switch (answer?.kind) {
    case undefined:
      return endpoint.unchecked(
        'The element has no token-url. A token attribute works for one launch and can’t be renewed.',
        'Set the attribute token-url, unless the page is only shown for a few minutes.',
      );
    case 'foreign':
      return endpoint.problem(
        'token-url is on another origin.',
        'Serve it from this page’s own origin, so that the browser sends its cookies.',
      );
    case 'redirect':
      return endpoint.problem(
        'It redirects, perhaps to a sign-in page.',
        'Answer 401 if no one is signed in, and check that this path isn’t redirected.',
      );
    case 'refused':
      return endpoint.warning(
        `It answered ${answer.status}: no one is signed in, or it doesn’t accept this page’s Origin header.`,
        'Sign in to this site and run the doctor again. If you’re signed in, check that it accepts this page’s origin.',
      );
    case 'failed':
      return endpoint.problem(
        `It answered ${answer.status}.`,
        answer.status === 404
          ? 'There is nothing at that path. Correct token-url or the route, which must accept POST.'
          : 'It must answer a POST request with JSON. Check its own log for the cause.',
      );
    case 'not-json':
      return endpoint.problem(
        `It answered with ${answer.type.split(';')[0]} instead of JSON.`,
        'Answer {"token": "…"} as application/json. If this was a sign-in page, answer 401 instead.',
      );
    case 'no-token':
      return endpoint.problem('Its JSON has no string “token”.', 'Answer {"token": "…"}.');
    case 'no-jwt':
      return endpoint.problem(
        'The token isn’t a signed JWT.',
        'Answer with a compact JWS: header.claims.signature.',
      );
    case 'unreachable':
      if (navigator.onLine === false)
        return endpoint.unchecked(
          'This browser is offline.',
          'Run the doctor again when the network is back.',
        );
      return endpoint.problem(
        'It can’t be reached from this page.',
        'Check the browser’s network panel. A Content-Security-Policy must allow ’self’ in connect-src.',
      );
    case 'token':
      return answer.noStore
        ? endpoint.good('It returns a token.')
        : endpoint.warning('It returns a token that caches may store.', 'Send Cache-Control: no-store.');
  }
};

const LONGEST_TEXT = 255;
const LONGEST_LIFE = 120;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && new TextEncoder().encode(value).length <= LONGEST_TEXT;
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const shown = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 100);

/** What a token for this element must contain. */
export interface Wanted {
  readonly host: string;
  readonly gadget: string;
  readonly gadgetOrigin: string;
  /** Null if the server could not be asked. */
  readonly algorithms: readonly string[] | null;
}

type Fault = readonly [message: string, fix: string];

const headerFaults = (header: Fields, { algorithms, host }: Wanted): readonly Fault[] => [
  ...(algorithms !== null && !algorithms.includes(String(header.alg))
    ? [
        [
          `Its “alg” is ${shown(header.alg)}; the host’s record allows ${algorithms.join(', ')}.`,
          `Sign with one of these, or change hosts.${host}.key.`,
        ] as const,
      ]
    : []),
  ...(header.typ === undefined || header.typ === 'JWT' || header.typ === 'oriel-viewer+jwt'
    ? []
    : [[`Its “typ” is ${shown(header.typ)}.`, 'Remove “typ”, or set it to JWT.'] as const]),
];

/** `sub` and everything else that identifies a person is checked but never shown. */
const claimFaults = (claims: Fields, wanted: Wanted): readonly Fault[] => {
  const { iss, aud, sub, iat, exp, jti, gadget, params, purpose } = claims;
  const faults: (readonly [wrong: boolean, message: string, fix: string])[] = [
    [iss !== wanted.host, `“iss” is ${shown(iss)}.`, `It must be the host’s ID, “${wanted.host}”.`],
    [
      aud !== wanted.gadgetOrigin,
      `“aud” is ${shown(aud)}, so the token is for a different server.`,
      `It must be exactly “${wanted.gadgetOrigin}”, as a single string.`,
    ],
    [
      !isText(sub),
      '“sub” is missing, empty, too long or not a string.',
      'Set it to a string of 1 to 255 bytes that identifies the viewer.',
    ],
    [
      !isText(jti),
      '“jti” is missing, empty, too long or not a string.',
      'Set it to a new random string in each token.',
    ],
    [
      !isTime(iat) || !isTime(exp),
      '“iat” and “exp” must be times in whole seconds.',
      'Set both, in seconds, not milliseconds.',
    ],
    [
      isTime(iat) && isTime(exp) && (exp <= iat || exp - iat > LONGEST_LIFE),
      `“exp” is ${Number(exp) - Number(iat)} seconds after “iat”.`,
      `It must be 1 to ${LONGEST_LIFE} seconds after it; 60 is enough.`,
    ],
    [purpose !== undefined, 'It has a “purpose”, so it can’t launch a gadget.', 'Remove “purpose”.'],
    [
      gadget !== undefined && gadget !== null && gadget !== wanted.gadget,
      `“gadget” is ${shown(gadget)}, so the token is for another gadget.`,
      'Remove it, or copy it from the request.',
    ],
    [
      params !== undefined && params !== null && (typeof params !== 'object' || Array.isArray(params)),
      '“params” is not an object.',
      'Set it to {"name": "value"}, or remove it.',
    ],
  ];
  return faults.flatMap(([wrong, message, fix]): Fault[] => (wrong ? [[message, fix]] : []));
};

const claimsSubject = about('claims', 'Token claims');

/** Checks two tokens that were requested one after the other. */
export const claimsLine = (first: TokenAnswer | null, second: TokenAnswer | null, wanted: Wanted): Line => {
  if (first?.kind !== 'token')
    return claimsSubject.unchecked('There is no token to check.', 'Fix the token endpoint first.');
  const faults = [...headerFaults(first.header, wanted), ...claimFaults(first.claims, wanted)];
  if (second?.kind === 'token' && isText(first.claims.jti) && first.claims.jti === second.claims.jti)
    faults.push([
      'It returned the same “jti” twice, but a token works only once.',
      'Create a new token for each request, and don’t cache them.',
    ]);
  if (faults.length === 0) return claimsSubject.good('iss, aud, sub, iat, exp and jti are correct.');
  return claimsSubject.problem(
    faults.map(([message]) => message).join(' '),
    faults.map(([, fix]) => fix).join(' '),
  );
};
