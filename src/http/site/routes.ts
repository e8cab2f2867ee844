import type Router from '@koa/router';
import { originRouter } from '../app.js';
import type { Context } from '../context.js';
import { connectingRoutes } from './connecting.js';
import { connectionsRoutes } from './connections.js';
import { errorPageRoutes } from './error-pages.js';
import { sitePages } from './pages.js';
import { vouchingRoutes } from './vouching.js';
import type { SiteWeb } from './web.js';

/** The pages that people visit. The connect pages know nothing of the session of My connections. */
export const siteOriginRoutes = (web: SiteWeb): Router => {
  const pages = sitePages(web);
  const connecting = connectingRoutes(web, pages);
  const vouching = vouchingRoutes(web, pages);
  const connections = connectionsRoutes(web, pages);
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
  router.post('/connections/:id/disconnect', connections.disconnect);
  return router;
};
