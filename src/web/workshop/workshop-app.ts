import { timingSafeEqual } from 'node:crypto';
import Router from '@koa/router';
import Koa from 'koa';
import { AppError } from '../../domain/errors.js';
import type { Gadget } from '../../domain/gadget.js';
import type { Secret } from '../../domain/secret.js';
import type { Assets } from '../assets.js';
import { readJson } from '../body.js';
import type { Context } from '../context.js';

/** What the page wants to see. */
export interface AskedOfWorkshop {
  /** Names of states; the data and the requests are those of `state`. */
  readonly states: readonly string[];
  readonly state: string;
  readonly locales: readonly string[];
  /** As text, by name; those that are not named have the sample’s values. */
  readonly parameters: Readonly<Record<string, string>>;
  /** Whether one’s own data is fetched again. */
  readonly again: boolean;
}

/** What the workshop's pages show. */
export interface Workshop {
  /** Whether it shows someone's own data: then its answers are for those who have the key alone. */
  readonly isPersonal: boolean;
  gadget(): Gadget | null;
  revision(): number;
  /** Whether there will be no more changes. */
  readonly isClosed: boolean;
  onChange(listener: () => void): () => void;
  page(model: Readonly<Record<string, unknown>>): string;
  cell(model: Readonly<Record<string, unknown>>): string;
  show(asked: AskedOfWorkshop): Promise<object>;
}

export interface WorkshopParts {
  readonly workshop: Workshop;
  readonly assets: Assets;
  /** `http://127.0.0.1:PORT`, once it is known. */
  readonly port: () => number;
  /** What the page of someone's own data has to show, which only the printed address holds. */
  readonly key: Secret;
}

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "object-src 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types oriel',
];

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), payment=(), usb=()',
};

const page = (ctx: Context, html: string, ...policy: readonly string[]): void => {
  ctx.set('Content-Security-Policy', [...POLICY, ...policy].join('; '));
  ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
  ctx.type = 'html';
  ctx.body = html;
};

const LARGEST = 64 * 1024;
const LONGEST = 4096;
const MOST = 40;

const texts = (value: unknown): readonly string[] =>
  Array.isArray(value)
    ? value.filter((each) => typeof each === 'string' && each.length <= LONGEST).slice(0, MOST)
    : [];

const asked = (body: Readonly<Record<string, unknown>>): AskedOfWorkshop => {
  const { parameters, state } = body;
  const named = typeof parameters === 'object' && parameters !== null ? Object.entries(parameters) : [];
  return {
    states: texts(body.states),
    state: typeof state === 'string' ? state : '',
    locales: texts(body.locales),
    parameters: Object.fromEntries(
      named.filter(([, value]) => typeof value === 'string' && value.length <= LONGEST).slice(0, MOST),
    ),
    again: body.again === true,
  };
};

const BEARER = /^Bearer (.+)$/;

const isKey = (key: Secret, header: string): boolean => {
  const [given, wanted] = [BEARER.exec(header)?.[1] ?? '', key.reveal()].map((each) => Buffer.from(each));
  return (
    given !== undefined &&
    wanted !== undefined &&
    given.length === wanted.length &&
    timingSafeEqual(given, wanted)
  );
};

/** Names under which a browser on this machine may ask: another name that leads here could be anyone's page. */
const NAMES = ['127.0.0.1', 'localhost'];

/** Refuses what no page of ours asks: another Host, another Origin, another site. */
const requireOwn = (ctx: Context, port: number): void => {
  const host = ctx.req.headers.host ?? '';
  if (!NAMES.some((name) => host === `${name}:${port}`)) throw new AppError('origin_unknown');
  const { origin } = ctx.req.headers;
  const site = ctx.get('Sec-Fetch-Site');
  // A cell is a document of no origin; what it loads are styles and scripts, which anyone may.
  const isAsset = ctx.path.startsWith('/assets/');
  if (isAsset) return;
  if (origin !== undefined && origin !== `http://${host}`) throw new AppError('origin_refused');
  if (site !== '' && site !== 'same-origin' && site !== 'none') throw new AppError('origin_refused');
};

const stream = (ctx: Context, workshop: Workshop): void => {
  ctx.respond = false;
  const { res } = ctx;
  res.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream; charset=utf-8' });
  const notify = (): void => {
    res.write(`data: ${workshop.revision()}\n\n`);
    if (workshop.isClosed) res.end();
  };
  const stop = workshop.onChange(notify);
  res.on('close', stop);
  notify();
};

/**
 * The pages of the workshop, for a browser on this machine: a page that shows a gadget in its states, each in a document of its own that has no
 * origin, and the events that report changes to it.
 */
export const workshopApp = ({ workshop, assets, port, key }: WorkshopParts): Koa => {
  const routes = new Router({ sensitive: true, strict: true });
  const requireKey = (ctx: Context): void => {
    if (workshop.isPersonal && !isKey(key, ctx.get('Authorization'))) throw new AppError('session_missing');
  };
  routes.get('/', (ctx) => {
    const { isPersonal } = workshop;
    const files = { style: assets.url('workshop.css'), script: assets.url('workshop.js') };
    page(
      ctx as unknown as Context,
      workshop.page({ assets: files, isPersonal }),
      "connect-src 'self'",
      "frame-src 'self'",
      "frame-ancestors 'none'",
    );
  });
  routes.get('/cell/:theme', (ctx) => {
    const files = { style: assets.url('frame.css'), script: assets.url('workshop-cell.js') };
    const theme = ctx.params.theme === 'dark' ? 'dark' : 'light';
    page(ctx as unknown as Context, workshop.cell({ assets: files, theme }), "frame-ancestors 'self'");
  });
  routes.get('/events', (ctx) => stream(ctx as unknown as Context, workshop));
  routes.post('/show', async (context) => {
    const ctx = context as unknown as Context;
    requireKey(ctx);
    const shown = await workshop.show(asked(await readJson(ctx, LARGEST)));
    const gadget = workshop.gadget();
    ctx.set('Cross-Origin-Resource-Policy', 'same-origin');
    ctx.body = { ...shown, style: gadget === null ? null : assets.gadgetStyle(gadget) };
  });
  assets.mount(routes, false);
  const app = new Koa();
  app.use(async (ctx, next) => {
    ctx.set(HEADERS);
    try {
      requireOwn(ctx as unknown as Context, port());
      await next();
    } catch (error) {
      const status = error instanceof AppError ? error.status : 500;
      ctx.status = status;
      ctx.body = {
        code: error instanceof AppError ? error.code : 'internal',
        problem: error instanceof Error ? error.message : '',
      };
    }
  });
  app.use(routes.routes());
  return app;
};
