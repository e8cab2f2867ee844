import type Router from '@koa/router';
import { originRouter } from '../app.js';
import { bearers } from './bearer.js';
import { connectingRoutes } from './consent-routes.js';
import { contentRoute } from './content.js';
import { doctorRoute } from './doctor.js';
import { framePages } from './frame-pages.js';
import type { FrameWeb } from './frame-web.js';
import { leaveRoute } from './host-leave.js';
import { launchRoute, relaunchRoute } from './launch.js';
import { renewRoute } from './renew.js';
import { standingRoute } from './standing-route.js';

/** The gadget origin's two routers: the pages and calls of hosts, and below `/frame/` what frames ask. */
export interface GadgetOriginRoutes {
  readonly gadgetRoutes: Router;
  readonly frameRoutes: Router;
}

/** Everything that is framed, and the API of the frames. No route here reads or sets a cookie. */
export const gadgetOriginRoutes = (web: FrameWeb): GadgetOriginRoutes => {
  const pages = framePages(web);
  const bearer = bearers(web);
  const connecting = connectingRoutes(web, bearer, web.renderings);
  const gadgetRoutes = originRouter();
  const frameRoutes = originRouter();

  gadgetRoutes.post('/h/:host/g/:gadget', launchRoute(web, pages));
  gadgetRoutes.get('/h/:host/g/:gadget', relaunchRoute(web, pages));
  gadgetRoutes.get('/h/:host/g/:gadget/relaunch', relaunchRoute(web, pages));
  gadgetRoutes.get('/doctor', doctorRoute(web));
  gadgetRoutes.post('/h/:host/leave', leaveRoute(web));

  frameRoutes.get('/frame/content', contentRoute(bearer, web.renderings));
  frameRoutes.get('/frame/standing', standingRoute(bearer, web.renderings));
  frameRoutes.post('/frame/renew', renewRoute(web, bearer));
  frameRoutes.post('/frame/flows', connecting.start);
  frameRoutes.get('/frame/flows', connecting.pending);
  frameRoutes.get('/frame/flows/:id', connecting.look);
  frameRoutes.post('/frame/flows/:id/code', connecting.enterCode);
  frameRoutes.post('/frame/flows/:id/cancel', connecting.cancel);
  frameRoutes.post('/frame/disconnect', connecting.disconnect);
  frameRoutes.post('/frame/tickets', connecting.ticket);
  return { gadgetRoutes, frameRoutes };
};
