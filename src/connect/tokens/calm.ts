import type { ConnectionId } from '../../domain/connection.js';
import type { Clock, Entropy } from '../../domain/system.js';
import type { AccessOutcome } from './access-source.js';
import { pauseOf, type Setback } from './setback.js';

const SECOND = 1_000;
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
 * Keeps this process from asking a token endpoint on behalf of everybody that has failed for several people in a row, for half a minute
 * at most. The first who comes then is let through, and finds out for the others.
 */
export class ServerCalm {
  readonly #clock: Pick<Clock, 'now' | 'monotonic'>;
  readonly #entropy: Pick<Entropy, 'fraction'>;
  readonly #troubles = new Map<string, Trouble>();

  constructor(clock: Pick<Clock, 'now' | 'monotonic'>, entropy: Pick<Entropy, 'fraction'>) {
    this.#clock = clock;
    this.#entropy = entropy;
  }

  /** What to answer instead of asking, or null. What happened before `retriedAt` counts for nothing. */
  hindrance(key: string, retriedAt: number | null): AccessOutcome | null {
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
