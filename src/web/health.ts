import Router from '@koa/router';
import { DatabaseTrouble } from '../store/database-trouble.js';

/** What keeps this process from serving, as a stable code: an error's own words are for the log. */
const codeOf = (error: unknown): string =>
  error instanceof DatabaseTrouble ? error.faultCode : error instanceof Stopping ? 'stopping' : 'internal';

/** This process finishes what is under way and takes nothing more. */
export class Stopping extends Error {}

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
      ctx.set('Retry-After', '10');
      ctx.body = { status: 'not ready', code: codeOf(error) };
    }
  });
  return router;
};
