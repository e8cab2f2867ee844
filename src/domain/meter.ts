import type { AuditEvent } from './audit-event.js';
import type { Misplaced } from './misplaced.js';
import type { RenderingState } from './rendering.js';

/** How calls of a provider ended, for administrators. */
export type CallOutcome = 'ok' | 'not-modified' | 'refused' | 'rate-limited' | 'down' | 'unusable';

/** Where an answer of a provider's API came from: our cache, a call that another request had made, one of its own, or the cache in place of one. */
export type AnswerSource = 'cache' | 'joined' | 'provider' | 'stale';

/** What is counted for monitoring alone, and not kept. */
export interface MeterWatch {
  /** One call of a provider's API that went over the wire; `status` is absent where there was no answer. */
  called(provider: string, outcome: CallOutcome, ms: number, status?: number | null): void;
  /** Where what a rendering asked a provider for came from. */
  answered(provider: string, source: AnswerSource): void;
  /** A rendering was made rather than found in memory; `ms` is how long that took, waiting for providers included. */
  made(gadget: string, ms: number): void;
  /** Something went to the audit log. */
  audited(event: Pick<AuditEvent, 'action' | 'outcome' | 'provider' | 'code'>): void;
  /** Tokens were refreshed, or not; `ms` is how long the provider took. */
  renewed(provider: string, outcome: 'ok' | 'failed', ms: number): void;
  /** The database did something; `ms` is how long that took. */
  queried(kind: 'reading' | 'writing', ms: number): void;
  /** A statement failed because the database could not be used; `code` is `database_` and why. */
  databaseFailed(code: string): void;
}

/** Counts what the server does, by minutes and without anyone's data. Cheap: called with every rendering. */
export interface Meter extends MeterWatch {
  rendered(gadget: string, state: RenderingState | 'stale'): void;
  refreshed(provider: string, outcome: 'ok' | 'failed'): void;
  /** Something kept for one owner came up for another, and was not used. */
  misplaced(what: Misplaced): void;
}

/** A count of five minutes. `sum` is of milliseconds where the metric has a duration, else 0. */
export interface Measured {
  /** Epoch milliseconds of the start of the five minutes. */
  readonly at: number;
  readonly metric: 'rendered' | 'refreshed' | 'called' | 'misplaced';
  /** Gadget or provider; of what was misplaced, its kind. */
  readonly of: string;
  readonly outcome: string;
  readonly count: number;
  readonly sum: number;
  /** Counts by upper bound of duration, in the order of `LATENCY_BOUNDS`, and one more for what took longer. */
  readonly buckets: readonly number[];
}

/** Milliseconds. */
export const LATENCY_BOUNDS = [50, 100, 200, 400, 800, 1600, 3200, 6400] as const;
export const METER_STEP = 5 * 60_000;
