import { asViewer } from '../domain/actor.js';
import type { Flow, FlowStatus } from '../domain/flow.js';
import type { Secret } from '../domain/secret.js';
import { recorder } from './audited.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import { TOO_LATE } from './failures.js';
import type { ConnectPorts } from './ports.js';
import { revoker, type Withdrawal } from './revocation.js';

/** What Cancel ended. */
export interface Cancellation {
  readonly flow: Flow;
  /** `nothing`: the provider had not given us anything yet. */
  readonly revoked: Withdrawal | 'nothing';
  /** The provider keeps one grant for each account, so the one just given had already ended an older one. */
  readonly endedOlder: boolean;
}

/** The flow as the browser that carries its nonce may see it; one whose time is over shows as failed. */
export const seen = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<Flow>) => {
  const find = browserFlow(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    const over = CANCELLABLE.includes(flow.status) && ports.clock.now() >= flow.expiresAt;
    return over ? { ...flow, ...TOO_LATE } : flow;
  };
};

/** “Let this viewer see what this account may see”: yes. A Connection exists only when a frame of that viewer activates it. */
export const accept = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<Flow>) => {
  const find = browserFlow(ports);
  return async (id, nonce) => {
    const { nonceHash } = await find(id, nonce);
    const accepted = await ports.stores.flows.accept(id, nonceHash, ports.clock.now());
    if (accepted === null) throw wrongStep();
    return accepted;
  };
};

/** From `accepted` on a frame may be making the Connection: then Disconnect is the way, not Cancel. */
const CANCELLABLE: readonly FlowStatus[] = ['opened', 'redirected', 'returned', 'pending'];

/** No: ends the flow and takes back what the provider gave, where that can be done. */
export const cancel = (
  ports: ConnectPorts,
): ((id: string, nonce: Secret | null) => Promise<Cancellation>) => {
  const find = browserFlow(ports);
  const record = recorder(ports.audit);
  const revoke = revoker(ports);
  const { flows } = ports.stores;
  return async (id, nonce) => {
    await find(id, nonce);
    const flow = await flows.end(id, CANCELLABLE, 'cancelled', {
      code: 'cancelled',
      message: 'You cancelled. Nothing was connected.',
    });
    if (flow === null) throw wrongStep();
    const tokens = await flows.tokens(flow);
    const revoked = tokens === null ? 'nothing' : await revoke(tokens, flow);
    // What could not be taken back now is kept for the sweep, which tries again.
    if (revoked !== 'kept') await flows.forget(id);
    ports.journal.note('flow-cancelled', { flow: id, provider: flow.provider, by: 'viewer', revoked });
    await record('flow.ended', 'done', asViewer(flow.viewer), flow, 'cancelled');
    const oneGrant = ports.directory.provider(flow.provider)?.oneGrantPerAccount ?? false;
    return { flow, revoked, endedOlder: oneGrant && tokens !== null };
  };
};
