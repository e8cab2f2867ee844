import helmet from 'helmet';
import type { Form } from '../site/forms.js';
import { type Html, html } from '../site/html.js';
import type { Sessions } from '../site/sessions.js';
import type { ShowPage, Web } from '../site/web.js';

export const signInPath = '/go/auth/login';
export const signOutPath = '/go/auth/logout';
export const clientsPath = '/go/admin/oauth/clients';

const header = (ctx: Web, form: Form): Html => {
  const { person } = ctx.state;
  const link = (path: string, name: string): Html =>
    html`<a href="${path}" ${ctx.path === path && html`aria-current="page"`}>${name}</a>`;
  return html`
<header class="bar">
  <a class="brand" href="/go/pipelines"><span class="mark" aria-hidden="true"></span>GoCD</a>
  ${
    person &&
    html`<nav aria-label="Main">${link('/go/pipelines', 'Dashboard')} ${link('/go/oauth/user_tokens', 'Access tokens')}
    ${person.admin && link(clientsPath, 'OAuth clients')}</nav>
    ${form(ctx, { action: signOutPath, className: 'who' }, html`<span>${person.name}</span> <button class="plain">Sign out</button>`)}`
  }
</header>`;
};

/**
 * The headers of a careful host: helmet's, stricter on styles, and loosened only as embedding needs, which is for the
 * gadget origin's script, its frames and the form that launches them, and for popups that keep their opener.
 */
const headers = (gadgetOrigin: string, formActions: readonly string[]) =>
  helmet({
    contentSecurityPolicy: {
      directives: {
        scriptSrc: ["'self'", gadgetOrigin],
        frameSrc: [gadgetOrigin],
        formAction: ["'self'", gadgetOrigin, ...formActions],
        styleSrc: ["'self'"],
        upgradeInsecureRequests: null,
      },
    },
    crossOriginOpenerPolicy: { policy: 'same-origin-allow-popups' },
    strictTransportSecurity: false,
  });

/** GoCD's frame around a page. */
export const gocdPages =
  (sessions: Sessions, form: Form, gadgetOrigin: string): ShowPage =>
  (ctx, { title, content, status = 200, formActions = [] }) => {
    const notice = ctx.state.session?.notice;
    if (ctx.state.session) ctx.state.session.notice = null;
    sessions.open(ctx);
    ctx.status = status;
    ctx.type = 'text/html; charset=utf-8';
    ctx.set('Cache-Control', 'no-store');
    headers(gadgetOrigin, formActions)(ctx.req, ctx.res, (error) => {
      if (error) throw error;
    });
    ctx.body = `<!doctype html>${html`
<html lang="en">
<head>
  <meta charset="utf-8"><meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>${title} - GoCD</title>
  <link rel="stylesheet" href="/go/assets/base.css"><link rel="stylesheet" href="/go/assets/parts.css">
  <link rel="stylesheet" href="/go/assets/gocd.css">
</head>
<body>
  <a class="skip" href="#content">Skip to content</a>
  ${header(ctx, form)}
  <main id="content" tabindex="-1">
    ${notice && html`<p class="notice" role="status">${notice}</p>`}
    <h1>${title}</h1>
    ${content}
  </main>
  <footer>A stand-in for GoCD, made for Oriel’s demo. It frames gadgets, and is an OAuth provider itself.</footer>
</body>
</html>`}`;
  };
