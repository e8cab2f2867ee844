import { type Html, html, type Piece } from './html.js';
import type { Sessions } from './sessions.js';
import { field, type Handler, type ShowPage, type Web } from './web.js';

/** A form of this application's own, with the CSRF token that `checkForms` asks for. */
export interface FormOptions {
  readonly action: string;
  readonly id?: string;
  readonly className?: string;
  readonly method?: 'post' | 'put' | 'delete';
}

export type Form = (ctx: Web, options: FormOptions, content: Piece) => Html;

export const forms =
  (sessions: Sessions): Form =>
  (ctx, options, content) =>
    html`
<form action="${options.action}" method="post" ${options.id && html`id="${options.id}"`} ${
      options.className && html`class="${options.className}"`
    }>
  <input type="hidden" name="authenticity_token" value="${sessions.open(ctx).csrf}">
  ${options.method && options.method !== 'post' && html`<input type="hidden" name="_method" value="${options.method}">`}
  ${content}
</form>`;

/** Refuses a form that did not come from our own page (422, as Rails does). */
export const checkForms =
  (show: ShowPage): Handler =>
  async (ctx, next) => {
    const safe = ['GET', 'HEAD', 'OPTIONS'].includes(ctx.method);
    const expected = ctx.state.session?.csrf;
    if (!safe && (!expected || field(ctx.state.form, 'authenticity_token') !== expected)) {
      return show(ctx, {
        status: 422,
        title: 'The form has expired',
        content: html`<p>This form is too old or came from somewhere else. Go back, reload the page and try again.</p>`,
      });
    }
    await next();
  };
