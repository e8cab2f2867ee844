import type { Viewer } from './viewer.js';

/**
 * Whose Connections end: all of a provider, of a host, those that an administrator chose, or those of one viewer, who left or wants
 * to be forgotten. Of a finished departure nobody can say any more which viewer it was.
 */
export type Leaver =
  | { readonly kind: 'provider'; readonly provider: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'connections'; readonly provider: string | null; readonly host: string | null }
  | { readonly kind: 'viewer'; readonly host: string; readonly viewer: Viewer | null };

/**
 * What became of a permission that nobody shall use any more. `revoked`: the provider took it back, or there was none left.
 * `unrevoked`: the provider has no way, or could not be asked; a person may want to look there.
 */
export type EndOutcome = 'revoked' | 'unrevoked';

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
  readonly unrevoked: number;
  /** When the flows and sessions that had to go were ended. */
  readonly closedAt: number | null;
  readonly finishedAt: number | null;
}
