import { SYSTEM } from '../../domain/actor.js';
import type { Connection } from '../../domain/connection.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ASKING, withdrawal } from './revoke-tokens.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** What a provider could not be told within a week is deleted all the same. */
const GIVE_UP_AFTER = 7 * 24 * HOUR;
/** A turn begins nothing new after this, ms: whoever stops the server waits for its end. */
const LONGEST_TURN = 5000;
const AT_ONCE = 5;
const PAGE = 50;
/** A provider that failed so often in a row is not asked again in the same turn. */
const ENOUGH = 3;

/** Each pause is as long as we have been asking: twice as long as the one before. */
const pauseOf = (age: number): number => Math.min(Math.max(age, MINUTE), HOUR);

/** How often each provider failed in a row, in one turn. */
const silence = () => {
  const failures = new Map<string, number>();
  return {
    isSilent: (provider: string): boolean => (failures.get(provider) ?? 0) >= ENOUGH,
    answered: (provider: string): void => void failures.delete(provider),
    failed: (provider: string): void => void failures.set(provider, (failures.get(provider) ?? 0) + 1),
  };
};

/**
 * Asks providers to take back what Connections on their way out still hold, less and less often, for a week. When each is asked next
 * stands in the store: any number of processes may do this beside each other, and none asks what another is asking.
 */
export const lateRevocation = (ports: ConnectPorts): (() => Promise<void>) => {
  const { audit, clock, journal } = ports;
  const { connections } = ports.stores;
  const withdraw = withdrawal(ports);
  const record = recorder(audit);

  const abandon = async (retired: Connection): Promise<void> => {
    const { id, provider } = retired;
    journal.warn('never-revoked', { connection: id, provider });
    await record('connection.never-revoked', 'failed', SYSTEM, retired, 'unanswered');
    await connections.remove(id, 'unrevoked');
  };

  const keep = async (taken: Connection): Promise<void> => {
    const now = clock.now();
    const age = now - taken.lastUsedAt;
    if (age >= GIVE_UP_AFTER) await abandon(taken);
    else await connections.takeDue(taken, now + pauseOf(age));
  };

  const ask = async (due: Connection, { isSilent, answered, failed }: ReturnType<typeof silence>) => {
    const { id, provider } = due;
    const until = clock.now() + ASKING;
    if (!(await connections.takeDue(due, until))) return;
    const taken = { ...due, leaseUntil: until };
    if (isSilent(provider)) return keep(taken);
    const revoked = await withdraw(taken, async (outcome) => {
      journal.note('revoked-late', { connection: id, provider, revoked: outcome });
      await record('connection.revoked-late', outcome === 'failed' ? 'failed' : 'done', SYSTEM, due, outcome);
    });
    if (revoked !== 'kept') return answered(provider);
    failed(provider);
    await keep(taken);
  };

  return async () => {
    const started = clock.monotonic();
    const heard = silence();
    for (;;) {
      const due = await connections.due(clock.now(), PAGE);
      if (due.length === 0) return;
      for (let at = 0; at < due.length; at += AT_ONCE) {
        if (clock.monotonic() - started >= LONGEST_TURN) return;
        await Promise.all(due.slice(at, at + AT_ONCE).map((each) => ask(each, heard)));
      }
    }
  };
};
