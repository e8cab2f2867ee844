import type { Router } from '@koa/router';
import type { Form } from '../site/forms.js';
import { html } from '../site/html.js';
import { httpsOnly } from '../site/secure.js';
import type { Sessions } from '../site/sessions.js';
import { requirePerson } from '../site/sign-in.js';
import type { Handler, ShowPage, WebState } from '../site/web.js';
import { authorization } from './authorize.js';
import { type Clients, oauthClients } from './clients.js';
import { addClientsPages } from './clients-pages.js';
import { type Grants, oauthGrants } from './grants.js';
import { providerState } from './state.js';
import { tokenEndpoint } from './token.js';
import { addUserTokensPages } from './user-tokens-pages.js';

/** A client that exists from the start, such as Oriel's own. */
export interface SeededClient {
  readonly name: string;
  readonly redirectUri: string;
  readonly id: string;
  readonly secret: string;
}

export interface ProviderData {
  readonly clients: Clients;
  readonly grants: Grants;
}

/** Opens what the provider remembers; a seeded client that is there already gets its redirect URI brought up to date. */
export const openProvider = (
  stateFile: string | null,
  seeds: readonly SeededClient[],
  now: () => number,
): ProviderData => {
  const state = providerState(stateFile);
  const clients = oauthClients(state);
  for (const seed of seeds) {
    const known = clients.byClientId(seed.id);
    if (known) clients.update(known, seed);
    else clients.create(seed, seed);
  }
  return { clients, grants: oauthGrants(state, now) };
};

export interface ProviderOptions extends ProviderData {
  readonly application: string;
  /** The application's public base with its context path, without a slash at the end. */
  readonly base: string;
  /** The context path alone: '' or '/go'. */
  readonly context: string;
  readonly clientsPath: string;
  readonly signInPath: string;
  readonly signOutPath: string;
  readonly sessions: Sessions;
  readonly form: Form;
  readonly show: ShowPage;
  readonly checkForms: Handler;
}

const adminsOnly =
  (show: ShowPage): Handler =>
  async (ctx, next) => {
    if (ctx.state.person?.admin) return next();
    show(ctx, {
      status: 403,
      title: 'Administrators only',
      content: html`<p>Only administrators can see this page.</p>`,
    });
  };

/** The OAuth 2 provider that both applications share: endpoints, the administrator's and the person's pages. */
export const addProvider = (router: Router<WebState>, options: ProviderOptions): void => {
  const { base, context, clients, grants, show } = options;
  const path = (name: string): string => `${context}/oauth/${name}`;
  const signedIn = requirePerson(options.signInPath);
  const secure = httpsOnly(show);

  const { ask, answer } = authorization({ ...options, path: path('authorize') });
  router.get(path('authorize'), secure, signedIn, ask);
  router.post(path('authorize'), secure, signedIn, options.checkForms, answer);
  router.post(path('token'), secure, tokenEndpoint(clients, grants));

  for (const under of [options.clientsPath, `${options.clientsPath}/{*rest}`]) {
    router.all(under, secure, signedIn, adminsOnly(show), options.checkForms);
  }
  addClientsPages(router, {
    ...options,
    path: options.clientsPath,
    authorizationUrl: `${base}/oauth/authorize`,
    tokenUrl: `${base}/oauth/token`,
  });

  for (const under of [path('user_tokens'), `${path('user_tokens')}/{*rest}`]) {
    router.all(under, signedIn, options.checkForms);
  }
  addUserTokensPages(router, { ...options, path: path('user_tokens') });
};
