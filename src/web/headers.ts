import type { Host } from '../hosts/host.js';
import type { Context } from './context.js';

const PERMISSIONS = 'camera=(), microphone=(), geolocation=(), payment=(), usb=()';

const policyWith = (images: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    `img-src ${images}`,
    "connect-src 'self'",
    "base-uri 'none'",
    "object-src 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types oriel',
  ].join('; ');

const POLICY = policyWith("'self' data:");
/** The frame's script fetches pictures with its bearer, and shows them as `blob:`. */
const FRAME_POLICY = policyWith("'self' data: blob:");

const common = {
  'Cache-Control': 'private, no-store',
  'X-Content-Type-Options': 'nosniff',
  'Permissions-Policy': PERMISSIONS,
};

const framedHeaders = (ancestors: string): Record<string, string> => ({
  ...common,
  'Content-Security-Policy': `${FRAME_POLICY}; form-action 'none'; frame-ancestors ${ancestors}`,
  'Cross-Origin-Embedder-Policy': 'require-corp',
  'Cross-Origin-Resource-Policy': 'cross-origin',
  'Referrer-Policy': 'no-referrer',
});

/** A page in a frame: only that host's exact origins may frame it; no page may where the host is unknown. */
export const gadgetPage = (ctx: Context, host: Host | null): void => {
  ctx.set(framedHeaders(host === null ? "'none'" : host.origins.join(' ')));
};

/**
 * A page of the console that shows a gadget as a host's page does: it frames the gadget origin and nothing else, runs no script of it, and
 * has no Cross-Origin-Opener-Policy, which would cut the connect window off.
 */
export const previewPage = (ctx: Context, gadgetOrigin: string): void => {
  ctx.set(SITE);
  ctx.set(
    'Content-Security-Policy',
    `${POLICY}; frame-src ${gadgetOrigin}; form-action 'self' ${gadgetOrigin}; frame-ancestors 'none'`,
  );
  ctx.remove('Cross-Origin-Opener-Policy');
};

/** A page that every page may frame: it says nothing of a viewer and starts nothing. */
export const anybodysPage = (ctx: Context): void => ctx.set(framedHeaders('*'));

export const FRAME_ANSWER = {
  'Cache-Control': 'private, no-store',
  'X-Content-Type-Options': 'nosniff',
  'Cross-Origin-Resource-Policy': 'same-origin',
};

/** An answer to the frame's own script. */
export const frameAnswer = (ctx: Context): void => ctx.set(FRAME_ANSWER);

const SITE = {
  ...common,
  'Cross-Origin-Resource-Policy': 'same-origin',
  // `no-referrer` would turn the `Origin` of our own forms into `null`.
  'Referrer-Policy': 'same-origin',
  'X-Frame-Options': 'DENY',
};

/**
 * A page of the administration console: as `sitePage`, and no window that opened it, or that it opens, can reach it.
 */
export const adminPage = (ctx: Context, leaving = false): void => {
  sitePage(ctx, leaving);
  ctx.set('Cross-Origin-Opener-Policy', 'same-origin');
};

/**
 * A page that people visit; no page may frame it. It sends no Cross-Origin-Opener-Policy, which would cut the popup from its
 * opener. Browsers apply `form-action` to the redirects that follow a form too, so a page whose form ends at a provider
 * (`leaving`) cannot have one.
 */
export const sitePage = (ctx: Context, leaving = false): void => {
  ctx.set(SITE);
  ctx.set(
    'Content-Security-Policy',
    `${POLICY}; ${leaving ? '' : "form-action 'self'; "}frame-ancestors 'none'`,
  );
};

/** Leads on: without a page there is no history entry, and nothing of it stays behind but where it leads. */
export const seeOther = (ctx: Context, url: string): void => {
  ctx.set({ 'Cache-Control': 'no-store', 'Referrer-Policy': 'no-referrer', Location: url });
  ctx.status = 303;
  ctx.body = '';
};

/**
 * Answers now and past Koa, which looks at every header three times: for what frames ask all the time. `headers` are names and values in
 * turn; without a body the answer has none.
 */
export const answerAtOnce = (
  ctx: Context,
  status: 200 | 304,
  headers: readonly string[],
  body: Buffer | null,
): void => {
  ctx.respond = false;
  ctx.res.writeHead(status, [...headers, ...ctx.state.headers]);
  ctx.res.end(body ?? undefined);
};
