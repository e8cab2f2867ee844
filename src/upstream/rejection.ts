import type { Data } from '../domain/data.js';
import { parseUrl } from '../domain/parse-url.js';
import type { Answer } from '../net/http-client.js';
import type { RejectionSign, TokenRejected } from '../providers/provider.js';
import { detailOf } from './error-detail.js';
import { isHtml, parse } from './readers/parse.js';
import { holdsAll } from './refused-answer.js';
import { looksLikeSignIn } from './sign-in-page.js';
import { isDeadTokenWord, saidOfToken, textsIn } from './token-words.js';
import type { TokenRejection } from './upstream-call.js';

/** An answer as it is looked at for a rejected token. */
export interface Suspect {
  readonly answer: Answer;
  readonly contentType: string;
  /** The body of what is no data. */
  readonly text: string;
  /** What the provider's record says of its answers. */
  readonly declared: readonly TokenRejected[];
}

/** Statuses that some servers have for nothing but a session or token that is over: Laravel, IIS, ArcGIS. */
const OVER: ReadonlySet<number> = new Set([419, 440, 498]);

/** Statuses that speak of load, whatever else is said. */
const OF_LOAD: ReadonlySet<number> = new Set([408, 420, 429]);

const challengeOf = ({ answer }: Suspect): string => String(answer.headers['www-authenticate'] ?? '');

/** The codes in a challenge (RFC 6750 §3, and OAuth 1's word that some servers still use). */
const challenged = (challenge: string): readonly string[] =>
  [...challenge.matchAll(/\b(?:error|oauth_problem)\s*=\s*(?:"([^"]*)"|([^\s,]+))/gi)].map(
    ([, quoted, bare]) => quoted ?? bare ?? '',
  );

/** What an answer that is no data says; null for a page. */
const dataIn = ({ contentType, text }: Suspect): Data | null => {
  const trimmed = text.trim();
  // Some servers call a bare word a page.
  if (!trimmed.includes('<') && !/^[{[]/.test(trimmed)) return trimmed;
  if (isHtml(contentType, text) && !/^[{[]/.test(trimmed)) return null;
  const parsed = parse(trimmed.startsWith('<') ? 'xml' : 'json', trimmed);
  return 'data' in parsed ? parsed.data : null;
};

const fits = (
  { status, codes, when }: TokenRejected,
  answer: number,
  said: readonly string[],
  data: Data | null,
): boolean =>
  status === answer &&
  (codes.length === 0 || codes.some((code) => said.includes(code))) &&
  (Object.keys(when).length === 0 || (data !== null && holdsAll(data, when)));

/** What the provider's record says of an answer with this content; null where it says nothing. */
export const declaredOf = (suspect: Suspect, data: Data | null): 'rejected' | 'never' | null => {
  const { answer, declared } = suspect;
  if (declared.length === 0) return null;
  const said = [...(data === null ? [] : textsIn(data)), ...challenged(challengeOf(suspect))];
  const found = declared.find((each) => fits(each, answer.status, said, data));
  if (found === undefined) return null;
  return found.never ? 'never' : 'rejected';
};

/** How clearly the words of an answer say that the token is dead. */
const signInWords = (suspect: Suspect, data: Data | null): RejectionSign | null => {
  const { status } = suspect.answer;
  const said = data === null ? [] : textsIn(data);
  if (challenged(challengeOf(suspect)).some(isDeadTokenWord)) return 'certain';
  if (said.some((text) => !/\s/.test(text) && isDeadTokenWord(text))) return 'certain';
  const of = said.map(saidOfToken);
  if (status === 401) return of.some((each) => each !== null) ? 'certain' : null;
  return of.includes('this') || (status === 403 && of.includes('some')) ? 'possible' : null;
};

/** RFC 6750 §3: a request whose token was not even looked at, or was not accepted without a word why. */
const isBareBearer = (challenge: string): boolean =>
  /^\s*bearer\b/i.test(challenge) && challenged(challenge).length === 0;

const signOf = (suspect: Suspect, data: Data | null): RejectionSign | null => {
  const { status } = suspect.answer;
  if (OVER.has(status)) return 'certain';
  const sign = status >= 400 && status <= 499 && !OF_LOAD.has(status) ? signInWords(suspect, data) : null;
  if (sign !== null || status !== 401) return sign;
  return isBareBearer(challengeOf(suspect)) ? 'certain' : 'possible';
};

const TEMPORARY: ReadonlySet<number> = new Set([302, 303, 307]);

/** A redirect that was not followed: to where people sign in, or, for the time being, to another server. */
const sentAway = ({ status, headers, url }: Answer): TokenRejection | null => {
  const location = headers.location ?? '';
  const target = location === '' ? null : parseUrl(location, url);
  if (target === null) return null;
  const rejected = { kind: 'unauthorized', sign: 'possible', status } as const;
  if (looksLikeSignIn(target)) return { ...rejected, otherwise: { kind: 'forbidden', detail: null } };
  const isElsewhere = target.origin !== url.origin && TEMPORARY.has(status);
  return isElsewhere
    ? { ...rejected, otherwise: { kind: 'unusable', code: 'redirect', detail: null } }
    : null;
};

/**
 * Whether an answer that is no data rejects the access token, in any of the ways in which servers do; `never` where the record says that
 * it does not. RFC 6750 §3.1 has one of them: 401 with `error="invalid_token"`.
 */
export const rejectionIn = (suspect: Suspect): TokenRejection | 'never' | null => {
  const { answer, contentType, text } = suspect;
  const { status } = answer;
  const data = dataIn(suspect);
  const declared = declaredOf(suspect, data);
  if (declared === 'never') return 'never';
  if (declared === null && status >= 300 && status <= 399) return sentAway(answer);
  const sign = declared === 'rejected' ? 'certain' : signOf(suspect, data);
  if (sign === null) return null;
  return {
    kind: 'unauthorized',
    sign,
    status,
    otherwise: { kind: 'forbidden', detail: detailOf(contentType, text) },
  };
};
