import type { Form } from '../site/forms.js';
import { html } from '../site/html.js';
import { field, type Handler, type ShowPage, type Web } from '../site/web.js';
import type { Clients } from './clients.js';
import { codeLifetime, type Grants } from './grants.js';
import type { OAuthClient } from './state.js';

export interface AuthorizeOptions {
  readonly application: string;
  readonly path: string;
  readonly signOutPath: string;
  readonly clients: Clients;
  readonly grants: Grants;
  readonly form: Form;
  readonly show: ShowPage;
}

type Judged =
  | { readonly client: OAuthClient }
  | { readonly error: string }
  | { readonly noRedirectUri: true };

const blank = (value: string): boolean => value.trim() === '';

/** Adds parameters to a redirect URI, which may carry a query of its own. */
export const withParameters = (redirectUri: string, parameters: Readonly<Record<string, string>>): string =>
  `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${new URLSearchParams(parameters)}`;

/** The legacy order of checks, the same for the form and for its answer. */
const judge = (clients: Clients, parameters: URLSearchParams): Judged => {
  const clientId = field(parameters, 'client_id');
  const responseType = field(parameters, 'response_type');
  const redirectUri = field(parameters, 'redirect_uri');
  if (blank(clientId) || blank(responseType)) return { error: 'invalid-request' };
  if (responseType !== 'code') return { error: 'unsupported-response-type' };
  if (blank(redirectUri)) return { noRedirectUri: true };
  const client = clients.byClientId(clientId);
  if (!client) return { error: 'invalid-client-id' };
  if (client.redirectUri !== redirectUri) return { error: 'redirect-uri-mismatch' };
  return { client };
};

/**
 * The authorization endpoint. Errors have hyphens and carry no `state`. The legacy servers sent them to whatever
 * redirect URI the request named; here only to one that some client registered, and to a page otherwise.
 */
export const authorization = (
  options: AuthorizeOptions,
): { readonly ask: Handler; readonly answer: Handler } => {
  const { application, clients, grants, form, show } = options;

  const refuse = (
    ctx: Web,
    parameters: URLSearchParams,
    judged: Exclude<Judged, { client: OAuthClient }>,
  ): void => {
    if ('noRedirectUri' in judged) {
      ctx.status = 400;
      ctx.type = 'text/plain';
      ctx.body = "You did not specify the 'redirect_uri' parameter!";
      return;
    }
    const redirectUri = field(parameters, 'redirect_uri');
    if (clients.isRegistered(redirectUri)) {
      ctx.redirect(withParameters(redirectUri, { error: judged.error }));
      return;
    }
    const content = html`
      <p>Another application sent you here, but its request does not fit what is registered with ${application}
      (<code>${judged.error}</code>). Nothing was shared. Tell the administrator of that application.</p>`;
    show(ctx, { status: 400, title: 'This request cannot be answered', content });
  };

  const consentForm = (ctx: Web, client: OAuthClient, parameters: URLSearchParams) =>
    form(
      ctx,
      { action: options.path, id: 'oauth_authorize_form', className: 'consent' },
      html`
      ${['client_id', 'redirect_uri', 'response_type', 'state'].map(
        (name) => html`<input type="hidden" name="${name}" value="${field(parameters, name)}">`,
      )}
      <p class="question">Do you wish to allow the service named '<strong>${client.name}</strong>' to access this
      application on your behalf?</p>
      <p class="buttons">
        <button class="primary" name="authorize" value="Yes">Yes</button>
        <button name="authorize" value="No">No</button>
      </p>`,
    );

  const ask: Handler = (ctx) => {
    const parameters = ctx.URL.searchParams;
    const judged = judge(clients, parameters);
    if (!('client' in judged)) return refuse(ctx, parameters, judged);
    const content = html`
      ${consentForm(ctx, judged.client, parameters)}
      ${form(
        ctx,
        { action: options.signOutPath, className: 'other-account' },
        html`<input type="hidden" name="return" value="${ctx.url}">
        <p>You are signed in as <strong>${ctx.state.person?.name}</strong>.
        <button class="plain">Sign in as someone else</button></p>`,
      )}`;
    const formActions = [new URL(judged.client.redirectUri).origin];
    show(ctx, { title: 'Authorize access', content, formActions });
  };

  const answer: Handler = (ctx) => {
    const parameters = ctx.state.form;
    const judged = judge(clients, parameters);
    if (!('client' in judged)) return refuse(ctx, parameters, judged);
    const { client } = judged;
    if (field(parameters, 'authorize') !== 'Yes') {
      return ctx.redirect(withParameters(client.redirectUri, { error: 'access-denied' }));
    }
    const { code } = grants.issueCode(client, ctx.state.person?.login ?? '');
    const state = field(parameters, 'state');
    const expires_in = String(codeLifetime);
    ctx.redirect(withParameters(client.redirectUri, { code, expires_in, ...(state && { state }) }));
  };

  return { ask, answer };
};
