import type { AccessOutcome } from '../../../connect/tokens/access-source.js';
import { parseUrl } from '../../../domain/parse-url.js';
import { textsAt } from '../../../gadgets/answer-values.js';
import { mayTravel, type Provider } from '../../../providers/provider.js';
import type { UpstreamOutcome } from '../../../upstream/upstream-call.js';
import type { AdminDeps } from '../../admin-deps.js';
import { type Line, line } from './line.js';
import { OWN_HEADERS } from './preset-hints.js';

const PREVIEW = 'connect as yourself in the preview';

const untried = (provider: Provider, own: AccessOutcome | null): Line => {
  const causes: Readonly<Record<AccessOutcome['kind'], string>> = {
    access: '',
    none: 'You have no connection of your own to it.',
    reconnect: 'Your own connection to it has ended.',
    down: 'Your own connection cannot be renewed now.',
    'rate-limited': 'The server says that it was asked too often.',
    stopped: 'Its client was refused, so that no tokens are asked for.',
  };
  return line('api_untried', provider.api, 'The API was not tried: only a person’s own connection can.', {
    cause: own === null ? null : causes[own.kind],
    fix: `To try it, ${PREVIEW}, and then run this again.`,
  });
};

const named = (provider: Provider, outcome: Extract<UpstreamOutcome, { kind: 'data' }>): Line => {
  const { account, api } = provider;
  if (account === 'none') return line('api_answers', api, 'The API answers with your own connection.');
  if (textsAt(outcome.data, account.id).some((text) => text !== '')) {
    return line(
      'api_answers',
      api,
      'The API answers with your own connection, and tells whose account it is.',
    );
  }
  return line('api_account_unreadable', api, 'The API answers, and does not tell whose account it is.', {
    cause: `Its answer to ${account.target} has no ${account.id}.`,
    fix: 'Correct account.id and account.label: the keys of the answer, joined by dots.',
  });
};

/** Whatever an API has at its own address, a page or nothing: gadgets ask below it. */
const doesNotTell = ({ api }: Provider, said: string): Line =>
  line(
    'api_does_not_tell',
    api,
    'The API answers, and not whether it takes the token of your own connection.',
    {
      cause: `The record names no account to ask for, and at its own address the API has no data: ${said}.`,
      fix: 'Look at one of its gadgets as yourself, in the preview.',
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
        cause: `It answered with status ${outcome.status}.`,
        fix: `Look at authorizationHeader${OWN_HEADERS}, and whether api is the right server.`,
      });
    case 'insufficient-scope':
      return line('api_forbidden', api, 'The token of your own connection does not suffice.', {
        fix: `Add the scope it wants to scopes, and ${PREVIEW} again.`,
      });
    case 'forbidden':
      return line('api_forbidden', api, 'The API does not let you see this.', {
        cause: outcome.detail && `It says: ${outcome.detail}`,
        fix: 'If you should see it, look at your rights there and at scopes.',
      });
    case 'not-found':
      return line('api_not_found', api, 'The API knows your token, and nothing at this address.', {
        cause: outcome.detail && `It says: ${outcome.detail}`,
        fix: 'Correct api or account.target, unless that is as it should be.',
      });
    case 'rate-limited':
      return line('api_limited', api, 'The API says that you asked too often.', {
        fix: 'Try again in some minutes.',
      });
    case 'down':
      return line('api_down', api, 'The API does not answer.', {
        cause: `The call ended with ${outcome.reason}.`,
        fix: 'Look at the lines above, and at the provider’s log.',
      });
    case 'unusable':
      return line('api_unusable', api, 'The API answers with something else than data.', {
        cause:
          outcome.code === 'redirect' && outcome.detail !== null
            ? `It redirects to ${outcome.detail}.`
            : `The call ended with ${outcome.code}.`,
        fix: 'Correct api: a web page or a redirect is often a sign-in page, because api leads to the wrong place.',
      });
  }
};

/** Calls the API once with the administrator's own connection; `own` is null where there cannot be one yet. */
export async function tryApi(
  { upstream }: Pick<AdminDeps, 'upstream'>,
  provider: Provider,
  own: AccessOutcome | null,
): Promise<Line> {
  if (own === null || own.kind !== 'access') return untried(provider, own);
  const { account } = provider;
  const request =
    account === 'none'
      ? ({ target: '/', format: 'text' } as const)
      : ({ target: account.target, format: account.format } as const);
  // The record in hand may request accounts where the connection's token must not go.
  if (parseUrl(request.target) !== null && !mayTravel(own.access.origins, request.target))
    return untried(provider, { kind: 'reconnect', reason: 'expired' });
  return judge(provider, await upstream.ask(provider, own.access, request));
}
