import type { AnswerFact } from '../../../net/network-facts.js';
import type { ClientCredentials, Provider } from '../../../providers/provider.js';
import type { AdminDeps } from '../../admin-deps.js';
import { because, objectIn, shown, visibleText } from './answers.js';
import { type Line, line } from './line.js';
import { URL_ENDINGS } from './preset-hints.js';

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

/** What some words of a server object to, be they a sentence or a code such as bad_redirect_uri. */
export const objectionIn = (words: string): Objection => {
  const apart = words.replace(/[-_]/g, ' ');
  return PATTERNS.find(([, pattern]) => pattern.test(words) || pattern.test(apart))?.[0] ?? 'other';
};

/** RFC 6749 §4.1.2.1: the errors that come back to the redirect URI. Others than these mean that someone has to sign in. */
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
    // Without an error it is a code for someone the server takes us for, or nothing we know: it accepted the request.
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
  if (status >= 500) return { kind: 'failed', said: `it responds with ${status}` };
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

/** Whose client it is, and where the server is to send people back to. */
export interface Registered {
  readonly about: string;
  readonly client: ClientCredentials;
  readonly redirectUri: string;
}

const mismatch = ({ about, redirectUri }: Registered, said: string | null): Line =>
  line('authorization_redirect_uri', about, 'The server does not know our redirect URI.', {
    cause:
      said === null
        ? 'It responds in the same way to a redirect URI that is not registered.'
        : `It says: ${said}`,
    fix: `Register exactly this redirect URI there: ${redirectUri}`,
  });

const strangeClient = ({ about, client }: Registered, said: string | null): Line =>
  line('authorization_client', about, `The server does not know the client id ${client.id}.`, {
    cause: said === null ? 'It responds in the same way to a made-up client id.' : `It says: ${said}`,
    fix: 'Copy the client id from the registration at the provider.',
  });

const objected = (
  registered: Registered,
  objection: Objection,
  said: string | null,
  provider: Provider,
): Line => {
  const { about, redirectUri } = registered;
  if (objection === 'redirect-uri') return mismatch(registered, said);
  if (objection === 'client') return strangeClient(registered, said);
  const cause = said === null ? null : `It says: ${said}`;
  if (objection === 'scope') {
    return line('authorization_scope', about, 'The server rejects the requested scopes.', {
      cause,
      fix: `Allow them for this client there, or correct scopes: ${provider.scopes.join(', ') || 'none are named'}.`,
    });
  }
  return line('authorization_refused', about, 'The server rejects the consent request.', {
    cause,
    fix: `Check the client id, authorizationParameters and scopes, and that exactly this redirect URI is registered: ${redirectUri}`,
  });
};

const unhappy = (reading: Reading, registered: Registered, provider: Provider): Line | null => {
  const { about } = registered;
  switch (reading.kind) {
    case 'onward':
    case 'refused':
      return null;
    case 'limited':
      return line('authorization_limited', about, 'The server says there were too many requests.', {
        fix: 'Try again in a few minutes.',
      });
    case 'loop':
      return line('authorization_loops', about, 'The authorization endpoint redirects to itself.', {
        cause: 'Behind a TLS proxy this often means that the server believes it was called over plain HTTP.',
        fix: 'Have the proxy pass on X-Forwarded-Proto, or correct authorizationEndpoint.',
      });
    case 'not-found':
      return line('authorization_not_found', about, 'There is no authorization endpoint at this address.', {
        cause: `${provider.authorizationEndpoint} responds that nothing was found; some servers say so for an unknown client id too.`,
        fix: `Correct authorizationEndpoint${URL_ENDINGS}, then the client id.`,
      });
    case 'failed':
      return line('authorization_failed', about, 'The authorization endpoint does not work.', {
        cause: `Asked for consent, ${reading.said}.`,
        fix: 'Check the provider’s log.',
      });
  }
};

/** What our own request shows by itself; null where that takes a comparison. */
export const judgeAlone = (ours: Reading, registered: Registered, provider: Provider): Line | null => {
  if (ours.kind === 'not-found' || ours.kind === 'onward') return null;
  if (ours.kind !== 'refused') return unhappy(ours, registered, provider);
  return ours.objection === 'other' ? null : objected(registered, ours.objection, ours.said, provider);
};

const alike = (one: Reading, other: Reading): boolean =>
  one.kind === other.kind &&
  (one.kind !== 'refused' || other.kind !== 'refused' || one.objection === other.objection);

const signsIn = ({ about, redirectUri }: Registered, astray: Reading, stranger: Reading): Line => {
  const refuses = ({ kind }: Reading): boolean => kind === 'refused' || kind === 'not-found';
  const both = astray.kind === 'onward' && stranger.kind === 'onward';
  const same = both
    ? 'It responds in the same way to a made-up client id and to a redirect URI that is not registered.'
    : null;
  const sentence = 'The server asks people to sign in before it checks our redirect URI.';
  return line('authorization_signs_in', about, sentence, {
    cause: refuses(stranger)
      ? 'It rejects a made-up client id, but not a redirect URI that is not registered.'
      : same,
    fix: `Test it yourself: connect in the preview. The registered redirect URI must be exactly ${redirectUri}`,
  });
};

/**
 * What our own request shows in comparison with two that must be rejected: `astray` with a redirect URI that is not registered, `stranger` with a
 * made-up client id.
 */
export const judgeBeside = (
  { ours, astray, stranger }: { readonly [which in 'ours' | 'astray' | 'stranger']: Reading },
  registered: Registered,
  provider: Provider,
): Line => {
  const { about } = registered;
  const said = ours.kind === 'refused' ? ours.said : null;
  if (ours.kind === 'onward') {
    return astray.kind === 'refused'
      ? line('authorization_accepted', about, 'The server knows the client id and our redirect URI.')
      : signsIn(registered, astray, stranger);
  }
  // Refused without words we know: which of the two is answered like ours?
  if (alike(ours, astray) && !alike(ours, stranger)) return mismatch(registered, said);
  return unhappy(ours, registered, provider) ?? objected(registered, 'other', said, provider);
};

/** A redirect URI that cannot be registered (RFC 2606 §2). */
export const UNREGISTERED = 'https://oriel-dry-run.invalid/callback';

/**
 * Asks for consent as a browser without cookies would, and, where that is not conclusive, twice more: with a redirect URI and with a client
 * id that are certainly wrong. Only a server that answers those differently has judged ours.
 */
export async function tryAuthorization(
  { probe, authorizer, entropy }: Pick<AdminDeps, 'probe' | 'authorizer' | 'entropy'>,
  provider: Provider,
  registered: Registered,
): Promise<Line> {
  const ask = async (client: ClientCredentials, redirectUri: string): Promise<Reading> => {
    const url = authorizer.authorizationUrl(provider, client, {
      state: entropy.secret(),
      redirectUri,
      verifier: entropy.secret(),
      scopes: provider.scopes,
      selectAccount: false,
    });
    const answer = await probe.page(url, provider);
    return answer.kind === 'answer'
      ? readPage(answer, url, redirectUri)
      : { kind: 'failed', said: because(answer) };
  };
  const { client, redirectUri } = registered;
  const ours = await ask(client, redirectUri);
  const alone = judgeAlone(ours, registered, provider);
  if (alone !== null) return alone;
  const astray = await ask(client, UNREGISTERED);
  const stranger = await ask({ ...client, id: entropy.id() }, redirectUri);
  return judgeBeside({ ours, astray, stranger }, registered, provider);
}
