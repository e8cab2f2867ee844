import type { AnswerFact } from '../../../net/network-facts.js';
import type { Provider } from '../../../providers/provider.js';
import type { TokenJudge, TokenOutcome } from '../../../providers/token-outcome.js';
import { because, shown, visibleText } from './answers.js';

/** What an OAuth endpoint said to a client: an error in the server's own word and RFC 6749's, or why there is nothing to understand. */
export type Reply =
  | {
      readonly kind: 'error';
      readonly word: string;
      readonly code: string;
      readonly said: string | null;
      /** Whether consents and refreshes know what the word means. */
      readonly isKnown: boolean;
    }
  | { readonly kind: 'good'; readonly hasToken: boolean }
  | { readonly kind: 'not-found' | 'redirected'; readonly said: string | null }
  | { readonly kind: 'not-json'; readonly said: string | null; readonly fault: string | null }
  | { readonly kind: 'limited' }
  | { readonly kind: 'failed'; readonly said: string };

/** Words of servers in use that say in their own way what RFC 6749 §5.2 has a word for. */
const KNOWN_WORDS: Readonly<Record<string, string>> = {
  bad_verification_code: 'invalid_grant',
  incorrect_client_credentials: 'invalid_client',
  'invalid-client-credentials': 'invalid_client',
};

/** RFC 6749 §5.2. */
const RFC_WORDS: ReadonlySet<string> = new Set([
  'invalid_request',
  'invalid_client',
  'invalid_grant',
  'unauthorized_client',
  'unsupported_grant_type',
  'invalid_scope',
]);

/** Whether the record, or the RFC itself, says what a server's word means. */
export const isUnderstood = (word: string, { errorCodes }: Provider): boolean =>
  RFC_WORDS.has(word) || Object.hasOwn(errorCodes, word);

const codeOf = (word: string, { errorCodes }: Provider): string => {
  const told = { ...KNOWN_WORDS, ...errorCodes };
  if (Object.hasOwn(told, word)) return told[word] ?? word;
  const spelt = word.replaceAll('-', '_');
  return RFC_WORDS.has(spelt) ? spelt : word;
};

const textIn = (value: unknown): string | null => (typeof value === 'string' ? shown(value) : null);

/** Why an answer could not be read, as a stable code; null where it could. */
const faultIn = (outcome: TokenOutcome): string | null =>
  outcome.kind === 'unreachable' ? outcome.code : null;

/** Reads the answer of a token or revocation endpoint, by the judge that consents and refreshes ask. */
export const readReply = ({ judge }: TokenJudge, answer: AnswerFact, provider: Provider): Reply => {
  if (answer.kind === 'none') return { kind: 'failed', said: because(answer) };
  const { status, text, location } = answer;
  if (status === 429) return { kind: 'limited' };
  if (status >= 500) return { kind: 'failed', said: `it answers ${status}` };
  if (status >= 300 && status < 400) return { kind: 'redirected', said: location && shown(location) };
  const { body, outcome } = judge(provider, answer);
  const word = textIn(body?.error);
  if (word !== null) {
    const isKnown = outcome.kind === 'invalid-grant' || outcome.kind === 'invalid-client';
    const said = textIn(body?.error_description);
    return { kind: 'error', word, code: codeOf(word, provider), said, isKnown };
  }
  if (status === 401)
    return { kind: 'error', word: 'status 401', code: 'invalid_client', said: null, isKnown: true };
  if (status === 404 || status === 405 || status === 410) {
    return { kind: 'not-found', said: `it answers ${status}` };
  }
  if (status < 300 && (body !== null || text.trim() === '')) {
    return { kind: 'good', hasToken: typeof body?.access_token === 'string' };
  }
  if (body !== null)
    return { kind: 'error', word: `status ${status}`, code: `status ${status}`, said: null, isKnown: false };
  return { kind: 'not-json', said: shown(visibleText(text)), fault: faultIn(outcome) };
};

/** That an endpoint redirects, and where to. */
export const redirects = (endpoint: string, to: string | null): string =>
  to === null ? `${endpoint} redirects, and does not say where to.` : `${endpoint} redirects to ${to}.`;

/** What to write into the record where an endpoint redirects: a secret is never sent after it. */
export const writes = (field: string, to: string | null): string =>
  `Write ${to ?? 'the address it leads to'} into ${field} of the record: a secret is never carried along.`;

/** The server's word and sentence, to be shown as the cause. */
export const causeOf = (reply: Reply): string | null => {
  if (reply.kind === 'error') {
    return `It says ${reply.word}${reply.said === null ? '' : `: ${reply.said}`}`;
  }
  if (reply.kind === 'failed' || reply.kind === 'not-found') return `Asked, ${reply.said}.`;
  if (reply.kind === 'redirected') return reply.said === null ? null : `It leads to ${reply.said}`;
  if (reply.kind !== 'not-json') return null;
  const reads = reply.said === null ? null : `Its page reads: ${reply.said}`;
  return reply.fault === null || reply.fault === 'html'
    ? reads
    : `${reads ?? 'Nothing can be read.'} (${reply.fault})`;
};
