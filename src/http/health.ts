import Router from '@koa/router';

/** `/healthz` says that the process runs, `/readyz` that it can serve; they answer under any name. */
export const healthRoutes = (ready: () => Promise<void>): Router => {
  const router = new Router();
  router.get('/healthz', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: 'ok' };
  });
  router.get('/readyz', async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    try {
      await ready();
      ctx.body = { status: 'ready' };
    } catch (error) {
      ctx.status = 503;
      ctx.body = { status: 'not ready', reason: error instanceof Error ? error.message : 'unknown' };
    }
  });
  return router;
};
