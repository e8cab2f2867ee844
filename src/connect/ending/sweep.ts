import { SYSTEM } from '../../domain/actor.js';
import { type Flow, UNFINISHED } from '../../domain/flow.js';
import { recorder } from '../audited.js';
import { TOO_LATE } from '../consent/failures.js';
import type { ConnectPorts } from '../ports.js';
import { disconnection } from './disconnect.js';
import { lateRevocation } from './late-revocation.js';
import { takingBack } from './take-back.js';

const AT_ONCE = 100;

/**
 * Clears away what nobody finished or uses: flows whose time is over are revoked and deleted, Connections unused for `unusedFor`
 * milliseconds too, and providers that could not be told of a Disconnect are asked again. To be called about once a minute, by any
 * number of processes.
 */
export const sweep = (ports: ConnectPorts, unusedFor: () => number): (() => Promise<void>) => {
  const { clock, journal } = ports;
  const { connections, flows, frameSessions, spentTokens, tickets, webSessions } = ports.stores;
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);
  const disconnect = disconnection(ports);
  const askAgain = lateRevocation(ports);

  const clearFlow = async (flow: Flow): Promise<void> => {
    const ended = await flows.end(flow.id, UNFINISHED, TOO_LATE.status, TOO_LATE.failure);
    // A flow that became a Connection and was not marked so before the process died must not take the tokens along.
    const inUse = (await connections.ofViewer(flow.viewer)).some((connection) => connection.flow === flow.id);
    const tokens = inUse ? null : await flows.tokens(flow);
    const revoked = tokens === null ? 'nothing' : await takeBack(tokens, { ...flow, since: flow.startedAt });
    await flows.remove(flow.id);
    if (ended === null) return;
    journal.note('flow-expired', { flow: flow.id, provider: flow.provider, revoked });
    await record('flow.ended', 'done', SYSTEM, flow, 'expired');
  };

  return async () => {
    const now = clock.now();
    for (const flow of await flows.expired(now, AT_ONCE)) await clearFlow(flow);
    await askAgain();
    for (const unused of await connections.unusedSince(now - unusedFor(), AT_ONCE)) {
      journal.note('connection-unused', { connection: unused.id, provider: unused.provider });
      await record('connection.ended', 'done', SYSTEM, unused, 'unused');
      await disconnect(unused, SYSTEM);
    }
    await flows.sweep(now);
    await frameSessions.sweep(now);
    await tickets.sweep(now);
    await spentTokens.sweep(now);
    await webSessions.sweep(now);
  };
};
