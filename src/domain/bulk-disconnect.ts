import type { Viewer } from './viewer.js';

/**
 * Whose Connections end: all of a provider, of a host, those that an administrator chose, or those of one viewer, who left or wants
 * to be forgotten. Once a bulk disconnect is finished, it no longer shows which viewer it was.
 */
export type Leaver =
  | { readonly kind: 'provider'; readonly provider: string }
  | { readonly kind: 'host'; readonly host: string }
  | { readonly kind: 'connections'; readonly provider: string | null; readonly host: string | null }
  | { readonly kind: 'viewer'; readonly host: string; readonly viewer: Viewer | null };

/**
 * What became of tokens that must not be used any more. `revoked`: the provider says so, and they were such that nothing of the grant
 * works any more. `asked`: it was asked and did not refuse, but whether it did it cannot be known. `nothing`: nothing was left here that
 * could be revoked. `shared`: a Connection in use would have ended with them, so they were only deleted. `unsupported`: it has no way to
 * (a person can, on its account page). `kept`: it cannot be asked just now. `failed`: it cannot be asked at all, because our registration
 * changed, its way to take tokens back leads elsewhere than they were granted, or the tokens cannot be opened.
 */
export const WITHDRAWALS = [
  'revoked',
  'asked',
  'nothing',
  'shared',
  'unsupported',
  'kept',
  'failed',
] as const;
export type Withdrawal = (typeof WITHDRAWALS)[number];

/** The same, as it is counted: `unrevoked` is all that the provider was not asked about, and where a person may want to look. */
export type EndOutcome = 'revoked' | 'asked' | 'nothing' | 'unrevoked';

/** How many Connections of a bulk disconnect are done. */
export const doneOf = ({ revoked, asked, nothing, unrevoked }: BulkDisconnect): number =>
  revoked + asked + nothing + unrevoked;

/** The end of many Connections at once, with its progress. It goes on in the background, over restarts, until nothing is left. */
export interface BulkDisconnect {
  readonly id: string;
  readonly leaver: Leaver;
  readonly startedAt: number;
  readonly startedBy: string;
  /** Connections there were at the start. */
  readonly total: number;
  /** What became of those that are done. */
  readonly revoked: number;
  readonly asked: number;
  readonly nothing: number;
  readonly unrevoked: number;
  /** When the flows and sessions that had to go were ended. */
  readonly closedAt: number | null;
  readonly finishedAt: number | null;
}
