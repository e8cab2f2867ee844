import type { AccessOutcome, Clock, Entropy } from '../../domain/ports.js';
import type { Provider } from '../../domain/provider.js';

/** Keeps us from asking a token endpoint again and again that is down or has had enough of us. */
export interface BackOff {
  /** What to answer instead of asking, or null when it may be asked. */
  hindrance(provider: Provider): AccessOutcome | null;
  /** The endpoint failed; `seconds` is its own wish (RFC 9110 §10.2.3), or null. */
  failed(provider: Provider, outcome: AccessOutcome, seconds: number | null): void;
  succeeded(provider: Provider): void;
}

const FIRST = 1_000;
const LONGEST = 30_000;
const LONGEST_WISH = 60 * 60_000;

/** Doubles from one second to thirty, each time less a random part, so that many processes do not come back together. */
export const backOff = (clock: Clock, entropy: Entropy): BackOff => {
  const pauses = new Map<string, { until: number; failures: number; outcome: AccessOutcome }>();
  return {
    hindrance(provider) {
      const pause = pauses.get(provider.id);
      const left = pause === undefined ? 0 : pause.until - clock.now();
      if (pause === undefined || left <= 0) return null;
      return pause.outcome.kind === 'rate-limited'
        ? { kind: 'rate-limited', retryAfter: Math.ceil(left / 1000) }
        : pause.outcome;
    },
    failed(provider, outcome, seconds) {
      const failures = (pauses.get(provider.id)?.failures ?? 0) + 1;
      const own = Math.min(LONGEST, FIRST * 2 ** Math.min(failures - 1, 10)) * (1 - entropy.fraction() / 2);
      const wait = seconds === null ? own : Math.min(seconds * 1000, LONGEST_WISH);
      pauses.set(provider.id, { until: clock.now() + wait, failures, outcome });
    },
    succeeded: (provider) => void pauses.delete(provider.id),
  };
};
