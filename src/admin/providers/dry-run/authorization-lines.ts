import type { ClientCredentials, Provider } from '../../../providers/provider.js';
import { type Line, line } from './line.js';
import type { Objection, Reading } from './page-reading.js';
import { URL_ENDINGS } from './preset-hints.js';

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
        ? 'It answers a redirect URI that nobody registered in the same way.'
        : `It says: ${said}`,
    mend: `Register exactly this redirect URI there: ${redirectUri}`,
  });

const strangeClient = ({ about, client }: Registered, said: string | null): Line =>
  line('authorization_client', about, `The server does not know the client id ${client.id}.`, {
    cause: said === null ? 'It answers a made-up client id in the same way.' : `It says: ${said}`,
    mend: 'Copy the client id from the registration at the provider.',
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
    return line('authorization_scope', about, 'The server refuses the scopes that are asked for.', {
      cause,
      mend: `Allow them for this client there, or correct scopes: ${provider.scopes.join(', ') || 'none are named'}.`,
    });
  }
  return line('authorization_refused', about, 'The server refuses the consent request.', {
    cause,
    mend: `Look at the client id, at authorizationParameters and scopes, and whether exactly this redirect URI is registered: ${redirectUri}`,
  });
};

const unhappy = (reading: Reading, registered: Registered, provider: Provider): Line | null => {
  const { about } = registered;
  switch (reading.kind) {
    case 'onward':
    case 'refused':
      return null;
    case 'limited':
      return line('authorization_limited', about, 'The server says that it was asked too often.', {
        mend: 'Try again in some minutes.',
      });
    case 'loop':
      return line('authorization_loops', about, 'The authorization endpoint sends people to itself.', {
        cause: 'Behind a TLS proxy that is often a server that believes it was called in clear.',
        mend: 'Let the proxy pass X-Forwarded-Proto on, or correct authorizationEndpoint.',
      });
    case 'not-found':
      return line('authorization_not_found', about, 'There is no authorization endpoint at this address.', {
        cause: `${provider.authorizationEndpoint} answers that there is nothing; some servers say so of an unknown client id too.`,
        mend: `Correct authorizationEndpoint${URL_ENDINGS}, then the client id.`,
      });
    case 'failed':
      return line('authorization_failed', about, 'The authorization endpoint does not work.', {
        cause: `Asked for consent, ${reading.said}.`,
        mend: 'Look at the provider’s log.',
      });
  }
};

/** What our own request tells by itself; null where only comparing tells. */
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
    ? 'It answers a made-up client id, and a redirect URI that nobody registered, in the same way.'
    : null;
  const sentence = 'The server asks people to sign in before it looks at our redirect URI.';
  return line('authorization_signs_in', about, sentence, {
    cause: refuses(stranger)
      ? 'It refuses a made-up client id, but not a redirect URI that nobody registered.'
      : same,
    mend: `Try it as yourself: connect in the preview. Registered must be exactly ${redirectUri}`,
  });
};

/**
 * What our own request tells beside two that must be refused: `astray` with a redirect URI that nobody registered, `stranger` with a
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
