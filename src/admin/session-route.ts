import type { Context } from '../web/context.js';
import type { AdminRoute, AdminVisit } from './console-route.js';
import type { Entrance } from './entrance.js';

/** An AdminRoute that changes the session itself; it may stand outside of the menu. */
export interface SessionRoute extends Omit<AdminRoute, 'handle' | 'section'> {
  readonly section: AdminRoute['section'] | null;
  readonly handle: (visit: AdminVisit, ctx: Context, entrance: Entrance) => void | Promise<void>;
}
