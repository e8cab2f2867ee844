import { SYSTEM } from '../domain/actor.js';
import type { Connection } from '../domain/connection.js';
import type { Flow } from '../domain/flow.js';
import { recorder } from './audited.js';
import { disconnection, withdrawal } from './disconnect.js';
import { TOO_LATE } from './failures.js';
import type { ConnectPorts } from './ports.js';
import { revoker } from './revocation.js';

const DAY = 24 * 60 * 60_000;
const FIRST_PAUSE = 60_000;
const LONGEST_PAUSE = 60 * 60_000;
/** What a provider could not be told within a week is deleted all the same. */
const GIVE_UP_AFTER = 7 * DAY;
const AT_ONCE = 100;

const UNFINISHED = ['begun', 'opened', 'redirected', 'returned', 'pending', 'accepted'] as const;

/**
 * Clears away what nobody finished or uses: flows whose time is over are revoked and deleted, Connections unused for `unusedFor`
 * milliseconds too, and providers that could not be told of a Disconnect are asked again, less and less often. To be called about
 * once a minute, by any number of processes.
 */
export const sweep = (ports: ConnectPorts, unusedFor: number): (() => Promise<void>) => {
  const { clock, journal } = ports;
  const { connections, flows, frameSessions, tickets, webSessions } = ports.stores;
  const record = recorder(ports.audit);
  const revoke = revoker(ports);
  const withdraw = withdrawal(ports);
  const disconnect = disconnection(ports);
  const pauses = new Map<string, { until: number; length: number }>();

  const isPaused = (id: string): boolean => (pauses.get(id)?.until ?? 0) > clock.now();
  const pause = (id: string): void => {
    const length = Math.min((pauses.get(id)?.length ?? FIRST_PAUSE / 2) * 2, LONGEST_PAUSE);
    pauses.set(id, { until: clock.now() + length, length });
  };

  const clearFlow = async (flow: Flow): Promise<void> => {
    if (isPaused(flow.id)) return;
    const ended = await flows.end(flow.id, UNFINISHED, TOO_LATE.status, TOO_LATE.failure);
    // A flow that became a Connection and was not marked so before the process died must not take the tokens along.
    const inUse = (await connections.ofViewer(flow.viewer)).some((connection) => connection.flow === flow.id);
    const tokens = inUse ? null : await flows.tokens(flow);
    const revoked = tokens === null ? 'nothing' : await revoke(tokens, flow);
    if (revoked === 'kept' && clock.now() - flow.expiresAt < GIVE_UP_AFTER) return pause(flow.id);
    pauses.delete(flow.id);
    await flows.remove(flow.id);
    if (ended === null) return;
    journal.note('flow-expired', { flow: flow.id, provider: flow.provider, revoked });
    await record('flow.ended', 'done', SYSTEM, flow, 'expired');
  };

  const askAgain = async (retired: Connection): Promise<void> => {
    if (isPaused(retired.id)) return;
    const revoked = await withdraw(retired);
    if (revoked !== 'kept') {
      pauses.delete(retired.id);
      journal.note('revoked-late', { connection: retired.id, provider: retired.provider, revoked });
      await record('connection.revoked-late', 'done', SYSTEM, retired, revoked);
    } else if (clock.now() - retired.lastUsedAt >= GIVE_UP_AFTER) await abandon(retired);
    else pause(retired.id);
  };

  const abandon = async (retired: Connection): Promise<void> => {
    const { id, provider } = retired;
    pauses.delete(id);
    await connections.remove(id);
    journal.warn('never-revoked', { connection: id, provider });
    await record('connection.never-revoked', 'failed', SYSTEM, retired, 'unanswered');
  };

  return async () => {
    const now = clock.now();
    for (const flow of await flows.expired(now, AT_ONCE)) await clearFlow(flow);
    for (const retired of await connections.revoking(AT_ONCE)) await askAgain(retired);
    for (const unused of await connections.unusedSince(now - unusedFor, AT_ONCE)) {
      journal.note('connection-unused', { connection: unused.id, provider: unused.provider });
      await record('connection.ended', 'done', SYSTEM, unused, 'unused');
      await disconnect(unused, SYSTEM);
    }
    await flows.sweep(now);
    await frameSessions.sweep(now);
    await tickets.sweep(now);
    await webSessions.sweep(now);
  };
};
