import { SYSTEM } from '../../domain/actor.js';
import type { Connection } from '../../domain/connection.js';
import { type Flow, UNFINISHED } from '../../domain/flow.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { TOO_LATE } from '../consent/consent-failures.js';
import { lateRevocation } from './late-revocation.js';
import { retiring } from './retire.js';
import { settingFlowAside } from './take-back.js';

/** Of each kind in one turn, which whoever stops the server waits for. */
const AT_ONCE = 500;

/**
 * Clears away what nobody finished or uses: flows whose time is over are deleted, Connections unused for `unusedFor` milliseconds taken
 * out of use; then providers are told of these, and of a Disconnect that they could not be told of before. To be called about once a
 * minute, by any number of processes.
 */
export const sweep = (ports: ConnectPorts, unusedFor: () => number): (() => Promise<void>) => {
  const { clock, journal } = ports;
  const { connections, flows, frameSessions, spentTokens, tickets, webSessions } = ports.stores;
  const record = recorder(ports.audit);
  const setAside = settingFlowAside(ports);
  const retire = retiring(ports);
  const askAgain = lateRevocation(ports);

  const clearFlow = async (flow: Flow): Promise<void> => {
    const ended = await flows.end(flow.id, UNFINISHED, TOO_LATE.status, TOO_LATE.failure);
    // A flow that became a Connection and was not marked so before the process died must not take the tokens along.
    const inUse = (await connections.ofViewer(flow.viewer)).some((connection) => connection.flow === flow.id);
    if (!inUse) await setAside(flow);
    await flows.remove(flow.id);
    if (ended === null) return;
    journal.note('flow-expired', { flow: flow.id, provider: flow.provider });
    await record('flow.ended', 'done', SYSTEM, flow, 'expired');
  };

  const clearUnused = async ({ id, provider }: Connection): Promise<void> => {
    const found = await retire(id);
    if (found === null) return;
    journal.note('connection-unused', { connection: id, provider });
    await record('connection.ended', 'done', SYSTEM, found.retired, 'unused');
    if (found.hadEnded) await connections.remove(id, 'nothing');
  };

  return async () => {
    const now = clock.now();
    for (const flow of await flows.expired(now, AT_ONCE)) await clearFlow(flow);
    for (const unused of await connections.unusedSince(now - unusedFor(), AT_ONCE)) await clearUnused(unused);
    await askAgain();
    await flows.sweep(now);
    await frameSessions.sweep(now);
    await tickets.sweep(now);
    await spentTokens.sweep(now);
    await webSessions.sweep(now);
  };
};
