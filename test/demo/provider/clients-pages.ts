import type { Router } from '@koa/router';
import type { Form } from '../site/forms.js';
import { type Html, html } from '../site/html.js';
import type { Sessions } from '../site/sessions.js';
import { field, type ShowPage, type Web, type WebState } from '../site/web.js';
import type { ClientFields, Clients } from './clients.js';
import type { OAuthClient } from './state.js';

export interface ClientsPagesOptions {
  /** The index's path; the other pages lie below it. */
  readonly path: string;
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  readonly clients: Clients;
  readonly sessions: Sessions;
  readonly form: Form;
  readonly show: ShowPage;
}

const fieldsOf = (ctx: Web): ClientFields => ({
  name: field(ctx.state.form, 'oauth_client[name]'),
  redirectUri: field(ctx.state.form, 'oauth_client[redirect_uri]'),
});

const index = (options: ClientsPagesOptions, ctx: Web): Html => html`
<dl class="box">
  <dt>Authorization URL</dt><dd><code>${options.authorizationUrl}</code></dd>
  <dt>Token URL</dt><dd><code>${options.tokenUrl}</code></dd>
</dl>
<p><a class="button primary" href="${options.path}/new">Add client</a></p>
<div class="table" role="region" aria-label="OAuth clients" tabindex="0"><table>
  <thead><tr><th>Name</th><th>OAuth Redirect URI</th><th>OAuth Client Credentials</th><th>Action</th></tr></thead>
  <tbody>${options.clients.all().map(
    (client) => html`
    <tr>
      <th scope="row"><a href="${options.path}/${client.id}">${client.name}</a></th>
      <td><code>${client.redirectUri}</code></td>
      <td>${credentials(client)}</td>
      <td class="actions"><a class="button" href="${options.path}/${client.id}/edit">Edit</a>
      ${options.form(ctx, { action: `${options.path}/${client.id}`, method: 'delete' }, html`<button class="danger">Delete</button>`)}</td>
    </tr>`,
  )}</tbody>
</table></div>
${options.clients.all().length === 0 && html`<p>There are no OAuth clients.</p>`}`;

const credentials = (client: OAuthClient): Html => html`
<dl class="credentials"><dt>Client ID</dt><dd><code>${client.clientId}</code></dd>
<dt>Client Secret</dt><dd><code>${client.clientSecret}</code></dd></dl>`;

const editor = (
  options: ClientsPagesOptions,
  ctx: Web,
  target: { readonly action: string; readonly method: 'post' | 'put' },
  fields: ClientFields,
  faults: readonly string[],
): Html => html`
${faults.length > 0 && html`<ul class="fault" role="alert">${faults.map((fault) => html`<li>${fault}</li>`)}</ul>`}
${options.form(
  ctx,
  { ...target, className: 'stacked' },
  html`
  <label>Name <input name="oauth_client[name]" value="${fields.name}" required></label>
  <label>Redirect URI <input name="oauth_client[redirect_uri]" value="${fields.redirectUri}" inputmode="url" required></label>
  <p class="buttons"><button class="primary">Submit</button> <a class="button" href="${options.path}">Cancel</a></p>`,
)}`;

/** The administrator's pages for the applications that may ask people for access. */
export const addClientsPages = (router: Router<WebState>, options: ClientsPagesOptions): void => {
  const { path, clients, show, sessions } = options;
  const done = (ctx: Web, what: string): void => {
    sessions.open(ctx).notice = `OAuth client was successfully ${what}.`;
    ctx.redirect(path);
  };
  const named = (ctx: Web): OAuthClient => {
    const client = clients.byId(Number(ctx.params.id));
    if (!client) ctx.throw(404, 'There is no such OAuth client.');
    return client;
  };
  const created = { action: path, method: 'post' } as const;
  const updated = (client: OAuthClient) => ({ action: `${path}/${client.id}`, method: 'put' }) as const;

  router.get(path, (ctx: Web) => {
    show(ctx, { title: 'OAuth clients configuration', content: index(options, ctx) });
  });
  router.get(`${path}/new`, (ctx: Web) => {
    const content = editor(options, ctx, created, { name: '', redirectUri: '' }, []);
    show(ctx, { title: 'New OAuth client', content });
  });
  router.post(path, (ctx: Web) => {
    const fields = fieldsOf(ctx);
    const faults = clients.faults(fields);
    if (faults.length > 0) {
      const content = editor(options, ctx, created, fields, faults);
      return show(ctx, { status: 422, title: 'New OAuth client', content });
    }
    clients.create(fields);
    done(ctx, 'created');
  });
  router.get(`${path}/:id`, (ctx: Web) => {
    const client = named(ctx);
    const content = html`
      <dl class="box"><dt>OAuth Redirect URI</dt><dd><code>${client.redirectUri}</code></dd></dl>
      ${credentials(client)}
      <p class="buttons"><a class="button" href="${path}/${client.id}/edit">Edit</a> <a class="button" href="${path}">Back</a></p>`;
    show(ctx, { title: `OAuth client ${client.name}`, content });
  });
  router.get(`${path}/:id/edit`, (ctx: Web) => {
    const client = named(ctx);
    show(ctx, { title: 'Edit OAuth client', content: editor(options, ctx, updated(client), client, []) });
  });
  router.put(`${path}/:id`, (ctx: Web) => {
    const client = named(ctx);
    const fields = fieldsOf(ctx);
    const faults = clients.faults(fields, client);
    if (faults.length > 0) {
      const content = editor(options, ctx, updated(client), fields, faults);
      return show(ctx, { status: 422, title: 'Edit OAuth client', content });
    }
    clients.update(client, fields);
    done(ctx, 'updated');
  });
  router.delete(`${path}/:id`, (ctx: Web) => {
    clients.destroy(named(ctx));
    done(ctx, 'deleted');
  });
};
