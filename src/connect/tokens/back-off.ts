import type { AccessOutcome, Clock, Entropy } from '../../domain/ports.js';
import type { ClientCredentials, Provider } from '../../domain/provider.js';

/** Whom a token endpoint is asked as: what it refuses one of our registrations says nothing about the others. */
interface Asking {
  readonly provider: Provider;
  readonly client: ClientCredentials;
}

/** Keeps us from asking a token endpoint again and again that is down or has had enough of us. */
export interface BackOff {
  /** What to answer instead of asking, or null when it may be asked. */
  hindrance(asking: Asking): AccessOutcome | null;
  /** The endpoint failed; `seconds` is its own wish (RFC 9110 §10.2.3), or null. */
  failed(asking: Asking, outcome: AccessOutcome, seconds: number | null): void;
  succeeded(asking: Asking): void;
}

const keyOf = ({ provider, client }: Asking): string => `${provider.id} ${client.id}`;

const FIRST = 1_000;
const LONGEST = 30_000;
const LONGEST_WISH = 60 * 60_000;

/** Doubles from one second to thirty, each time less a random part, so that many processes do not come back together. */
export const backOff = (clock: Clock, entropy: Entropy): BackOff => {
  const pauses = new Map<string, { until: number; failures: number; outcome: AccessOutcome }>();
  return {
    hindrance(asking) {
      const pause = pauses.get(keyOf(asking));
      const left = pause === undefined ? 0 : pause.until - clock.now();
      if (pause === undefined || left <= 0) return null;
      return pause.outcome.kind === 'rate-limited'
        ? { kind: 'rate-limited', retryAfter: Math.ceil(left / 1000) }
        : pause.outcome;
    },
    failed(asking, outcome, seconds) {
      const failures = (pauses.get(keyOf(asking))?.failures ?? 0) + 1;
      const own = Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 10)) * (1 - entropy.fraction() / 2);
      const wait = seconds === null ? own : Math.min(seconds * 1000, LONGEST_WISH);
      pauses.set(keyOf(asking), { until: clock.now() + wait, failures, outcome });
    },
    succeeded: (asking) => void pauses.delete(keyOf(asking)),
  };
};
