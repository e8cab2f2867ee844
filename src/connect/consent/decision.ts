import { asViewer } from '../../domain/actor.js';
import type { Withdrawal } from '../../domain/departure.js';
import { type Flow, type FlowStatus, isTooLate } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import { about, becomingOf } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { takingFlowBack } from '../ending/take-back.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import { TOO_LATE } from './consent-failures.js';
import { offerCode, shownCode } from './typed-code.js';

/** What Cancel ended. */
export interface Cancellation {
  readonly flow: Flow;
  /** `nothing`: the provider had not given us anything yet, or it does not work any more. */
  readonly revoked: Withdrawal;
  /** The provider keeps one grant for each account, so the one just given had already ended an older one. */
  readonly endedOlder: boolean;
}

/** The flow as the browser that carries its nonce may see it, with the code to be typed where it waits for that. */
export type SeenFlow = Flow & {
  readonly shownCode: string | null;
  readonly cameBack: CameBack;
};

/**
 * Where another account was asked for: whether the provider gave the `same` one again, or does not tell, so that it `may-be` the same.
 * Null where another one came, or none was asked for.
 */
export type CameBack = 'same' | 'may-be' | null;

async function hasComeBack({ stores }: Pick<ConnectPorts, 'stores'>, flow: Flow): Promise<CameBack> {
  if (flow.status !== 'pending' || (flow.intent !== 'other-account' && flow.declined === null)) return null;
  if (flow.account === null) return 'may-be';
  if (flow.declined?.account === flow.account.id) return 'same';
  const present = await stores.connections.find(flow.viewer, flow.provider);
  return flow.intent === 'other-account' && present?.account?.id === flow.account.id ? 'same' : null;
}

/** What that browser sees; a flow whose time is over shows as failed. */
export const seen = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<SeenFlow>) => {
  const find = browserFlow(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    if (isTooLate(flow, ports.clock.now())) return { ...flow, ...TOO_LATE, shownCode: null, cameBack: null };
    const cameBack = await hasComeBack(ports, flow);
    return { ...flow, shownCode: nonce && shownCode(ports, flow, nonce), cameBack };
  };
};

/**
 * “Let this viewer see what this account may see”: yes. A Connection exists only when a frame of that viewer activates it, and in mode
 * `code` only after this browser's code was typed there. Asked again in that mode, a code that is too old is replaced.
 */
export const accept = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<Flow>) => {
  const find = browserFlow(ports);
  const offer = offerCode(ports);
  return async (id, nonce) => {
    const flow = await find(id, nonce);
    // The yes to it counts only together with the session it was begun in.
    if (flow.mode === 'session') throw wrongStep();
    const accepted =
      flow.mode === 'code' && nonce !== null
        ? await offer(flow, nonce)
        : await ports.stores.flows.accept(id, flow.nonceHash, ports.clock.now());
    if (accepted === null) throw wrongStep();
    return accepted;
  };
};

/** From `accepted` on a frame may be making the Connection: then Disconnect is the way, not Cancel. */
export const CANCELLABLE: readonly FlowStatus[] = [
  'opened',
  'asked',
  'vouched',
  'redirected',
  'returned',
  'pending',
  'coded',
];

/** No: ends the flow and takes back what the provider gave, where that can be done. */
export const cancel = (
  ports: ConnectPorts,
): ((id: string, nonce: Secret | null) => Promise<Cancellation>) => {
  const find = browserFlow(ports);
  const takeBack = takingFlowBack(ports);
  const { flows } = ports.stores;
  return async (id, nonce) => {
    await find(id, nonce);
    const flow = await flows.end(id, CANCELLABLE, 'cancelled', { code: 'cancelled' });
    if (flow === null) throw wrongStep();
    const revoked = await takeBack(flow);
    ports.journal.note('flow-cancelled', { flow: id, provider: flow.provider, by: 'viewer', revoked });
    await ports.audit.record({
      ...{ action: 'flow.ended', outcome: 'done', by: asViewer(flow.viewer), code: 'cancelled' },
      ...about(flow),
      changes: [becomingOf(revoked)],
    });
    const oneGrant = ports.directory.provider(flow.provider)?.oneGrantPerAccount ?? false;
    return { flow, revoked, endedOlder: oneGrant && revoked !== 'nothing' && revoked !== 'shared' };
  };
};
