import type { AnswerFact } from '../../../net/network-facts.js';
import { objectIn, shown, visibleText } from './answers.js';

/** What an authorization endpoint holds against a request. */
export type Objection = 'redirect-uri' | 'client' | 'scope' | 'other';

/** What an authorization endpoint's answer to a browser comes to. */
export type Reading =
  /** It goes on: to a sign-in page, or shows one itself. */
  | { readonly kind: 'onward' }
  | { readonly kind: 'refused'; readonly objection: Objection; readonly said: string | null }
  | { readonly kind: 'not-found' | 'loop' }
  | { readonly kind: 'limited' }
  | { readonly kind: 'failed'; readonly said: string };

const PATTERNS: readonly (readonly [Exclude<Objection, 'other'>, RegExp])[] = [
  [
    'redirect-uri',
    /redirect[-_ ]?ur[il]s?\b.{0,120}?\b(?:mis-?match|not\b.{0,20}\b(?:associated|registered|match|valid|allowed|whitelisted|permitted)|didn.t match|doesn.t match|invalid|unknown|illegal)|\b(?:invalid|mis-?match\w*|wrong|unregistered|unauthorized|illegal|unknown|bad)\b.{0,60}?\bredirect[-_ ]?ur[il]|callback url.{0,80}\b(?:not|mis-?match)|redirect-uri-mismatch|AADSTS50011|redirect_uri parameter!/i,
  ],
  [
    'client',
    /\b(?:client|application|app)(?:[-_ ]?id)?\b.{0,60}?\b(?:not\b.{0,20}\b(?:found|registered|known|exist|valid|recogni[sz]ed)|does(?:n.t| not) exist|is invalid|unknown|could not be found)|\b(?:invalid|unknown|unregistered|wrong|no such)\b.{0,20}?\bclient|invalid-client-id|unauthorized_client|AADSTS700016/i,
  ],
  [
    'scope',
    /\binvalid_scope\b|\b(?:invalid|unknown|unsupported)\b.{0,30}\bscopes?\b|\bscopes?\b.{0,60}\b(?:invalid|unknown|not (?:valid|allowed|supported))/i,
  ],
];

/** What some words of a server object to. */
export const objectionIn = (words: string): Objection =>
  PATTERNS.find(([, pattern]) => pattern.test(words))?.[0] ?? 'other';

/** RFC 6749 §4.1.2.1: the errors that come back to the redirect URI. Others than these mean that somebody has to sign in. */
const AFTER_SIGN_IN = /^(?:login_required|interaction_required|consent_required|account_selection_required)$/;

const refusal = (words: string): Reading => ({
  kind: 'refused',
  objection: objectionIn(words),
  said: shown(words),
});

const wordsOf = (parameters: URLSearchParams): string =>
  [parameters.get('error'), parameters.get('error_description')].filter((each) => each !== null).join(': ');

const isErrorPage = ({ pathname, searchParams }: URL): boolean =>
  pathname.split('/').some((step) => /^(?:oauth-?)?errors?$/i.test(step)) ||
  [...searchParams.keys()].some((name) => /^(?:auth)?error(?:_?code)?$/i.test(name));

const redirected = (location: URL, asked: URL, redirectUri: string): Reading => {
  const back = new URL(redirectUri);
  if (location.origin === back.origin && location.pathname === back.pathname) {
    const words = wordsOf(location.searchParams);
    // Without an error it is a code, for somebody the server takes us for, or nothing we know: it took the request.
    return words === '' || AFTER_SIGN_IN.test(location.searchParams.get('error') ?? '')
      ? { kind: 'onward' }
      : refusal(words);
  }
  if (location.origin === asked.origin && location.pathname === asked.pathname) return { kind: 'loop' };
  if (!isErrorPage(location)) return { kind: 'onward' };
  return refusal([...location.searchParams.values()].join(' ') || location.pathname);
};

const textOf = ({ contentType, text }: Extract<AnswerFact, { kind: 'answer' }>): string => {
  const object = contentType.endsWith('json') ? objectIn(text) : null;
  if (object === null) return visibleText(text);
  return ['error', 'error_description', 'message'].flatMap((name) => object[name] ?? []).join(': ');
};

const ASKS_FOR_PASSWORD = /<input\b[^<>]*\stype\s*=\s*["']?password\b/i;

/** Of a page that is shown as if all were well. Where one can sign in, much is said of apps and of who is not registered. */
const shownPage = (words: string, page: string): Reading => {
  const objection = objectionIn(words);
  const isSignIn = objection !== 'redirect-uri' && ASKS_FOR_PASSWORD.test(page);
  return objection === 'other' || isSignIn ? { kind: 'onward' } : refusal(words);
};

/**
 * Reads an authorization endpoint's answer as a person would: by where it leads, by its status, and by what its page says. `asked` is
 * the request's URL.
 */
export const readPage = (
  answer: Extract<AnswerFact, { kind: 'answer' }>,
  asked: string,
  redirectUri: string,
): Reading => {
  const { status, location } = answer;
  if (status === 429) return { kind: 'limited' };
  if (status >= 500) return { kind: 'failed', said: `it answers ${status}` };
  if (status >= 300 && status < 400 && location !== null) {
    return redirected(new URL(location), new URL(asked), redirectUri);
  }
  const words = textOf(answer);
  if (status === 404 || status === 405 || status === 410) {
    return objectionIn(words) === 'other' ? { kind: 'not-found' } : refusal(words);
  }
  // 401 asks for a password: a sign-in of its own kind.
  if (status === 401) return { kind: 'onward' };
  if (status >= 400) return refusal(words);
  return shownPage(words, answer.text);
};
