import type { Router } from '@koa/router';
import { people, personByLogin } from '../people.js';
import type { Form } from './forms.js';
import { type Html, html } from './html.js';
import type { Sessions } from './sessions.js';
import { field, type Handler, localPath, type ShowPage, type Web, type WebState } from './web.js';

export interface SignInOptions {
  readonly application: string;
  readonly signInPath: string;
  readonly signOutPath: string;
  readonly home: string;
  readonly sessions: Sessions;
  readonly form: Form;
  readonly show: ShowPage;
}

const hint = html`
<aside class="hint">
  <h2>People of this demo</h2>
  <ul>${people.map((person) => html`<li>${person.name}: <code>${person.login}</code>, password <code>${person.password}</code></li>`)}</ul>
</aside>`;

const signInForm = (options: SignInOptions, ctx: Web, back: string, fault: string | null): Html => html`
<div class="sign-in">
  ${fault && html`<p class="fault" role="alert">${fault}</p>`}
  ${options.form(
    ctx,
    { action: options.signInPath, className: 'stacked' },
    html`
    <input type="hidden" name="return" value="${back}">
    <label>Sign-in name <input name="user[login]" autocomplete="username" autocapitalize="none" required autofocus></label>
    <label>Password <input name="user[password]" type="password" autocomplete="current-password" required></label>
    <button class="primary">Sign in</button>`,
  )}
  ${hint}
</div>`;

/** The sign-in page, and signing out. */
export const addSignIn = (router: Router<WebState>, options: SignInOptions): void => {
  const { application, home, sessions, show } = options;
  const title = `Sign in to ${application}`;

  router.get(options.signInPath, (ctx: Web) => {
    const back = localPath(field(ctx.URL.searchParams, 'return'), home);
    show(ctx, { title, content: signInForm(options, ctx, back, null) });
  });

  router.post(options.signInPath, (ctx: Web) => {
    const back = localPath(field(ctx.state.form, 'return'), home);
    const person = personByLogin(field(ctx.state.form, 'user[login]'));
    if (person && person.password === field(ctx.state.form, 'user[password]')) {
      sessions.signIn(ctx, person);
      ctx.redirect(back);
      return;
    }
    const content = signInForm(options, ctx, back, 'Wrong sign-in name or password.');
    show(ctx, { title, content, status: 401 });
  });

  router.post(options.signOutPath, (ctx: Web) => {
    sessions.signOut(ctx);
    const back = localPath(field(ctx.state.form, 'return'), home);
    ctx.redirect(`${options.signInPath}?return=${encodeURIComponent(back)}`);
  });
};

/** Sends anyone who has not signed in to the sign-in page, and back here afterwards. */
export const requirePerson =
  (signInPath: string): Handler =>
  async (ctx, next) => {
    if (ctx.state.person) return next();
    const back = ctx.method === 'GET' ? `?return=${encodeURIComponent(ctx.url)}` : '';
    ctx.redirect(signInPath + back);
  };
