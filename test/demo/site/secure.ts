import { html } from './html.js';
import type { Handler, ShowPage, Web } from './web.js';

const loopbackAddress = /^(127\.|::1$|::ffff:127\.)/;
const loopbackName = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The real servers serve OAuth over HTTPS only. Here that rule is relaxed for this machine talking to itself by a
 * loopback name; a proxy on this machine may say that it took the request over HTTPS.
 */
export const isSecure = (ctx: Web): boolean =>
  loopbackAddress.test(ctx.req.socket.remoteAddress ?? '') &&
  (ctx.get('x-forwarded-proto') === 'https' || loopbackName.test(ctx.hostname));

/** 403 with the provider's own sentence for pages that want HTTPS. */
export const httpsOnly =
  (show: ShowPage): Handler =>
  async (ctx, next) => {
    if (isSecure(ctx)) return next();
    show(ctx, {
      status: 403,
      title: 'HTTPS only',
      content: html`<p>This page can only be accessed using HTTPS.</p>`,
    });
  };
