import type { Data } from '../domain/data.js';
import { asRecord } from '../domain/data.js';
import { parseUrl } from '../domain/parse-url.js';
import { holdsAll } from '../domain/refusal-rule.js';
import type { Answer } from '../net/http-client.js';
import type { RejectionSign, TokenRejected } from '../providers/provider.js';
import { detailOf } from './error-detail.js';
import { asList } from './readers/frozen.js';
import { isHtml, parse } from './readers/parse.js';
import type { TokenRejection } from './upstream-call.js';

/** Names that sign-in pages have in their paths, as whole segments; `auth` and `session` are too common for what stands alone. */
const SEGMENT =
  /^(?:log[-_]?in|sign[-_]?in|log[-_]?on|sign[-_]?on|sso|saml2?|adfs|cas|auth|authori[sz]e|authenticate|authentication|accountchooser|reauthenticate|wp-login|openid-connect)(?:\.\w{2,5})?$/i;
const PATH = /\/(?:sessions?\/new|oauth2?\/(?:auth|v2)|protocol\/openid-connect)(?:\/|$)/i;

/** What authorization requests and sign-in pages carry in their query. */
const QUERY = ['SAMLRequest', 'response_type', 'wtrealm'];

/** Whether an address looks like one where a person signs in. */
export const looksLikeSignIn = ({ pathname, searchParams, hash }: URL): boolean =>
  pathname.split('/').some((segment) => SEGMENT.test(segment.split(';', 1)[0] ?? '')) ||
  PATH.test(pathname) ||
  QUERY.some((name) => searchParams.has(name)) ||
  /^#!?\/?(?:login|signin|sign-in)\b/i.test(hash);

/** Whether a page asks for a password. */
export const asksForPassword = (page: string): boolean => /\btype\s*=\s*["']?password\b/i.test(page);

/** A text is looked at when it is no longer than a sentence; so many of them, and no deeper. */
const LONGEST = 400;
const MOST = 200;
const DEEPEST = 5;

/** Every short text and number in an answer, wherever it stands. */
const textsIn = (data: Data): readonly string[] => {
  const found: string[] = [];
  const collect = (value: Data | undefined, depth: number): void => {
    if (found.length >= MOST || depth > DEEPEST) return;
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value).trim();
      if (text !== '' && text.length <= LONGEST) found.push(text);
      return;
    }
    const inner = Array.isArray(value) ? asList(value) : Object.values(asRecord(value) ?? {});
    for (const each of inner) collect(each, depth + 1);
  };
  collect(data, 0);
  return found;
};

/** `TokenExpired`, `token-expired` and `TOKEN_EXPIRED.` are the same word. */
const plain = (text: string): string =>
  text
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '');

const BAD = 'invalid|expired|revoked|bad|inactive|rejected|unknown|unrecognized|malformed|invalidated';
/** The kinds of token that an API may be shown; never a page's, a form's or a refresh token. */
const TOKEN =
  '(?:(?:o_?auth2?|access|bearer|auth|authentication|authorization|api|session|security|user|jwt|id)_)*(?:token|jwt)';
const IS = '(?:is_|was_|has_|been_)*';
const OR = '(?:_(?:or|and)_(?:invalid|expired|revoked|inactive|malformed))*';

const WORD = new RegExp(
  `^(?:${[
    `(?:${BAD})${OR}_${TOKEN}`,
    `${TOKEN}_${IS}(?:${BAD}|(?:not|no_longer)_(?:valid|active|found|recognized))${OR}`,
    `(?:${BAD})_(?:session|authentication|auth|credentials|login)(?:_id)?`,
    `(?:session|authentication|credentials|login)_${IS}(?:${BAD})`,
  ].join('|')})$`,
);

/** Whether a code says that the access token is dead. */
const isDeadTokenWord = (code: string): boolean => WORD.test(plain(code));

const NAMED = String.raw`(?:access|o?auth(?:entication|ori[sz]ation)?\s?2?(?:\.0)?|bearer|session|jwt|api)[\s_-]+(?:access[\s_-]+)?token`;
const DEAD = String.raw`(?:invalid|expired|revoked|inactive|rejected|malformed|not\s+(?:valid|active|recogni[sz]ed|found)|no\s+longer\s+(?:valid|active))`;

const OF_THIS_TOKEN = new RegExp(
  String.raw`\b${NAMED}\b[^.]{0,60}\b${DEAD}\b|\b(?:invalid|expired|revoked|bad|unknown|error\s+validating)\s+(?:\w+\s+){0,2}${NAMED}\b|\bsession\s+(?:has\s+|is\s+)?(?:expired|invalid)\b`,
  'i',
);
const OF_SOME_TOKEN = new RegExp(
  String.raw`\btoken\b[^.]{0,60}\b${DEAD}\b|\b(?:invalid|expired|revoked)\s+token\b|\bbad\s+credentials\b`,
  'i',
);

/** Whether a sentence says that the access token is dead, or that some token is, which may be another: a page's or a form's. */
const saidOfToken = (sentence: string): 'this' | 'some' | null => {
  if (OF_THIS_TOKEN.test(sentence)) return 'this';
  return OF_SOME_TOKEN.test(sentence) ? 'some' : null;
};

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
  { status, codes, when, headers }: TokenRejected,
  answer: Answer,
  said: readonly string[],
  data: Data | null,
): boolean =>
  status === answer.status &&
  Object.entries(headers).every(([name, text]) =>
    String(answer.headers[name] ?? '')
      .toLowerCase()
      .includes(text),
  ) &&
  (codes.length === 0 || codes.some((code) => said.includes(code))) &&
  (Object.keys(when).length === 0 || (data !== null && holdsAll(data, when)));

/** What the provider's record says of an answer with this content; null where it says nothing. */
export const declaredOf = (suspect: Suspect, data: Data | null): 'rejected' | 'never' | null => {
  const { answer, declared } = suspect;
  if (declared.length === 0) return null;
  const said = [...(data === null ? [] : textsIn(data)), ...challenged(challengeOf(suspect))];
  const found = declared.find((each) => fits(each, answer, said, data));
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

/** RFC 6750 §3: a request whose token was not even looked at, or was refused without saying why. */
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
