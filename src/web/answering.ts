import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { performance } from 'node:perf_hooks';
import { AppError, type ErrorCode } from '../domain/errors.js';
import { InvalidRecord } from '../domain/invalid-record.js';
import type { Sentences, Views } from '../views/view-models.js';
import { type Context, isBelowAdmin, type Middleware } from './context.js';
import { frameAnswer, gadgetPage, sitePage } from './headers.js';
import { viewerLocale } from './locale.js';
import { pageRefusal, refusalSentence } from './sentences.js';

/** The one line a request leaves in the log. No query string, no header, no body. */
export interface RequestLine {
  readonly requestId: string;
  readonly method: string;
  readonly route: string;
  /** The sender's address, by the trusted proxies' word where there are such. */
  readonly client: string;
  readonly status: number;
  readonly ms: number;
}

export interface RequestLog {
  /** At level debug: a request that is made all the time, and of which nothing came. */
  request(line: RequestLine, fields: Readonly<Record<string, unknown>>, level: 'info' | 'debug'): void;
  /** A bug: something was thrown that is not a refusal. */
  bug(requestId: string, error: unknown): void;
}

/** Which face an error page wears: in a frame, on the site, or problem details for a script (RFC 9457). */
export type Face = 'frame' | 'site';

const refusalOf = (error: unknown): AppError => {
  if (error instanceof AppError) return error;
  // Koa itself refuses malformed requests by errors with a 4xx status.
  const status = (error as { status?: unknown } | null)?.status;
  if (typeof status === 'number' && status >= 400 && status < 500) return new AppError('body_invalid');
  return new AppError('internal');
};

/** Seconds after which a request is worth another try while the database cannot be used. */
const TRY_AGAIN = '10';

const isForAdministrators = ({ path }: Context): boolean => isBelowAdmin(path) || path.startsWith('/api/');

const wantsProblem = (ctx: Context): boolean =>
  ctx.path.startsWith('/frame/') ||
  ctx.path.startsWith('/api/') ||
  typeof ctx.is('application/json') === 'string' ||
  ctx.accepts('html', 'json') === 'json';

/** Problem details (RFC 9457); `type` leads to a page about the code. */
const problem = (ctx: Context, error: AppError, views: Sentences, siteOrigin: string): void => {
  // Administrators and their scripts are answered in English.
  const locale = isForAdministrators(ctx) ? 'en' : viewerLocale(ctx, views);
  frameAnswer(ctx);
  ctx.body = JSON.stringify({
    type: `${siteOrigin}/errors/${error.code}`,
    title: error.code.replaceAll('_', ' '),
    status: error.status,
    code: error.code,
    detail: refusalSentence(views, locale, error),
    requestId: ctx.state.requestId,
    ...(ctx.state.tellsReason && error.reason !== null && { reason: error.reason }),
    ...(error instanceof InvalidRecord && { faults: error.faults }),
  });
  ctx.type = 'application/problem+json';
};

const page = (
  ctx: Context,
  error: AppError,
  views: Views,
  face: Face,
  assetUrl: (name: string) => string,
): void => {
  const { framedBy, parameters, requestId } = ctx.state;
  const { code, status } = error;
  if (isForAdministrators(ctx) && ctx.state.showRefusal !== undefined) {
    ctx.state.showRefusal({ code, message: refusalSentence(views, 'en', error), status, requestId });
    ctx.type = 'html';
    return;
  }
  const locale = viewerLocale(ctx, views);
  const model = { code, ...pageRefusal(views, locale, error), status, requestId, locale };
  if (ctx.state.showRefusal !== undefined) {
    ctx.state.showRefusal(model);
  } else if (face === 'frame') {
    gadgetPage(ctx, framedBy);
    // The page around the frame is notified too, where we know which one it may be.
    const data = framedBy && { v: 1, hostOrigins: framedBy.origins, parameters, code, relaunch: false };
    const assets = { style: assetUrl('frame.css'), script: framedBy && assetUrl('relaunch.js') };
    ctx.body = views.page('frame/refusal', { ...model, data, assets });
  } else {
    sitePage(ctx);
    ctx.body = views.page('site/error', { ...model, assets: { style: assetUrl('site.css') } });
  }
  ctx.type = 'html';
};

const STRICT_TRANSPORT = ['Strict-Transport-Security', 'max-age=31536000'];

/** Names and values in turn, unless they went out already. */
const setHeaders = (response: ServerResponse, headers: readonly string[]): void => {
  if (response.headersSent) return;
  for (let at = 0; at < headers.length; at += 2) response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
};

/**
 * The outermost middleware and the only catch: gives every request an id, answers refusals and bugs itself (an error that
 * reached Koa's own handler would lose the cookies already set), and writes the request's one log line.
 */
export const answering = (
  log: RequestLog,
  views: Views,
  faceOf: (ctx: Context) => Face,
  assetUrl: (name: string) => string,
  addressOf: (request: IncomingMessage) => string,
  siteOrigin: string,
): Middleware => {
  const strictTransport = siteOrigin.startsWith('https:');
  const refuse = (ctx: Context, thrown: unknown): void => {
    const error = refusalOf(thrown);
    if (error.code === 'internal') log.bug(ctx.state.requestId, thrown);
    ctx.status = error.status;
    ctx.state.log.code = error.code satisfies ErrorCode;
    if (error.reason !== null) ctx.state.log.reason = error.reason;
    if (error.code === 'database_unavailable') ctx.set('Retry-After', TRY_AGAIN);
    if (wantsProblem(ctx)) problem(ctx, error, views, siteOrigin);
    else page(ctx, error, views, faceOf(ctx), assetUrl);
  };
  return async (ctx, next) => {
    const started = performance.now();
    const requestId = randomUUID();
    // Asked now: a request whose body was left unread has no socket any more.
    const client = addressOf(ctx.req);
    const headers = strictTransport
      ? ['X-Request-Id', requestId, ...STRICT_TRANSPORT]
      : ['X-Request-Id', requestId];
    ctx.state = { requestId, log: {}, framedBy: null, client, headers };
    try {
      await next();
      const status = ctx.res.statusCode;
      if (status === 404 && ctx.body == null) throw new AppError('route_unknown');
      if (status === 405 && ctx.body == null) throw new AppError('method_not_allowed');
    } catch (error) {
      refuse(ctx, error);
    }
    setHeaders(ctx.res, headers);
    const line = {
      requestId,
      method: ctx.req.method ?? '',
      route: (ctx as { _matchedRoute?: unknown })._matchedRoute?.toString() ?? '-',
      client,
      status: ctx.res.statusCode,
      ms: Math.round((performance.now() - started) * 10) / 10,
    };
    log.request(line, ctx.state.log, ctx.state.isRoutine ? 'debug' : 'info');
  };
};
