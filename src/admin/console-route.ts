import type { Actor } from '../domain/actor.js';
import type { Admin } from '../domain/administrator.js';
import type { SignedIn } from '../domain/administrator-sign-in.js';
import type { WebSessionStore } from '../store/people/web-session-store.js';
import type { Views } from '../views/view-models.js';
import type { Assets } from '../web/assets.js';
import type { Context } from '../web/context.js';
import type { Notice } from '../web/web-session.js';
import type { AdminDeps } from './admin-deps.js';
import type { AdminSession } from './console-session.js';

/** One request of a signed-in administrator, already checked: session, and for a POST origin and form token. */
export interface AdminVisit {
  readonly admin: Admin;
  readonly by: Actor;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Fields of a POST; empty for a GET. The form token is not among them. */
  readonly form: ReadonlyMap<string, string>;
  /**
   * Shows a page in the console's layout. The template finds its model, and besides: `admin`, `formToken` (to be sent back in a hidden
   * field `form-token` by every form: `token()` of parts/admin.njk), `section` (which entry of the menu is marked), `notice`, `requestId`, `assets`.
   */
  show(
    template: string,
    model: Readonly<Record<string, unknown>>,
    options?: {
      readonly status?: number;
      /** Name of the script it loads, where it has one. */
      readonly script?: string;
      /** Whether one of its forms ends at another site: then `form-action` cannot be limited. */
      readonly leaving?: boolean;
    },
  ): void;
  /** Shows it on the next page. */
  leave(notice: Notice): void;
  /** 303 to a path of this origin: how every POST that changed something ends. */
  seeOther(path: string): void;
}

/**
 * One address of the console. Deny by default: every route asks for a signed-in administrator, every POST for our own page's origin and
 * form token; GET never changes anything. The few pages for people without a session are not made of these.
 */
export interface AdminRoute {
  readonly method: 'get' | 'post';
  /** Below the site origin, as @koa/router takes it: `/admin/providers/:id`. */
  readonly path: string;
  readonly section:
    | 'overview'
    | 'providers'
    | 'hosts'
    | 'connections'
    | 'audit'
    | 'administrators'
    | 'server';
  /** Asks for the password (or the identity provider) again unless that was done in the last five minutes: keys, secrets, hosts. */
  readonly confirm?: true;
  /**
   * Of a POST: a script of our own page sends JSON, which the handler reads. It carries no form token; that it comes from our own page is
   * checked all the same.
   */
  readonly takes?: 'json';
  readonly handle: (visit: AdminVisit, ctx: Context) => void | Promise<void>;
}

/** What the console's routes are made with: what its use cases need, and how pages are shown. */
export interface ConsoleDeps extends AdminDeps {
  readonly views: Pick<Views, 'page'>;
  readonly assets: Pick<Assets, 'url'>;
  readonly webSessions: WebSessionStore;
}

/** What the guard found out about a request below `/admin`, before any route saw it. */
export interface Entrance {
  readonly session: AdminSession;
  /** Who is signed in; null only on the few pages without sign-in. */
  readonly visitor: { readonly admin: Admin; readonly signedIn: SignedIn } | null;
  /** The fields of a POST. */
  readonly form: ReadonlyMap<string, string>;
}

/**
 * An address below `/admin` that does not require sign-in. There are few, all of them ways to sign in; what is not one of these is for
 * administrators. A POST must still come from a page of ours.
 */
export interface PublicRoute {
  readonly method: 'get' | 'post';
  /** Literally: without parameters. */
  readonly path: string;
  readonly handle: (ctx: Context, entrance: Entrance) => void | Promise<void>;
}

/** An AdminRoute that changes the session itself; it may stand outside of the menu. */
export interface SessionRoute extends Omit<AdminRoute, 'handle' | 'section'> {
  readonly section: AdminRoute['section'] | null;
  readonly handle: (visit: AdminVisit, ctx: Context, entrance: Entrance) => void | Promise<void>;
}
