import type Router from '@koa/router';
import type { Directory } from '../../config/directory.js';
import { removeHostViewer } from '../../connect/ending/erase-viewer.js';
import { AppError } from '../../domain/errors.js';
import { FRAME_SESSION_LIFE, type FrameSession, type HostClaims } from '../../domain/frame-session.js';
import { parseUrl } from '../../domain/parse-url.js';
import { canonical } from '../../gadgets/parameters.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { type Host, mayShow } from '../../hosts/host.js';
import { gadgetOfHost } from '../../render/frame-renderings.js';
import { originRouter } from '../app.js';
import { readJson } from '../body.js';
import type { Context } from '../context.js';
import { anybodysPage, frameAnswer } from '../headers.js';
import type { Addressed } from './addressed.js';
import { connectingRoutes } from './consent-routes.js';
import { choiceRoute, contentRoute, imageRoute, standingRoute } from './content-routes.js';
import { FrameBearers } from './frame-bearers.js';
import { FramePages, themeOf } from './frame-pages.js';
import type { FrameWeb } from './frame-web.js';
import { launchRoute, readToken, relaunchRoute } from './launch.js';

const MOST_ORIGINS = 10;
const LONGEST = 300;

const isOrigin = (text: string): boolean => {
  const url = text.length <= LONGEST ? parseUrl(text) : null;
  return url !== null && /^https?:$/.test(url.protocol) && url.origin === text;
};

/** The page's origin and those around it. One that is hidden is the text `null`, and registered nowhere. */
const readOrigins = (query: URLSearchParams): readonly [string, ...string[]] => {
  const [page = '', ...around] = query.getAll('origin').slice(0, MOST_ORIGINS);
  if (!isOrigin(page) || !around.every((each) => each === 'null' || isOrigin(each)))
    throw new AppError('parameter_invalid', 'The doctor asks with “origin”, the origin of its page.');
  return [page, ...around];
};

const standing = (directory: Directory, host: Host, gadget: string): 'shown' | 'unknown' | 'not-allowed' => {
  if (gadgetNamed(directory, host, gadget) === undefined) return 'unknown';
  return mayShow(host, gadget) ? 'shown' : 'not-allowed';
};

/**
 * `GET /doctor`: the page by which an embed doctor learns what the server knows of its host page, and the server's time. No
 * matter who frames it, it sends its message to the requested origin alone; an unregistered one only learns that it is not registered.
 * It holds nothing of a viewer, no secret and no cookie, and starts nothing.
 */
const doctorRoute =
  ({ assets, clock, directory, siteOrigin, views }: FrameWeb) =>
  (ctx: Context): void => {
    const query = new URLSearchParams(ctx.querystring);
    const [page, ...around] = readOrigins(query);
    const host = directory.host((query.get('host') ?? '').slice(0, LONGEST));
    const unregistered =
      host === undefined ? [] : [page, ...around].filter((each) => !host.origins.includes(each));
    const known = host !== undefined && !unregistered.includes(page) ? host : null;
    const gadget = (query.get('gadget') ?? '').slice(0, LONGEST);
    anybodysPage(ctx);
    ctx.type = 'html';
    // A page for the host's developers, in English like everything else that they read.
    ctx.body = views.page('frame/doctor', {
      data: {
        page,
        siteOrigin,
        time: clock.now(),
        host: host === undefined ? 'unknown' : 'known',
        unregistered,
        parameters:
          known && (gadgetNamed(directory, known, gadget)?.parameters.map(({ name }) => name) ?? null),
        gadget: known && standing(directory, known, gadget),
        mode: known?.connectMode ?? null,
        algorithms: known?.key.algorithms ?? null,
      },
      theme: themeOf(query.get('theme') ?? undefined),
      opensWindow: known?.connectMode === 'opener',
      assets: { style: assets.url('frame.css'), script: assets.url('doctor-frame.js') },
    });
  };

/** The gadget origin's two routers: the pages and calls of hosts, and below `/frame/` what frames ask. */
export interface GadgetOriginRoutes {
  readonly gadgetRoutes: Router;
  readonly frameRoutes: Router;
}

const LARGEST_BODY = 16 * 1024;

/**
 * `POST /h/:host/leave`, from the host's own server: a person has left it. 202 while providers have still to be asked, with how many;
 * 200 when nothing is kept of the person; both with what became of each permission. Asked again with a fresh token, it reports how far it is.
 */
const leaveRoute =
  ({ connect, hostTokens }: Pick<FrameWeb, 'connect' | 'hostTokens'>) =>
  async (ctx: Addressed): Promise<void> => {
    const { token } = await readJson(ctx, LARGEST_BODY);
    const secret = readToken(typeof token === 'string' ? token : undefined);
    const leaving = await removeHostViewer({ ...connect, hostTokens }, ctx.params.host ?? '', secret);
    frameAnswer(ctx);
    ctx.status = leaving.left === 0 ? 200 : 202;
    ctx.body = leaving;
  };

/** Everything that is framed, and the API of the frames. No route here reads or sets a cookie. */
export const gadgetOriginRoutes = (web: FrameWeb): GadgetOriginRoutes => {
  const pages = new FramePages(web);
  const bearers = new FrameBearers(web);
  const connecting = connectingRoutes(web, bearers, web.renderings);
  const gadgetRoutes = originRouter();
  const frameRoutes = originRouter();

  gadgetRoutes.post('/h/:host/g/:gadget', launchRoute(web, pages));
  gadgetRoutes.get('/h/:host/g/:gadget', relaunchRoute(web, pages));
  gadgetRoutes.get('/h/:host/g/:gadget/relaunch', relaunchRoute(web, pages));
  gadgetRoutes.get('/doctor', doctorRoute(web));
  gadgetRoutes.post('/h/:host/leave', leaveRoute(web));

  frameRoutes.get('/frame/content', contentRoute(bearers, web.renderings));
  frameRoutes.get('/frame/standing', standingRoute(bearers, web.renderings));
  frameRoutes.get('/frame/images/:address', imageRoute(bearers, web.images));
  frameRoutes.post('/frame/renew', renewRoute(web, bearers));
  frameRoutes.post('/frame/choices', choiceRoute(web, bearers, web.renderings));
  frameRoutes.post('/frame/flows', connecting.start);
  frameRoutes.get('/frame/flows', connecting.pending);
  frameRoutes.get('/frame/flows/:id', connecting.look);
  frameRoutes.post('/frame/flows/:id/code', connecting.enterCode);
  frameRoutes.post('/frame/flows/:id/cancel', connecting.cancel);
  frameRoutes.post('/frame/disconnect', connecting.disconnect);
  frameRoutes.post('/frame/tickets', connecting.ticket);
  return { gadgetRoutes, frameRoutes };
};

/** Renewal changes nothing but the expiry, so the token must say what the launch's token said. */
const isSame = (session: FrameSession, claims: HostClaims): boolean =>
  claims.viewer.id === session.viewer.id &&
  (claims.gadget === null || claims.gadget === session.gadget) &&
  canonical(claims.params) === session.locks;

/** `POST /frame/renew` with a fresh host token; the bearer stays the same. */
const renewRoute = (web: FrameWeb, bearers: FrameBearers) => {
  const { clock, directory, hostTokens, sessions } = web;
  return async (ctx: Context): Promise<void> => {
    const { session, bearerHash } = await bearers.renewable(ctx);
    const { token } = await readJson(ctx, LARGEST_BODY);
    const host = directory.host(session.viewer.host);
    if (host === undefined) throw new AppError('host_unknown');
    gadgetOfHost(directory, host, session.gadget);
    const claims = await hostTokens.verify(host, readToken(typeof token === 'string' ? token : undefined));
    if (!isSame(session, claims)) throw new AppError('viewer_changed');
    const { jti, replayableUntil } = claims;
    const renewed = { ...session, expiresAt: clock.now() + FRAME_SESSION_LIFE };
    if (!(await sessions.renew({ session: renewed, bearerHash, jti, replayableUntil })))
      throw new AppError(
        'token_replayed',
        {},
        'The token’s “jti” was used before: make a new token for each request, and do not let any cache store the token endpoint’s response.',
      );
    frameAnswer(ctx);
    ctx.body = { expiresIn: FRAME_SESSION_LIFE / 1000 };
  };
};
