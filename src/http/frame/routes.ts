import type Router from '@koa/router';
import { originRouter } from '../app.js';
import { bearers } from './bearer.js';
import { connectingRoutes } from './connecting.js';
import { contentRoute } from './content.js';
import { doctorRoute } from './doctor.js';
import { againRoute, launchRoute } from './launch.js';
import { leaveRoute } from './leave.js';
import { framePages } from './pages.js';
import { renderings } from './renderings.js';
import { renewRoute } from './renew.js';
import type { FrameWeb } from './web.js';

/** Everything that is framed, and the API of the frames. No route here reads or sets a cookie. */
export const gadgetOriginRoutes = (web: FrameWeb): Router => {
  const pages = framePages(web);
  const rendering = renderings(web);
  const bearer = bearers(web);
  const connecting = connectingRoutes(web, bearer, rendering);
  const router = originRouter();

  router.get('/frame/content', contentRoute(bearer, rendering));
  router.post('/h/:host/g/:gadget', launchRoute(web, pages, rendering));
  router.get('/h/:host/g/:gadget', againRoute(web, pages));
  router.get('/h/:host/g/:gadget/again', againRoute(web, pages));
  router.get('/doctor', doctorRoute(web));
  router.post('/h/:host/leave', leaveRoute(web));
  router.post('/frame/renew', renewRoute(web, bearer));
  router.post('/frame/flows', connecting.begin);
  router.get('/frame/flows', connecting.pending);
  router.get('/frame/flows/:id', connecting.look);
  router.post('/frame/flows/:id/code', connecting.enterCode);
  router.post('/frame/disconnect', connecting.disconnect);
  router.post('/frame/tickets', connecting.ticket);
  return router;
};
