import type { Router } from '@koa/router';
import type { Form } from '../site/forms.js';
import { html } from '../site/html.js';
import type { Sessions } from '../site/sessions.js';
import type { Handler, ShowPage, Web, WebState } from '../site/web.js';
import type { Clients } from './clients.js';
import type { Grants } from './grants.js';

export interface UserTokensOptions {
  readonly application: string;
  readonly path: string;
  readonly clients: Clients;
  readonly grants: Grants;
  readonly sessions: Sessions;
  readonly form: Form;
  readonly show: ShowPage;
}

/** Where a person sees which applications act for them, and takes it back. A token's value is never shown. */
export const addUserTokensPages = (router: Router<WebState>, options: UserTokensOptions): void => {
  const { application, path, clients, grants, form, show } = options;
  const loginOf = (ctx: Web): string => ctx.state.person?.login ?? '';

  router.get(path, (ctx: Web) => {
    const pairs = grants.pairsOf(loginOf(ctx));
    const rows = pairs.map(
      (pair) => html`
      <tr><th scope="row">${clients.byId(pair.client)?.name}</th>
      <td class="actions">${form(
        ctx,
        { action: `${path}/revoke/${pair.id}`, method: 'delete' },
        html`<button class="danger">Delete</button>`,
      )}</td></tr>`,
    );
    const content =
      pairs.length === 0
        ? html`<p>There are no tokens.</p>`
        : html`<div class="table"><table>
          <thead><tr><th>Client allowed to access ${application} on your behalf</th><th>Delete</th></tr></thead>
          <tbody>${rows}</tbody></table></div>`;
    show(ctx, { title: 'OAuth Access Tokens', content });
  });

  const revoke: Handler = (ctx: Web) => {
    const pair = grants.pairsOf(loginOf(ctx)).find((own) => own.id === Number(ctx.params.token));
    if (!pair) {
      ctx.status = 400;
      ctx.body = 'You are not authorized to perform this action!';
      return;
    }
    grants.revoke(pair);
    options.sessions.open(ctx).notice = 'OAuth access token was successfully deleted.';
    ctx.redirect(path);
  };
  router.delete(`${path}/revoke/:token`, revoke);
};
