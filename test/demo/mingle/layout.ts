import type { Form } from '../site/forms.js';
import { type Html, html } from '../site/html.js';
import type { Sessions } from '../site/sessions.js';
import type { Page, ShowPage, Web } from '../site/web.js';

export const signInPath = '/profile/login';
export const signOutPath = '/profile/logout';
export const clientsPath = '/oauth/clients';

const header = (ctx: Web, form: Form): Html => {
  const { person } = ctx.state;
  const link = (path: string, name: string): Html =>
    html`<a href="${path}" ${ctx.path.startsWith(path) && html`aria-current="page"`}>${name}</a>`;
  return html`
<header class="bar">
  <a class="brand" href="/projects"><span class="mark" aria-hidden="true"></span>Mingle</a>
  ${
    person &&
    html`<nav aria-label="Main">${link('/projects', 'Projects')} ${link('/oauth/user_tokens', 'Access tokens')}
    ${person.admin && link(clientsPath, 'OAuth clients')}</nav>
    ${form(ctx, { action: signOutPath, className: 'who' }, html`<span>${person.name}</span> <button class="plain">Sign out</button>`)}`
  }
</header>`;
};

/**
 * The headers of a careful application that no one may embed. A page that frames gadgets lets in what they need: their script, their
 * frames, the form that launches them, its own script's question who is looking, and popups that keep their opener.
 */
const headers = ({ formActions = [], frames }: Page): Readonly<Record<string, string>> => {
  const framing = frames ? [`script-src ${frames}`, `frame-src ${frames}`, "connect-src 'self'"] : [];
  const actions = ["'self'", ...(frames ? [frames] : []), ...formActions].join(' ');
  const policy = [
    "default-src 'none'",
    "style-src 'self'",
    ...framing,
    `form-action ${actions}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ];
  return {
    'Cache-Control': 'no-store',
    'Content-Security-Policy': policy.join('; '),
    'Cross-Origin-Opener-Policy': frames ? 'same-origin-allow-popups' : 'same-origin',
    'X-Content-Type-Options': 'nosniff',
    'X-Frame-Options': 'DENY',
  };
};

/** Mingle's frame around a page. */
export const minglePages =
  (sessions: Sessions, form: Form): ShowPage =>
  (ctx, page) => {
    const { title, content, status = 200 } = page;
    const notice = ctx.state.session?.notice;
    if (ctx.state.session) ctx.state.session.notice = null;
    sessions.open(ctx);
    ctx.status = status;
    ctx.type = 'text/html; charset=utf-8';
    ctx.set(headers(page));
    ctx.body = `<!doctype html>${html`
<html lang="en">
<head>
  <meta charset="utf-8"><meta name="viewport" content="width=device-width">
  <meta name="color-scheme" content="light dark">
  <title>${title} - Mingle</title>
  <link rel="stylesheet" href="/assets/base.css"><link rel="stylesheet" href="/assets/parts.css">
  <link rel="stylesheet" href="/assets/mingle.css">
</head>
<body>
  <a class="skip" href="#content">Skip to content</a>
  ${header(ctx, form)}
  <main id="content" tabindex="-1">
    ${notice && html`<p class="notice" role="status">${notice}</p>`}
    <h1>${title}</h1>
    ${content}
  </main>
  <footer>A stand-in for Mingle, made for Oriel’s demo. It speaks the original’s OAuth dialect, XML and Atom.</footer>
</body>
</html>`}`;
  };
