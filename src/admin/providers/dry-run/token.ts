import type { AnswerFact } from '../../../net/network-facts.js';
import type { Authorizer } from '../../../providers/authorizer.js';
import { codeGrant } from '../../../providers/grant-forms.js';
import type { ClientCredentials, Provider } from '../../../providers/provider.js';
import type { TokenOutcome } from '../../../providers/token-outcome.js';
import type { AdminDeps } from '../../admin-deps.js';
import { because, shown, visibleText } from './answers.js';
import { objectionIn, type Registered, UNREGISTERED } from './authorization.js';
import { type Line, line } from './line.js';
import { OWN_GRANT_TYPES, URL_ENDINGS } from './preset-hints.js';

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
  const codes = { ...KNOWN_WORDS, ...errorCodes };
  if (Object.hasOwn(codes, word)) return codes[word] ?? word;
  const underscored = word.replaceAll('-', '_');
  return RFC_WORDS.has(underscored) ? underscored : word;
};

/** Servers say 401 for a client that they do not know (RFC 6749 §5.2), whatever word they have for it. */
const codeAt = (status: number, word: string, provider: Provider): string =>
  status === 401 && !isUnderstood(word, provider) ? 'invalid_client' : codeOf(word, provider);

const isGroup = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

/** A server's sentence, where its kind of error has one. */
const saidIn = (body: Readonly<Record<string, unknown>> | null): string | null => {
  if (body === null) return null;
  const { error, error_description: description, message } = body;
  return textIn(description) ?? textIn(isGroup(error) ? error.message : message);
};

const textIn = (value: unknown): string | null => (typeof value === 'string' ? shown(value) : null);

/** Why an answer could not be read, as a stable code; null where it could. */
const faultIn = (outcome: TokenOutcome): string | null =>
  outcome.kind === 'unreachable' ? outcome.code : null;

/** Reads the answer of a token or revocation endpoint, by the judge that consents and refreshes ask. */
export const readReply = (
  authorizer: Pick<Authorizer, 'judge'>,
  answer: AnswerFact,
  provider: Provider,
): Reply => {
  if (answer.kind === 'none') return { kind: 'failed', said: because(answer) };
  const { status, text, location } = answer;
  if (status === 429) return { kind: 'limited' };
  if (status >= 500) return { kind: 'failed', said: `it responds with ${status}` };
  if (status >= 300 && status < 400) return { kind: 'redirected', said: location && shown(location) };
  const { body, outcome } = authorizer.judge(provider, answer);
  const word = textIn(body?.error);
  if (word !== null) {
    const isKnown = outcome.kind === 'invalid-grant' || outcome.kind === 'invalid-client' || status === 401;
    return { kind: 'error', word, code: codeAt(status, word, provider), said: saidIn(body), isKnown };
  }
  if (status === 401)
    return { kind: 'error', word: 'status 401', code: 'invalid_client', said: saidIn(body), isKnown: true };
  if (status === 404 || status === 405 || status === 410) {
    return { kind: 'not-found', said: `it responds with ${status}` };
  }
  if (status < 300 && (body !== null || text.trim() === '')) {
    return { kind: 'good', hasToken: typeof body?.access_token === 'string' };
  }
  if (body !== null) {
    const word = `status ${status}`;
    return { kind: 'error', word, code: word, said: saidIn(body), isKnown: false };
  }
  return { kind: 'not-json', said: shown(visibleText(text)), fault: faultIn(outcome) };
};

/** That an endpoint redirects, and where to. */
export const redirects = (endpoint: string, to: string | null): string =>
  to === null ? `${endpoint} redirects without a target.` : `${endpoint} redirects to ${to}.`;

/** What to write into the record where an endpoint redirects: a secret is never sent after it. */
export const writes = (field: string, to: string | null): string =>
  `Put ${to ?? 'the target address'} into ${field} of the record: a secret is never sent along a redirect.`;

const wordsIn = ({ word, said }: Pick<Refusal, 'word' | 'said'>): string =>
  said === null ? word : `${word}: ${said}`;

/** The server's word and sentence, to be shown as the cause. */
export const causeOf = (reply: Reply): string | null => {
  if (reply.kind === 'error') return `It says ${wordsIn(reply)}`;
  if (reply.kind === 'failed' || reply.kind === 'not-found') return `Asked, ${reply.said}.`;
  if (reply.kind === 'redirected') return reply.said === null ? null : `It leads to ${reply.said}`;
  if (reply.kind !== 'not-json') return null;
  const reads = reply.said === null ? null : `Its page reads: ${reply.said}`;
  return reply.fault === null || reply.fault === 'html'
    ? reads
    : `${reads ?? 'It can’t be read.'} (${reply.fault})`;
};

type Refusal = Extract<Reply, { kind: 'error' }>;

const WRONG_PLACE = `Correct tokenEndpoint${URL_ENDINGS}.`;

const unanswered = (reply: Exclude<Reply, Refusal>, { about }: Registered): Line => {
  const cause = causeOf(reply);
  switch (reply.kind) {
    case 'good':
      return reply.hasToken
        ? line('token_careless', about, 'The server issued a token for a made-up code.', {
            fix: 'Do not use this server: anyone can get a token. The token was discarded.',
          })
        : line('token_not_json', about, 'The token endpoint accepts a made-up code without an error.', {
            cause: 'It is probably a page and not a token endpoint.',
            fix: WRONG_PLACE,
          });
    case 'limited':
      return line('token_limited', about, 'The server says there were too many requests.', {
        fix: 'Try again in a few minutes.',
      });
    case 'redirected':
      return line('token_redirected', about, redirects('The token endpoint', reply.said), {
        cause,
        fix: `${writes('tokenEndpoint', reply.said)} If it only changes http to https, its proxy must pass X-Forwarded-Proto on.`,
      });
    case 'not-found':
      return line('token_not_found', about, 'There is no token endpoint at this address.', {
        cause,
        fix: WRONG_PLACE,
      });
    case 'not-json':
      return line('token_not_json', about, 'The token endpoint does not respond with JSON.', {
        cause,
        fix: `It may be a page, or a proxy in front of it. ${WRONG_PLACE}`,
      });
    case 'failed':
      return line('token_failed', about, 'The token endpoint does not work.', {
        cause,
        fix: 'Check the provider’s log.',
      });
  }
};

/** What the server's words mean, where the record must say so: for a wrong code, and for a wrong secret. */
const unexplained = (ours: Refusal, wrong: Refusal, provider: Provider): readonly string[] =>
  (
    [
      [ours, 'invalid_grant'],
      [wrong, 'invalid_client'],
    ] as const
  ).flatMap(([{ word, code, isKnown }, meant]) =>
    isKnown || isUnderstood(word, provider) || word.startsWith('status ')
      ? []
      : [`${/^[\w-]+$/.test(word) ? word : JSON.stringify(word)}: ${code === word ? meant : code}`],
  );

const notOurs = (ours: Refusal, { about }: Registered, provider: Provider): Line => {
  const other = provider.clientAuthentication === 'basic' ? 'body' : 'basic';
  return line('token_client', about, 'The server does not accept our client id and secret.', {
    cause: causeOf(ours),
    fix:
      ours.code === 'unauthorized_client'
        ? 'Allow this client the code grant there, or correct the client id.'
        : `Copy id and secret again from the registration there; if both are right, try clientAuthentication: ${other}.`,
  });
};

const accepted = (ours: Refusal, wrong: Refusal, { about }: Registered, provider: Provider): Line => {
  const words = unexplained(ours, wrong, provider);
  if (words.length === 0) {
    return line('token_accepted', about, 'The server accepts our client id and secret.', {
      cause: `To a made-up code it says ${wordsIn(ours)}, as it must.`,
    });
  }
  return line(
    'token_words',
    about,
    'The server accepts our client id and secret, with error codes of its own.',
    {
      cause: `It says ${ours.word} for a wrong code and ${wrong.word} for a wrong secret.`,
      fix: `Add what they mean: errorCodes: { ${words.join(', ')} }`,
    },
  );
};

const doesNotTell = (ours: Refusal, wrong: Reply, { about }: Registered): Line =>
  line(
    'token_does_not_tell',
    about,
    'This server does not reveal whether our client id and secret are right.',
    {
      cause:
        wrong.kind === 'error'
          ? `It says ${ours.word} both for a wrong code and for a wrong secret.`
          : 'It did not respond to a wrong secret, so there is nothing to compare with.',
      fix: 'Test it yourself: connect in the preview.',
    },
  );

/** What a token endpoint's answers mean: `ours` to a wrong code, `wrong` to a wrong secret besides. */
export const judgeToken = (
  ours: Reply,
  wrong: Reply | null,
  registered: Registered,
  provider: Provider,
): Line => {
  if (ours.kind !== 'error') return unanswered(ours, registered);
  if (ours.code === 'invalid_client' || ours.code === 'unauthorized_client') {
    return notOurs(ours, registered, provider);
  }
  if (ours.code === 'unsupported_grant_type') {
    return line('token_grant_type', registered.about, 'The server does not know our grant type.', {
      cause: causeOf(ours),
      fix: `Set grantTypes.authorizationCode to what it calls the code grant${OWN_GRANT_TYPES}.`,
    });
  }
  if (wrong?.kind === 'error' && wrong.code !== ours.code) return accepted(ours, wrong, registered, provider);
  if (ours.code === 'invalid_grant') return doesNotTell(ours, wrong ?? ours, registered);
  return line(
    'token_refused',
    registered.about,
    'The server rejects the request itself, which does not reveal whether our client id and secret are right.',
    {
      cause: causeOf(ours),
      fix: 'Compare what it says with grantTypes, clientAuthentication and pkce of the record; then connect as yourself in the preview.',
    },
  );
};

const BEFORE_THE_REDIRECT_URI: ReadonlySet<string> = new Set([
  'invalid_client',
  'unauthorized_client',
  'unsupported_grant_type',
]);

/** Whether a server that says this may have judged the redirect URI, before the code, as the legacy ones do. */
export const mayTellRedirectUri = (ours: Refusal): boolean => !BEFORE_THE_REDIRECT_URI.has(ours.code);

/** What the responses show about our redirect URI; `astray` is the one for a redirect URI that is not registered. */
export const judgeRedirectUri = (
  ours: Refusal,
  astray: Reply,
  { about, redirectUri }: Registered,
): readonly Line[] => {
  const words = ({ word, said }: Refusal): string => `${word} ${said ?? ''}`;
  if (objectionIn(words(ours)) === 'redirect-uri') {
    return [
      line('redirect_uri_mismatch', about, 'A different redirect URI is registered.', {
        cause: causeOf(ours),
        fix: `Register exactly this redirect URI there: ${redirectUri}`,
      }),
    ];
  }
  if (astray.kind !== 'error' || objectionIn(words(astray)) !== 'redirect-uri') return [];
  return [line('redirect_uri_registered', about, 'Our redirect URI is registered.')];
};

/**
 * Requests tokens with a code that was never issued, then with a secret that is certainly wrong, and where the server does not refuse us
 * ourselves, with a redirect URI that is not registered. No refresh token is ever sent, so that nothing can be used up.
 */
export async function tryToken(
  { probe, authorizer, entropy }: Pick<AdminDeps, 'probe' | 'authorizer' | 'entropy'>,
  provider: Provider,
  registered: Registered,
): Promise<readonly Line[]> {
  const ask = async (client: ClientCredentials, redirectUri: string): Promise<Reply> => {
    const code = { code: entropy.secret(), redirectUri, verifier: entropy.secret() };
    const form = codeGrant(provider, client, code);
    const authentication = provider.clientAuthentication;
    const post = { form, client, authentication, dialect: provider };
    const answer = await probe.post(provider.tokenEndpoint, post, provider);
    return readReply(authorizer, answer, provider);
  };
  const { client, redirectUri } = registered;
  const ours = await ask(client, redirectUri);
  if (ours.kind !== 'error') return [judgeToken(ours, null, registered, provider)];
  const wrong = await ask({ ...client, secret: entropy.secret() }, redirectUri);
  const judged = judgeToken(ours, wrong, registered, provider);
  if (!mayTellRedirectUri(ours)) return [judged];
  const astray = await ask(client, UNREGISTERED);
  return [judged, ...judgeRedirectUri(ours, astray, registered)];
}
