import { SYSTEM } from '../../domain/actor.js';
import type { Audit } from '../../domain/audit-event.js';
import { parseUrl } from '../../domain/parse-url.js';
import type { Clock, Journal } from '../../domain/system.js';
import type { Provider } from '../../providers/provider.js';
import type { Stores } from '../../store/stores.js';

interface Deps {
  readonly audit: Audit;
  readonly clock: Clock;
  readonly journal: Journal;
  readonly stores: Pick<Stores, 'audit'>;
}

const DAY = 24 * 60 * 60_000;
const LONGEST = 500;

/** An issuer as a record could name it (RFC 9207 §2); a person's browser brought it, so anything else is not repeated. */
const asIssuer = (text: string): string | null =>
  text.length <= LONGEST && /^https?:\/\/[\x21-\x7e]+$/.test(text) && parseUrl(text) !== null ? text : null;

/**
 * Remembers which `iss` the answers of a provider carry whose record names no issuer, so that an administrator can write it down: in the
 * log once a day, in the audit log when it is another than the last one seen.
 */
export class ObservedIssuers {
  readonly #deps: Deps;
  /** Provider → when it was last noted; as many as there are providers. */
  readonly #noted = new Map<string, number>();

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  async note({ id, issuer }: Provider, iss: string): Promise<void> {
    const { clock, journal } = this.#deps;
    const now = clock.now();
    const observed = asIssuer(iss);
    if (issuer !== null || observed === null) return;
    if (now - (this.#noted.get(id) ?? Number.NEGATIVE_INFINITY) < DAY) return;
    this.#noted.set(id, now);
    journal.note('issuer-observed', {
      provider: id,
      iss: observed,
      fix: `The provider names itself in its answers (RFC 9207). Write issuer: ${observed} into its record, and answers of any other server are refused.`,
    });
    try {
      await this.#remember(id, observed);
    } catch (error) {
      // The consent that brought it goes on: what is not remembered now is the next time.
      this.#noted.delete(id);
      journal.warn('issuer-not-remembered', { provider: id, error: String(error) });
    }
  }

  async #remember(provider: string, observed: string): Promise<void> {
    const { audit, stores } = this.#deps;
    const action = 'provider.issuer-observed' as const;
    const [last] = await stores.audit.list({ actions: [action], provider }, { before: null, limit: 1 });
    const before = last?.changes[0]?.after ?? null;
    if (before === observed) return;
    await audit.record({
      action,
      by: SYSTEM,
      outcome: 'done',
      provider,
      changes: [{ path: 'iss', before, after: observed }],
    });
  }
}
