import type { ConnectionId, RefreshSetback } from '../../domain/connection.js';
import { type Clock, type Entropy, SKEW } from '../../domain/system.js';
import type { TokenFailure } from '../../providers/token-outcome.js';
import type { AccessOutcome } from './open-connection.js';

/** A failed refresh that does not end its Connection by what was said in it. */
export type Setback = Exclude<TokenFailure, { kind: 'invalid-grant' }>;

/** What the failure says about the Connection's grant: nothing, that it may be dead, or that it is. */
export type Verdict = 'wait' | 'end-if-others-do-well' | 'end';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** Between a first refusal and the one that counts as the second, ms: long enough that a hiccup has passed. */
const BETWEEN_REFUSALS = 20 * SECOND;
/** Answers that say nothing about the grant count when there were so many in a row, over so long. */
const UNUSABLE_TIMES = 3;
const UNUSABLE_OVER = 10 * MINUTE;
/** A server that asks for more is asked again after so long, ms. */
const LONGEST_WISH = 60 * MINUTE;

/** Doubles from `first` to `longest`, each time less a random part, so that many processes do not come back together. */
const pauseOf = (failures: number, first: number, longest: number, fraction: number): number =>
  Math.min(longest, first * 2 ** Math.min(failures - 1, 20)) * (1 - fraction / 2);

const isRefusal = (failure: Setback): boolean =>
  failure.kind === 'refused' || (failure.kind === 'unreachable' && failure.refusal === true);

/** An answer that says nothing about the grant, or that says we are at fault: unless others do better by the same client. */
const isUnusable = (failure: Setback): boolean =>
  failure.kind === 'protocol-error' ||
  failure.kind === 'invalid-client' ||
  (failure.kind === 'unreachable' && failure.answered === true && failure.refusal !== true);

const kindOf = (failure: Setback): RefreshSetback['kind'] => {
  if (failure.kind === 'rate-limited') return 'rate-limited';
  return failure.kind === 'invalid-client' ? 'stopped' : 'down';
};

const waitAfter = (failure: Setback, failures: number, fraction: number): number => {
  const wish = 'retryAfter' in failure ? failure.retryAfter : null;
  if (typeof wish === 'number' && wish > 0) return Math.min(wish * SECOND, LONGEST_WISH);
  if (isRefusal(failure)) return BETWEEN_REFUSALS;
  // Some servers end the grant named in a request whose client they do not know.
  if (failure.kind === 'invalid-client') return pauseOf(failures, 30 * SECOND, 10 * MINUTE, fraction);
  return pauseOf(failures, SECOND, 30 * SECOND, fraction);
};

const unusableAfter = (
  before: RefreshSetback | null,
  failure: Setback,
  now: number,
): RefreshSetback['unusable'] => {
  const known = before?.unusable ?? null;
  if (!isUnusable(failure)) return known;
  return known === null ? { since: now, times: 1 } : { ...known, times: known.times + 1 };
};

/** For how long, ms, this process has known of failures of one Connection that started at this date: 0 when it hears of them for the first time. */
export type SeenFor = (what: 'refused' | 'unusable', since: number) => number;

interface Judging {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly fraction: number;
  readonly seenFor: SeenFor;
}

/**
 * What a failed refresh means for the Connection it was of, and for no other. `record` is a
 * digest of what the provider's record says of token requests, `fraction` random, in [0, 1). How long something has been so is for
 * `seenFor` to say, not for dates: a clock that jumps must not make a failure look old.
 *
 * | answer | this Connection | its client | the provider |
 * |---|---|---|---|
 * | the grant is dead, in any known words, at any status below 500 (no `Setback`) | ends at once | works | works |
 * | any other refusal: 400, 401, 403, 422, an error in a 200, a dead grant's words in a 5xx | waits 20 s; ends at the second | – | – |
 * | 5xx, 408, 404 and the like, a page, a redirect, an answer that is none | waits 1–30 s; ends after three over ten minutes, if others of its client are refreshed | – | three people: up to 30 s |
 * | `invalid_client`, or 401 with a `Basic` challenge | waits 30 s–10 min; ends like the line above | stopped, if another Connection has it too | – |
 * | `unauthorized_client`, `unsupported_grant_type` | the same | – | – |
 * | 429, 420, words of load, a refusal with `Retry-After` | waits as long as is asked, an hour at most | – | three people: up to 30 s |
 * | no answer: refused, reset, timeout, name, certificate | waits 1–30 s | – | three people: up to 30 s |
 */
export const judgeSetback = (
  last: RefreshSetback | null,
  record: string,
  failure: Setback,
  { now, fraction, seenFor }: Judging,
): { readonly setback: RefreshSetback; readonly verdict: Verdict } => {
  const before = last?.record === record ? last : null;
  const failures = (before?.failures ?? 0) + 1;
  const refusedBefore = before?.refusedSince ?? null;
  const refusedSince = isRefusal(failure) ? (refusedBefore ?? now) : refusedBefore;
  const unusable = unusableAfter(before, failure, now);
  const wait = waitAfter(failure, failures, fraction);
  const setback: RefreshSetback = {
    record,
    kind: kindOf(failure),
    code: 'code' in failure ? failure.code : failure.kind,
    until: now + wait,
    wait,
    failures,
    refusedSince,
    unusable,
  };
  const refusedFor = refusedSince === null ? 0 : seenFor('refused', refusedSince);
  const unusableFor = unusable === null ? 0 : seenFor('unusable', unusable.since);
  const isRefusedAgain = isRefusal(failure) && refusedFor >= BETWEEN_REFUSALS;
  const hasFailedLong =
    isUnusable(failure) &&
    unusable !== null &&
    unusable.times >= UNUSABLE_TIMES &&
    unusableFor >= UNUSABLE_OVER;
  return {
    setback,
    verdict: isRefusedAgain ? 'end' : hasFailedLong ? 'end-if-others-do-well' : 'wait',
  };
};

/** Notes that this process knows of a Connection's failures, where they are of the same record. */
export const noteSetback = (setback: RefreshSetback | null, record: string, seenFor: SeenFor): void => {
  if (setback === null || setback.record !== record) return;
  if (setback.refusedSince !== null) seenFor('refused', setback.refusedSince);
  if (setback.unusable !== null) seenFor('unusable', setback.unusable.since);
};

/** What is answered in place of a token while the Connection waits; null when it may be tried again. */
export const obstacleIn = (
  setback: RefreshSetback | null,
  record: string,
  now: number,
): AccessOutcome | null => {
  if (setback === null || setback.record !== record || setback.until <= now) return null;
  // Longer than it was to be: the clock has been set back since.
  const isAhead = setback.until - now > (setback.wait ?? LONGEST_WISH) + SKEW;
  return isAhead ? null : outcomeOf(setback, now);
};

/** What a viewer meets whose tokens cannot be refreshed at present. */
export const outcomeOf = (
  { kind, code, until, refusedSince }: RefreshSetback,
  now: number,
): AccessOutcome => {
  switch (kind) {
    case 'rate-limited':
      return { kind, retryAfter: Math.max(1, Math.ceil((until - now) / SECOND)) };
    case 'stopped':
      return { kind, code };
    case 'down':
      return { kind, reason: code, ...(refusedSince !== null && { refused: true }) };
  }
};

/** So many people's failures in a row, within so long, say something about the server; one person's say nothing. */
const PEOPLE = 3;
const WITHIN = 60 * SECOND;
const LONGEST = 30 * SECOND;

/** One moment by the clock on the wall, which the database's times are of, and by the monotonic one. */
interface Moment {
  readonly wall: number;
  readonly at: number;
}

interface Trouble {
  /** Connection → when it failed last, the earliest first. */
  readonly failed: Map<ConnectionId, Moment>;
  /** By the monotonic clock, like the lifetimes of all that is in memory. */
  until: number;
  pauses: number;
}

/** Whether a failure may be the server's own: the others are about one grant or one registration. */
const isServers = (failure: Setback): boolean =>
  failure.kind === 'rate-limited' || (failure.kind === 'unreachable' && failure.refusal !== true);

/**
 * Token endpoints that failed for several people in a row: this process asks them for no one, for half a minute at most. The first
 * request after that is let through, and finds out for the others.
 */
export class ServerPauses {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #entropy: Pick<Entropy, 'fraction'>;
  readonly #troubles = new Map<string, Trouble>();

  constructor({
    clock,
    entropy,
  }: { readonly clock: Pick<Clock, 'now' | 'monotonic'>; readonly entropy: Pick<Entropy, 'fraction'> }) {
    this.#clock = clock;
    this.#entropy = entropy;
  }

  /** What to answer instead of asking, or null. What happened before `retriedAt` counts for nothing. */
  obstacle(key: string, retriedAt: number | null): AccessOutcome | null {
    const trouble = this.#troubles.get(key);
    if (trouble === undefined) return null;
    if (retriedAt !== null) {
      for (const [id, { wall }] of trouble.failed) if (wall <= retriedAt) trouble.failed.delete(id);
      if (trouble.failed.size < PEOPLE) trouble.until = 0;
      if (trouble.failed.size === 0) this.#troubles.delete(key);
    }
    const left = trouble.until - this.#clock.monotonic();
    if (left <= 0) return null;
    return { kind: 'down', reason: 'server-failing' };
  }

  failed(key: string, connection: ConnectionId, failure: Setback): void {
    if (!isServers(failure)) return;
    const now = this.#clock.monotonic();
    const trouble = this.#troubles.get(key) ?? {
      failed: new Map<ConnectionId, Moment>(),
      until: 0,
      pauses: 0,
    };
    this.#troubles.set(key, trouble);
    for (const [id, { at }] of trouble.failed) if (now - at > WITHIN) trouble.failed.delete(id);
    trouble.failed.delete(connection);
    trouble.failed.set(connection, { wall: this.#clock.now(), at: now });
    const [oldest] = trouble.failed.keys();
    if (trouble.failed.size > PEOPLE && oldest !== undefined) trouble.failed.delete(oldest);
    if (trouble.failed.size < PEOPLE) return;
    trouble.pauses += 1;
    trouble.until = now + pauseOf(trouble.pauses, SECOND, LONGEST, this.#entropy.fraction());
  }

  succeeded(key: string): void {
    this.#troubles.delete(key);
  }
}
