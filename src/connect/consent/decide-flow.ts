import { asViewer } from '../../domain/actor.js';
import type { Withdrawal } from '../../domain/bulk-disconnect.js';
import { chooseFacts } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import { type Flow, type FlowFailure, type FlowMode, type FlowStatus, isTooLate } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import { about, permissionChange } from '../audited-event.js';
import type { Deps, FlowNonces } from '../connect-deps.js';
import { type DiscardDeps, discardFlowTokens } from '../ending/discard-tokens.js';
import { TOO_LATE } from './consent-failures.js';
import { type BrowserFlow, findBrowserFlow, findViewerFlow, wrongStep } from './flow-checks.js';
import type { OpenedFlow } from './open-flow.js';
import { type StartDeps, type StartedFlow, startFlow } from './start-flow.js';
import { endUnreached, offerCode, shownCode } from './typed-code.js';

/** The flow as the browser that carries its nonce may see it, with the code to be typed where it waits for that. */
export type SeenFlow = Flow & {
  readonly shownCode: string | null;
  readonly cameBack: CameBack;
};

/**
 * Where another account was asked for: whether the provider gave the `same` one again, or does not say, so that it `may-be` the same.
 * Null where another one came, or none was asked for.
 */
export type CameBack = 'same' | 'may-be' | null;

/** What the browser of a flow sees of it; a flow whose time is over shows as failed. Throws `flow_unknown`. */
export async function showFlow(
  deps: Deps<'clock' | 'digest', 'connections' | 'flows'>,
  id: string,
  nonce: Secret | null,
): Promise<SeenFlow> {
  const flow = await findBrowserFlow(deps, id, nonce);
  if (isTooLate(flow, deps.clock.now())) return { ...flow, ...TOO_LATE, shownCode: null, cameBack: null };
  const cameBack = await hasComeBack(deps, flow);
  return { ...flow, shownCode: nonce && shownCode(deps, flow, nonce), cameBack };
}

async function hasComeBack({ stores }: Deps<never, 'connections'>, flow: Flow): Promise<CameBack> {
  if (flow.status !== 'pending' || (flow.intent !== 'other-account' && flow.declined === null)) return null;
  if (flow.account === null) return 'may-be';
  if (flow.declined?.account === flow.account.id) return 'same';
  const present = await stores.connections.latest(flow.viewer, flow.provider);
  return flow.intent === 'other-account' && present?.account?.id === flow.account.id ? 'same' : null;
}

/**
 * “Let this viewer see what this account may see”: yes. A Connection exists only when a frame of that viewer activates it, and in mode
 * `code` only after this browser's code was typed there. Asked again in that mode, a code that is too old is replaced.
 */
export async function acceptFlow(
  deps: Deps<'clock' | 'digest', 'flows'>,
  id: string,
  nonce: Secret | null,
): Promise<Flow> {
  const flow = await findBrowserFlow(deps, id, nonce);
  // The yes to it counts only together with the session it was started in.
  if (flow.mode === 'session') throw wrongStep();
  const accepted =
    flow.mode === 'code' && nonce !== null
      ? await offerCode(deps, flow, nonce)
      : await deps.stores.flows.accept(id, flow.nonceHash, deps.clock.now());
  if (accepted === null) throw wrongStep();
  return accepted;
}

/** Keeps what the person chose among several, such as which of their sites. Throws `body_invalid` for what there is not to choose. */
export async function keepChosen(
  { stores }: Deps<never, 'flows'>,
  flow: BrowserFlow,
  chosen: Readonly<Record<string, string>>,
): Promise<void> {
  if (flow.status !== 'pending' || Object.keys(flow.facts).length === 0) return;
  const facts = chooseFacts(flow.facts, chosen);
  if (facts === null)
    throw new AppError('body_invalid', 'What was chosen is none of what there is to choose.');
  if ((await stores.flows.chooseFacts(flow.id, flow.nonceHash, facts)) === null) throw wrongStep();
}

type NextDeps = StartDeps & Deps<never, 'connections'>;

/** A yes, and the consent that the same window goes on with. */
export interface AcceptedFlow {
  readonly accepted: Flow;
  readonly next: OpenedFlow | null;
}

/**
 * The yes to a flow, after which its window goes on to the next provider that the gadget needs and its viewer has not connected. The next
 * flow belongs to the same viewer, and to this very browser, which has just proved by its nonce that the first one's ticket reached it. The
 * two share nothing else: cancelling the next one leaves the first as it is, and in a mode with links each proves for itself who is there:
 * the host is asked again, or another code is typed. It exists before the first is accepted, so that the frame that makes the first
 * Connection finds it. In mode `code` the window first shows the code of the first, see `findNext`.
 */
export async function acceptAndGoOn(
  deps: NextDeps,
  id: string,
  nonce: Secret | null,
  chosen: Readonly<Record<string, string>> = {},
): Promise<AcceptedFlow> {
  const { flows } = deps.stores;
  const flow = await findBrowserFlow(deps, id, nonce);
  await keepChosen(deps, flow, chosen);
  const next = flow.status === 'pending' && flow.mode !== 'session' ? await startNext(deps, flow) : null;
  try {
    const accepted = await acceptFlow(deps, id, nonce);
    return { accepted, next: next && (await openNext(deps, next, flow.mode)) };
  } catch (error) {
    if (next !== null) await flows.end(next.flow, ['started'], 'cancelled', null);
    throw error;
  }
}

/**
 * Mode `code`: the flow that the window of this one goes on with once its code was typed. Null where there is none, and for a browser
 * that is not the one that said yes to this one.
 */
export async function findNext(
  { clock, digest, stores }: Deps<'clock' | 'digest', 'flows'>,
  flow: Flow,
  nonces: FlowNonces,
): Promise<Flow | null> {
  if (flow.mode !== 'code' || !['coded', 'accepted', 'active'].includes(flow.status)) return null;
  const isNext = ({ id, mode, after, nonceHash }: Flow): boolean => {
    const nonce = nonces.of(id);
    return (
      mode === 'code' &&
      after === flow.provider &&
      nonce !== null &&
      digest.sha256(nonce.reveal()) === nonceHash
    );
  };
  return (await stores.flows.pending(flow.viewer, clock.now())).find(isNext) ?? null;
}

/** Starts a flow for the first further provider that can be connected and is not; null where there is none. */
async function startNext(deps: NextDeps, flow: Flow): Promise<StartedFlow | null> {
  const { viewer, profile, gadget, further, provider: after } = flow;
  for (const [index, provider] of further.entries()) {
    const present = await deps.stores.connections.latest(viewer, provider);
    if (present?.status === 'active') continue;
    const wish = { viewer, profile, gadget, provider, intent: 'connect', after } as const;
    try {
      return await startFlow(deps, { ...wish, further: further.slice(index + 1) });
    } catch (error) {
      // What cannot be connected now is asked for where it is missing, and says there why not.
      if (!(error instanceof AppError)) throw error;
    }
  }
  return null;
}

async function openNext(
  { clock, digest, entropy, stores }: NextDeps,
  { ticket }: StartedFlow,
  mode: FlowMode,
): Promise<OpenedFlow | null> {
  const nonce = entropy.secret();
  const flow = await stores.flows.open({
    ticketHash: digest.sha256(ticket.reveal()),
    modes: [mode],
    nonceHash: digest.sha256(nonce.reveal()),
    now: clock.now(),
  });
  return flow && { flow, nonce };
}

/** What Cancel ended. */
export interface Cancellation {
  readonly flow: Flow;
  /** `nothing`: the provider had not given us anything yet, or it no longer works. */
  readonly revoked: Withdrawal;
  /** The provider keeps one grant for each account, so the one just given had already ended an older one. */
  readonly endedOlder: boolean;
}

type CancelDeps = DiscardDeps & Deps<'audit' | 'journal', 'flows'>;

/** From `accepted` on a frame may be making the Connection: then Disconnect is the way, not Cancel. */
const CANCELLABLE: readonly FlowStatus[] = [
  'opened',
  'asked',
  'vouched',
  'redirected',
  'returned',
  'pending',
  'coded',
];

/** No: ends the flow and revokes what the provider gave, where that can be done. Throws `flow_unknown` and `flow_step`. */
export async function cancelFlow(deps: CancelDeps, id: string, nonce: Secret | null): Promise<Cancellation> {
  await findBrowserFlow(deps, id, nonce);
  const ended = await endCancelled(deps, id, CANCELLABLE, { code: 'cancelled' });
  if (ended === null) throw wrongStep();
  const { flow, revoked } = ended;
  const oneGrant = deps.directory.provider(flow.provider)?.oneGrantPerAccount ?? false;
  return { flow, revoked, endedOlder: oneGrant && revoked !== 'nothing' && revoked !== 'shared' };
}

/**
 * Cancel in a gadget that waits: ends the consent wherever it is, for every page of its viewer, and discards what it holds. The
 * window of the consent may be out of reach, as where the provider keeps the person on an error page. Of one that has ended, or was
 * accepted, it says nothing: the frame sees that when it polls next. Throws `flow_unknown` and `viewer_changed`.
 */
export async function cancelFlowInGadget(deps: CancelDeps, id: string, viewer: Viewer): Promise<void> {
  await findViewerFlow(deps, id, viewer);
  const failure = { code: 'cancelled', as: 'cancelled_in_gadget' };
  await endCancelled(deps, id, ['started', ...CANCELLABLE], failure);
}

/** Null where the flow is at none of these steps any more. */
async function endCancelled(
  deps: CancelDeps,
  id: string,
  from: readonly FlowStatus[],
  failure: FlowFailure,
): Promise<Pick<Cancellation, 'flow' | 'revoked'> | null> {
  const flow = await deps.stores.flows.end(id, from, 'cancelled', failure);
  if (flow === null) return null;
  await endUnreached(deps, flow);
  const revoked = await discardFlowTokens(deps, flow);
  deps.journal.note('flow-cancelled', { flow: id, provider: flow.provider, by: 'viewer', revoked });
  await deps.audit.record({
    ...{ action: 'flow.ended', outcome: 'done', by: asViewer(flow.viewer), code: 'cancelled' },
    ...about(flow),
    changes: [permissionChange(revoked)],
  });
  return { flow, revoked };
}
