import type { Viewer } from './viewer.js';

/** Whose Connections end: all of a provider, of a host, or of one viewer who left. */
export type Leaver =
  | { readonly kind: 'provider'; readonly provider: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'connections'; readonly provider: string | null; readonly host: string | null }
  | { readonly kind: 'viewer'; readonly viewer: Viewer };

/** The end of many Connections at once, with how far it is. It goes on in the background, over restarts, until nothing is left. */
export interface Departure {
  readonly id: string;
  readonly leaver: Leaver;
  readonly startedAt: number;
  readonly startedBy: string;
  /** Connections there were at the begin. */
  readonly total: number;
  /** What became of those that are done. */
  readonly revoked: number;
  /** The provider has no way, or cannot be asked: gone here, but a person may want to look there. */
  readonly unrevoked: number;
  readonly finishedAt: number | null;
}
