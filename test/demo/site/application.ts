import Koa from 'koa';
import { readBody } from './bodies.js';
import { html } from './html.js';
import { type LoopbackServer, listenOnLoopback } from './loopback.js';
import type { Sessions } from './sessions.js';
import type { Handler, ShowPage, WebState } from './web.js';

export interface RunningApplication {
  /** The application's own base, without a slash at the end. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ApplicationParts {
  readonly port: number;
  readonly show: ShowPage;
  readonly sessions: Sessions;
  /** Headers of every answer, the fault control, the routes: in this order. */
  readonly handlers: readonly Handler[];
}

/** Whatever goes wrong ends in a page of the application; a fault of ours is written to stderr too. */
const answerErrors =
  (show: ShowPage): Handler =>
  async (ctx, next) => {
    try {
      await next();
      if (ctx.status !== 404 || ctx.body) return;
      show(ctx, { status: 404, title: 'Not found', content: html`<p>Page not found.</p>` });
    } catch (error) {
      const status = error instanceof Koa.HttpError ? error.status : 500;
      if (status === 500) console.error(error);
      const sentence =
        error instanceof Koa.HttpError && error.expose ? error.message : 'Something went wrong.';
      show(ctx, { status, title: 'This did not work', content: html`<p>${sentence}</p>` });
    }
  };

/** Puts an application together and listens on this machine's loopback addresses only. */
export const startApplication = async (parts: ApplicationParts): Promise<LoopbackServer> => {
  const app = new Koa<WebState>();
  const use = (handler: Handler): void => {
    app.use(handler as Koa.Middleware<WebState>);
  };
  app.silent = true;
  use(parts.sessions.recognise);
  use(answerErrors(parts.show));
  use(readBody);
  parts.handlers.forEach(use);
  return listenOnLoopback(app.callback(), parts.port);
};

/** Serves style sheets, read once. */
export const assets = (prefix: string, files: Readonly<Record<string, string>>): Handler => {
  return async (ctx, next) => {
    const name = ctx.path.startsWith(`${prefix}/`) ? ctx.path.slice(prefix.length + 1) : '';
    if (!Object.hasOwn(files, name)) return next();
    ctx.type = 'text/css; charset=utf-8';
    ctx.set('Cache-Control', 'public, max-age=300');
    ctx.body = files[name];
  };
};
