import type Router from '@koa/router';
import { originRouter } from '../app.js';
import type { Context } from '../context.js';
import { belongingsRoutes } from './belongings.js';
import { connectingRoutes } from './connecting.js';
import { connectingAgainRoutes } from './connecting-again.js';
import { connectionsRoutes } from './connections.js';
import { errorPageRoutes } from './error-pages.js';
import { sitePages } from './pages.js';
import { viewerSessions } from './session.js';
import { vouchingRoutes } from './vouching.js';
import type { SiteWeb } from './web.js';

/** The pages that people visit. The connect pages know nothing of the session of My connections. */
export const siteOriginRoutes = (web: SiteWeb): Router => {
  const pages = sitePages(web);
  const connecting = connectingRoutes(web, pages);
  const vouching = vouchingRoutes(web, pages);
  const withSession = viewerSessions(web);
  const connections = connectionsRoutes(web, pages, withSession);
  const again = connectingAgainRoutes(web, withSession);
  const belongings = belongingsRoutes(web, pages, withSession);
  const router = originRouter();

  const errors = errorPageRoutes(web.errorPages, pages);
  router.get('/errors/:code', errors.one);
  router.get('/', (ctx) => pages.home(ctx as unknown as Context));
  router.get('/connect', (ctx) => pages.connect(ctx as unknown as Context));
  router.post('/connect/open', connecting.open);
  router.post('/connect/ask', vouching.ask);
  router.post('/connect/vouched/:host', vouching.answer);
  router.get('/connect/vouched', vouching.vouched);
  router.post('/connect/go', connecting.go);
  router.get('/connect/callback/:provider', connecting.callback);
  router.get('/connect/finish', connecting.finish);
  router.post('/connect/accept', connecting.accept);
  router.post('/connect/cancel', connecting.cancel);
  router.post('/connect/other', connecting.other);
  router.get('/connections', connections.list);
  router.post('/connections/open', connections.open);
  router.post('/connections/close', connections.close);
  router.post('/connections/accept', again.accept);
  router.post('/connections/export', belongings.download);
  router.get('/connections/erase', belongings.question);
  router.post('/connections/erase', belongings.erase);
  router.post('/connections/:id/disconnect', connections.disconnect);
  router.post('/connections/:id/connect', again.begin);
  return router;
};
