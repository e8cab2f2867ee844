import { SYSTEM } from '../../domain/actor.js';
import type { Connection } from '../../domain/connection.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { LONGEST_REVOCATION, lateHolder } from '../leases.js';
import { type RevokeDeps, revocationLease, revokeHeld } from './revoke-tokens.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What a provider could not be asked about within a week is deleted all the same. */
const GIVE_UP_AFTER = 7 * 24 * HOUR;
/** A turn starts nothing new after this, ms: stopping the server waits for its end. */
const LONGEST_TURN = 5000;
const AT_ONCE = 5;
const PAGE = 50;
/** A provider that failed so often in a row is not asked again in the same turn. */
const ENOUGH = 3;

/** What someone else asks about is looked at again after this, ms. */
const LOOK_AGAIN = 10_000;

/** Each pause is as long as we have been asking: twice as long as the one before. */
const pauseOf = (age: number): number => Math.min(Math.max(age, MINUTE), HOUR);

/** How often each provider failed in a row, in one turn. */
class SilentProviders {
  readonly #failures = new Map<string, number>();

  has(provider: string): boolean {
    return (this.#failures.get(provider) ?? 0) >= ENOUGH;
  }

  answered(provider: string): void {
    this.#failures.delete(provider);
  }

  failed(provider: string): void {
    this.#failures.set(provider, (this.#failures.get(provider) ?? 0) + 1);
  }
}

/** What asking providers again needs. */
export type RetryDeps = RevokeDeps & Deps<'audit' | 'journal' | 'leases'>;

/**
 * Asks providers to revoke what Connections on their way out still hold, less and less often, for a week. When each is asked next
 * is in the store: any number of processes may do this beside each other, and none asks what another is asking, whatever their clocks say.
 */
export async function retryRevocations(deps: RetryDeps): Promise<void> {
  const { clock, stores } = deps;
  const started = clock.monotonic();
  const silent = new SilentProviders();
  for (;;) {
    const due = await stores.connections.due(clock.now(), PAGE);
    if (due.length === 0) return;
    for (let at = 0; at < due.length; at += AT_ONCE) {
      if (clock.monotonic() - started >= LONGEST_TURN) return;
      await Promise.all(due.slice(at, at + AT_ONCE).map((each) => retryRevocation(deps, each, silent)));
    }
  }
}

async function retryRevocation(deps: RetryDeps, due: Connection, silent: SilentProviders): Promise<void> {
  const { clock, journal, stores } = deps;
  const { id, provider } = due;
  const over = lateHolder(deps, due, LONGEST_REVOCATION);
  if (due.leaseOwner !== null && over === null)
    return stores.connections.postponeDue(due, clock.now() + LOOK_AGAIN);
  const lease = revocationLease(deps, over);
  const taken = await stores.connections.takeDue(due, lease);
  if (taken === null) return;
  if (over !== null) journal.note('lease-taken-over', { connection: id, provider, from: over });
  const held = { taken, holder: lease.holder };
  if (silent.has(provider)) return keepOrGiveUp(deps, held);
  const revoked = await revokeHeld(deps, taken, async (code) => {
    journal.note('revoked-late', { connection: id, provider, revoked: code });
    const outcome = code === 'failed' ? 'failed' : 'done';
    await recordEvent(deps, 'connection.revoked-late', due, { outcome, by: SYSTEM, code });
  });
  if (revoked !== 'kept') return silent.answered(provider);
  silent.failed(provider);
  await keepOrGiveUp(deps, held);
}

async function keepOrGiveUp(
  deps: RetryDeps,
  { taken, holder }: { readonly taken: Connection; readonly holder: string },
): Promise<void> {
  const { clock, journal, stores } = deps;
  const { id, provider } = taken;
  const now = clock.now();
  const age = now - taken.lastUsedAt;
  if (age < GIVE_UP_AFTER) return stores.connections.leaveDue(id, holder, now + pauseOf(age));
  journal.warn('never-revoked', { connection: id, provider });
  const event = { outcome: 'failed', by: SYSTEM, code: 'unanswered' } as const;
  await recordEvent(deps, 'connection.never-revoked', taken, event);
  await stores.connections.remove(id, 'unrevoked');
}
