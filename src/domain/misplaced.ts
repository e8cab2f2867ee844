import type { Owner } from './connection.js';

/** What may be found in the wrong place; `origin`: a token was about to leave for an origin it is not bound to. */
export const MISPLACED = [
  'answer',
  'derived',
  'image',
  'call',
  'tokens',
  'connection',
  'session',
  'rendering',
  'origin',
] as const;

export type Misplaced = (typeof MISPLACED)[number];

/**
 * Called when something that is kept for one owner came up for another, which must never happen. It was not used. `owner` is who
 * asked, where that is known.
 */
export type ReportMisplaced = (what: Misplaced, owner: Owner | null) => void;
