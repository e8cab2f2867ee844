import { about, type Line } from './report.js';
import type { Fields, TokenAnswer } from './token-question.js';

const endpoint = about('token-url', 'Token address');

/** What the token address answered, as a line; null in place of an answer means that there is none to ask. */
export const endpointLine = (answer: TokenAnswer | null): Line => {
  switch (answer?.kind) {
    case undefined:
      return endpoint.unchecked(
        'The element has no token-url; a token attribute serves one launch and cannot be renewed.',
        'Give it a token-url for all but pages that are shown for minutes.',
      );
    case 'foreign':
      return endpoint.wrong(
        'token-url is an address of another origin.',
        'Serve it from this page’s own origin, where its cookies are sent.',
      );
    case 'redirect':
      return endpoint.wrong(
        'It redirects, to a sign-in page perhaps, instead of answering.',
        'Answer 401 in place where nobody is signed in; check that this path is not behind a redirect.',
      );
    case 'refused':
      return endpoint.look(
        `It answers ${answer.status}: nobody is signed in here, or it does not take this page’s Origin.`,
        'Sign in to this site and run the doctor again; if you are signed in, compare its list of origins with this page’s.',
      );
    case 'failed':
      return endpoint.wrong(
        `It answers ${answer.status}.`,
        answer.status === 404
          ? 'Nothing answers at that path: correct token-url, or the route; it takes POST.'
          : 'It must answer a POST with JSON; its own log says what went wrong.',
      );
    case 'not-json':
      return endpoint.wrong(
        `It answers with ${answer.type.split(';')[0]}, not with JSON.`,
        'Answer {"token": "…"} as application/json; a sign-in page here means: answer 401 instead.',
      );
    case 'no-token':
      return endpoint.wrong('Its JSON has no text “token”.', 'Answer {"token": "…"}.');
    case 'no-jwt':
      return endpoint.wrong(
        'What it gives is no signed JWT.',
        'Give a JWS in compact form: header.claims.signature.',
      );
    case 'unreachable':
      if (navigator.onLine === false)
        return endpoint.unchecked(
          'This browser is offline.',
          'Run the doctor again when the network is back.',
        );
      return endpoint.wrong(
        'It cannot be reached from this page.',
        'See the browser’s network panel; a Content-Security-Policy must allow ’self’ in connect-src.',
      );
    case 'token':
      return answer.noStore
        ? endpoint.good('It gives a token.')
        : endpoint.look('It gives a token that may be kept by a cache.', 'Send Cache-Control: no-store.');
  }
};

const LONGEST_TEXT = 255;
const LONGEST_LIFE = 120;

const isText = (value: unknown): value is string =>
  typeof value === 'string' && value !== '' && new TextEncoder().encode(value).length <= LONGEST_TEXT;
const isTime = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;
const shown = (value: unknown): string => JSON.stringify(value ?? null).slice(0, 100);

/** What is wanted of a token for this element. */
export interface Wanted {
  readonly host: string;
  readonly gadget: string;
  readonly gadgetOrigin: string;
  /** Null where the server could not be asked. */
  readonly algorithms: readonly string[] | null;
}

type Fault = readonly [says: string, mend: string];

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
    : [[`Its “typ” is ${shown(header.typ)}.`, 'Leave “typ” out, or make it JWT.'] as const]),
];

/** `sub` and the rest of what names a person are judged and never shown. */
const claimFaults = (claims: Fields, wanted: Wanted): readonly Fault[] => {
  const { iss, aud, sub, iat, exp, jti, gadget, params, purpose } = claims;
  const faults: (readonly [wrong: boolean, says: string, mend: string])[] = [
    [iss !== wanted.host, `“iss” is ${shown(iss)}.`, `It must be the host’s id, “${wanted.host}”.`],
    [
      aud !== wanted.gadgetOrigin,
      `“aud” is ${shown(aud)}: the token is for somebody else.`,
      `It must be exactly “${wanted.gadgetOrigin}”, as one text.`,
    ],
    [
      !isText(sub),
      '“sub” is missing, empty, too long or not a text.',
      'Give a text of 1 to 255 bytes that names the viewer.',
    ],
    [
      !isText(jti),
      '“jti” is missing, empty, too long or not a text.',
      'Give each token a random text of its own.',
    ],
    [
      !isTime(iat) || !isTime(exp),
      '“iat” and “exp” must be times in whole seconds.',
      'Give both, in seconds, not milliseconds.',
    ],
    [
      isTime(iat) && isTime(exp) && (exp <= iat || exp - iat > LONGEST_LIFE),
      `“exp” lies ${Number(exp) - Number(iat)} seconds after “iat”.`,
      `Make it 1 to ${LONGEST_LIFE} seconds; 60 is plenty.`,
    ],
    [purpose !== undefined, 'It has a “purpose”: such a token launches nothing.', 'Leave “purpose” out.'],
    [
      gadget !== undefined && gadget !== null && gadget !== wanted.gadget,
      `“gadget” is ${shown(gadget)}: the token is for another gadget.`,
      'Leave it out, or take it from the question.',
    ],
    [
      params !== undefined && params !== null && (typeof params !== 'object' || Array.isArray(params)),
      '“params” is not an object.',
      'Give {"name": "value"}, or leave it out.',
    ],
  ];
  return faults.flatMap(([wrong, says, mend]): Fault[] => (wrong ? [[says, mend]] : []));
};

const claimsSubject = about('claims', 'Token claims');

/** Judges two tokens that were asked for one after the other. */
export const claimsLine = (first: TokenAnswer | null, second: TokenAnswer | null, wanted: Wanted): Line => {
  if (first?.kind !== 'token')
    return claimsSubject.unchecked('There is no token to look at.', 'Mend the token address first.');
  const faults = [...headerFaults(first.header, wanted), ...claimFaults(first.claims, wanted)];
  if (second?.kind === 'token' && isText(first.claims.jti) && first.claims.jti === second.claims.jti)
    faults.push([
      'It gave the same “jti” twice: a token serves one launch.',
      'Make a new token for each question; do not cache them.',
    ]);
  if (faults.length === 0) return claimsSubject.good('iss, aud, sub, iat, exp and jti are as they must be.');
  return claimsSubject.wrong(
    faults.map(([says]) => says).join(' '),
    faults.map(([, mend]) => mend).join(' '),
  );
};
