import Router from '@koa/router';
import type { FaultyGadget } from '../domain/faulty-gadget.js';
import { DatabaseTrouble } from '../store/database-trouble.js';

/** What keeps this process from serving, as a stable code: an error's own words are for the log. */
const codeOf = (error: unknown): string =>
  error instanceof DatabaseTrouble ? error.faultCode : error instanceof Stopping ? 'stopping' : 'internal';

/** This process finishes what is under way and takes nothing more. */
export class Stopping extends Error {}

/** Whether this process can serve, and what it serves without. */
export interface Readiness {
  /** Rejects while it cannot serve. */
  require(): Promise<void>;
  /** Gadgets with mistakes: they keep no other from being served. */
  faultyGadgets(): readonly FaultyGadget[];
  /** The product's version, for who rolls one out. */
  readonly version: string;
}

/** What the answer says of them: names alone, since anyone may ask. */
const shown = (faulty: readonly FaultyGadget[]): object =>
  faulty.length === 0
    ? {}
    : { gadgets: faulty.map(({ id, isServed }) => ({ id, state: isServed ? 'last-good' : 'left-out' })) };

/** `/healthz` says that the process runs, `/readyz` that it can serve; they answer under any name. */
export const healthRoutes = (ready: Readiness): Router => {
  const router = new Router();
  const { version } = ready;
  router.get('/healthz', (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    ctx.body = { status: 'ok', version };
  });
  router.get('/readyz', async (ctx) => {
    ctx.set('Cache-Control', 'no-store');
    try {
      await ready.require();
      ctx.body = { status: 'ready', version, ...shown(ready.faultyGadgets()) };
    } catch (error) {
      ctx.status = 503;
      ctx.set('Retry-After', '10');
      ctx.body = { status: 'not ready', code: codeOf(error), version };
    }
  });
  return router;
};
