import type { Admin } from '../domain/administrator.js';
import type { SignedIn } from '../domain/administrator-sign-in.js';
import type { AdminSession } from './console-session.js';

/** What the guard found out about a request below `/admin`, before any route saw it. */
export interface Entrance {
  readonly session: AdminSession;
  /** Who is signed in; null only on the few pages that need nobody. */
  readonly visitor: { readonly admin: Admin; readonly signedIn: SignedIn } | null;
  /** The fields of a POST. */
  readonly form: ReadonlyMap<string, string>;
}
