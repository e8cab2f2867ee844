import type { Context } from '../web/context.js';
import type { Entrance } from './entrance.js';

/**
 * An address below `/admin` that needs nobody signed in. There are few, all of them ways to come in; what is not one of these is for
 * administrators. A POST must still come from a page of ours.
 */
export interface PublicRoute {
  readonly method: 'get' | 'post';
  /** Literally: without parameters. */
  readonly path: string;
  readonly handle: (ctx: Context, entrance: Entrance) => void | Promise<void>;
}
