import type { AccessOutcome } from '../../../connect/tokens/open-connection.js';
import { parseUrl } from '../../../domain/parse-url.js';
import { Secret } from '../../../domain/secret.js';
import { textsAt } from '../../../gadgets/answer-values.js';
import { asksAccount } from '../../../providers/pasted-token.js';
import { accountRequest, mayTravel, originsOf, type Provider } from '../../../providers/provider.js';
import type { UpstreamOutcome } from '../../../upstream/upstream-call.js';
import type { AdminDeps } from '../../admin-deps.js';
import { type Line, line } from './line.js';
import { OWN_HEADERS } from './preset-hints.js';

const PREVIEW = 'connect as yourself in the preview';

const untried = (provider: Provider, own: AccessOutcome | null): Line => {
  const causes: Readonly<Record<AccessOutcome['kind'], string>> = {
    access: '',
    none: 'You have no connection of your own.',
    reconnect: 'Your own connection to it has ended.',
    down: 'Your own connection can’t be refreshed right now.',
    'rate-limited': 'The server says there were too many requests.',
    stopped: 'Its client was rejected, so no tokens are requested.',
  };
  return line(
    'api_untried',
    provider.api,
    'The API was not tested, because that takes a connection of your own.',
    {
      cause: own === null ? null : causes[own.kind],
      fix: `To test it, ${PREVIEW}, then run this again.`,
    },
  );
};

const named = (provider: Provider, outcome: Extract<UpstreamOutcome, { kind: 'data' }>): Line => {
  const { account, api } = provider;
  if (account === 'none' || !('target' in account) || account.format === 'jwt')
    return line('api_answers', api, 'The API responds with your own connection.');
  if (textsAt(outcome.data, account.id).some((text) => text !== '')) {
    return line(
      'api_answers',
      api,
      'The API responds with your own connection, and says whose account it is.',
    );
  }
  return line('api_account_unreadable', api, 'The API responds, but does not say whose account it is.', {
    cause: `Its response to ${account.target} has no ${account.id}.`,
    fix: 'Correct account.id and account.label: the keys in the response, joined by dots.',
  });
};

/** Whatever an API has at its own address, a page or nothing: gadgets ask below it. */
const doesNotTell = ({ api }: Provider, said: string): Line =>
  line(
    'api_does_not_tell',
    api,
    'The API responds, but that does not show whether it accepts the token of your own connection.',
    {
      cause: `The record names no account request, and the API has no data at its own address: ${said}.`,
      fix: 'Open one of its gadgets in the preview.',
    },
  );

/** A redirect or a page may be how an API rejects a token; where it leads nowhere else, it is what has to be looked at. */
const plainly = (outcome: UpstreamOutcome): UpstreamOutcome => {
  if (outcome.kind !== 'unauthorized' || outcome.sign === 'certain' || outcome.status === 401) return outcome;
  const isRedirect = outcome.status >= 300 && outcome.status <= 399;
  return isRedirect
    ? { kind: 'unusable', code: 'redirect', detail: outcome.otherwise.detail }
    : outcome.otherwise;
};

const judge = (provider: Provider, answered: UpstreamOutcome): Line => {
  const outcome = plainly(answered);
  const { account, api } = provider;
  if (account === 'none' && outcome.kind === 'unusable') return doesNotTell(provider, outcome.code);
  if (account === 'none' && outcome.kind === 'not-found') return doesNotTell(provider, 'status-404');
  switch (outcome.kind) {
    case 'data':
      return named(provider, outcome);
    case 'unauthorized':
      return line('api_token_refused', api, 'The API does not accept the token of your own connection.', {
        cause: `It responded with status ${outcome.status}.`,
        fix: `Check authorizationHeader${OWN_HEADERS}, and whether api is the right server.`,
      });
    case 'insufficient-scope':
      return line('api_forbidden', api, 'The token of your own connection lacks a scope.', {
        fix: `Add the required scope to scopes, and ${PREVIEW} again.`,
      });
    case 'forbidden':
      return line('api_forbidden', api, 'The API denies you access to this.', {
        cause: outcome.detail && `It says: ${outcome.detail}`,
        fix: 'If you should have access, check your permissions there and scopes.',
      });
    case 'not-found':
      return line('api_not_found', api, 'The API accepts your token, but has nothing at this address.', {
        cause: outcome.detail && `It says: ${outcome.detail}`,
        fix: 'Correct api or account.target, unless this is expected.',
      });
    case 'rate-limited':
      return line('api_limited', api, 'The API says there were too many requests.', {
        fix: 'Try again in a few minutes.',
      });
    case 'down':
      return line('api_down', api, 'The API does not respond.', {
        cause: `The call ended with ${outcome.reason}.`,
        fix: 'Check the lines above, and the provider’s log.',
      });
    case 'unusable':
      return line('api_unusable', api, 'The API responds with something other than data.', {
        cause:
          outcome.code === 'redirect' && outcome.detail !== null
            ? `It redirects to ${outcome.detail}.`
            : `The call ended with ${outcome.code}.`,
        fix: 'Correct api: a web page or a redirect is often a sign-in page, because api is wrong.',
      });
  }
};

/** No token of anyone's: long enough for servers that look at the length first. */
const MADE_UP = 'oriel-dry-run-this-is-no-token-00000000000';

/** Whether a wrong token is distinguished from a right one: the account request with a token that no one has. */
export async function tryMadeUpToken(
  { upstream }: Pick<AdminDeps, 'upstream'>,
  provider: Provider,
): Promise<Line> {
  const { account, api, authorizationHeader } = provider;
  const request = accountRequest(account);
  const made = asksAccount(authorizationHeader) ? `oriel-dry-run:${MADE_UP}` : MADE_UP;
  const token = { token: new Secret(made), origins: originsOf(provider) };
  const outcome =
    request === null
      ? ({ kind: 'unusable', code: 'account-missing', detail: null } as const)
      : await upstream.ask(provider, token, request);
  if (outcome.kind === 'down' || outcome.kind === 'rate-limited') return judge(provider, outcome);
  if (outcome.kind === 'unauthorized' && outcome.status === 401)
    return line('api_asks_token', api, 'The API rejects a token that no one has, as it must.');
  const named =
    outcome.kind === 'data' &&
    account !== 'none' &&
    textsAt(outcome.data, account.id).some((text) => text !== '');
  if (named)
    return line('api_open', api, 'The API names an account for a token that no one has.', {
      cause: 'It answers everyone the same, or something in front of it signs everyone in.',
      fix: 'Correct account.target: it must be a request that only the owner of a token is answered.',
    });
  if (outcome.kind === 'not-found')
    return line('api_not_found', api, 'The API has nothing at the address where a pasted token is checked.', {
      cause: outcome.detail && `It says: ${outcome.detail}`,
      fix: 'Correct api or account.target; some APIs say so to a wrong account.accept too.',
    });
  return line(
    'api_does_not_tell',
    api,
    'The API does not say plainly that it rejects a token that no one has.',
    {
      cause: `It responded with ${'status' in outcome ? `status ${outcome.status}` : outcome.kind}, where 401 is usual.`,
      fix: 'A wrong token is still refused when it is pasted, unless the account request answers it. Connect as yourself in the preview to see the rest.',
    },
  );
}

/** Calls the API once with the administrator's own connection; `own` is null where there cannot be one yet. */
export async function tryApi(
  { upstream }: Pick<AdminDeps, 'upstream'>,
  provider: Provider,
  own: AccessOutcome | null,
): Promise<Line> {
  if (own === null || own.kind !== 'access') return untried(provider, own);
  const request = accountRequest(provider.account) ?? ({ target: '/', format: 'text' } as const);
  // The record in hand may request accounts where the connection's token must not go.
  if (parseUrl(request.target) !== null && !mayTravel(own.access.origins, request.target))
    return untried(provider, { kind: 'reconnect', reason: 'expired' });
  return judge(provider, await upstream.ask(provider, own.access, request));
}
