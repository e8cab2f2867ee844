import type { Data } from '../domain/data.js';
import { asList, asRecord } from './readers/frozen.js';

/** A text is looked at when it is no longer than a sentence; so many of them, and no deeper. */
const LONGEST = 400;
const MOST = 200;
const DEEPEST = 5;

/** Every short text and number in an answer, wherever it stands. */
export const textsIn = (data: Data): readonly string[] => {
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
export const isDeadTokenWord = (code: string): boolean => WORD.test(plain(code));

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
export const saidOfToken = (sentence: string): 'this' | 'some' | null => {
  if (OF_THIS_TOKEN.test(sentence)) return 'this';
  return OF_SOME_TOKEN.test(sentence) ? 'some' : null;
};
