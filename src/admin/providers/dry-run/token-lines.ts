import type { Provider } from '../../../providers/provider.js';
import type { Registered } from './authorization-lines.js';
import { type Line, line } from './line.js';
import { objectionIn } from './page-reading.js';
import { OWN_GRANT_TYPES, URL_ENDINGS } from './preset-hints.js';
import { causeOf, isUnderstood, type Reply, redirects, writes } from './token-reading.js';

type Refusal = Extract<Reply, { kind: 'error' }>;

const WRONG_PLACE = `Correct tokenEndpoint${URL_ENDINGS}.`;

const unanswered = (reply: Exclude<Reply, Refusal>, { about }: Registered): Line => {
  const cause = causeOf(reply);
  switch (reply.kind) {
    case 'good':
      return reply.hasToken
        ? line('token_careless', about, 'The server gave a token for a code that we made up.', {
            mend: 'Do not use this server: whoever asks gets a token. The token was thrown away.',
          })
        : line('token_not_json', about, 'The token endpoint answers a made-up code without an error.', {
            cause: 'It is more likely some page than a token endpoint.',
            mend: WRONG_PLACE,
          });
    case 'limited':
      return line('token_limited', about, 'The server says that it was asked too often.', {
        mend: 'Try again in some minutes.',
      });
    case 'redirected':
      return line('token_redirected', about, redirects('The token address', reply.said), {
        cause,
        mend: `${writes('tokenEndpoint', reply.said)} If it only changes http to https, its proxy must pass X-Forwarded-Proto on.`,
      });
    case 'not-found':
      return line('token_not_found', about, 'There is no token endpoint at this address.', {
        cause,
        mend: WRONG_PLACE,
      });
    case 'not-json':
      return line('token_not_json', about, 'The token endpoint does not answer with JSON.', {
        cause,
        mend: `It may be another page, or a proxy before it. ${WRONG_PLACE}`,
      });
    case 'failed':
      return line('token_failed', about, 'The token endpoint does not work.', {
        cause,
        mend: 'Look at the provider’s log.',
      });
  }
};

/** What the server's words mean, where the record has to be told: of a wrong code, and of a wrong secret. */
const untold = (ours: Refusal, wrong: Refusal, provider: Provider): readonly string[] =>
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
    mend:
      ours.code === 'unauthorized_client'
        ? 'Allow this client the code grant there, or correct the client id.'
        : `Copy id and secret again from the registration there; if both are right, try clientAuthentication: ${other}.`,
  });
};

const accepted = (ours: Refusal, wrong: Refusal, { about }: Registered, provider: Provider): Line => {
  const words = untold(ours, wrong, provider);
  if (words.length === 0) {
    return line('token_accepted', about, 'The server accepts our client id and secret.', {
      cause: causeOf(ours),
    });
  }
  return line('token_words', about, 'The server accepts our client id and secret, in words of its own.', {
    cause: `It says ${ours.word} of a wrong code and ${wrong.word} of a wrong secret.`,
    mend: `Add what they mean: errorCodes: { ${words.join(', ')} }`,
  });
};

const doesNotTell = (ours: Refusal, wrong: Reply, { about }: Registered): Line =>
  line(
    'token_does_not_tell',
    about,
    'This server does not tell whether our client id and secret are right.',
    {
      cause:
        wrong.kind === 'error'
          ? `It says ${ours.word} of a wrong code and of a wrong secret alike.`
          : 'To a wrong secret it gave no answer to compare with.',
      mend: 'Try it as yourself: connect in the preview.',
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
    return line('token_grant_type', registered.about, 'The server does not know the grant type we name.', {
      cause: causeOf(ours),
      mend: `Set grantTypes.authorizationCode to what it calls the code grant${OWN_GRANT_TYPES}.`,
    });
  }
  if (wrong?.kind === 'error' && wrong.code !== ours.code) return accepted(ours, wrong, registered, provider);
  if (ours.code === 'invalid_grant') return doesNotTell(ours, wrong ?? ours, registered);
  return line(
    'token_refused',
    registered.about,
    'The server refuses the request itself, and so does not tell whether our client id and secret are right.',
    {
      cause: causeOf(ours),
      mend: 'Compare what it says with grantTypes, clientAuthentication and pkce of the record; then connect as yourself in the preview.',
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

/** What the answers tell of our redirect URI; `astray` is the one to a redirect URI that nobody registered. */
export const judgeRedirectUri = (
  ours: Refusal,
  astray: Reply,
  { about, redirectUri }: Registered,
): readonly Line[] => {
  const words = ({ word, said }: Refusal): string => `${word} ${said ?? ''}`;
  if (objectionIn(words(ours)) === 'redirect-uri') {
    return [
      line('redirect_uri_mismatch', about, 'Another redirect URI than ours is registered.', {
        cause: causeOf(ours),
        mend: `Register exactly this redirect URI there: ${redirectUri}`,
      }),
    ];
  }
  if (astray.kind !== 'error' || objectionIn(words(astray)) !== 'redirect-uri') return [];
  return [line('redirect_uri_registered', about, 'Our redirect URI is the one that is registered.')];
};
