import { ANONYMOUS } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { type ConnectMode, type Flow, isTooLate, UNFINISHED } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import { recordRefusals } from '../audited-event.js';
import type { Deps, FlowNonces } from '../connect-deps.js';
import { isOfPresentMode } from './flow-checks.js';

export interface OpenedFlow {
  readonly flow: Flow;
  /** For a cookie of the browser that traded the ticket, and for no one else. */
  readonly nonce: Secret;
}

/** `resumed`: this browser had opened the flow with this ticket before, and continues it. */
export interface TradedTicket extends OpenedFlow {
  readonly resumed: boolean;
}

type ReopenDeps = Deps<'clock' | 'digest' | 'directory', 'flows'>;

/** What opening a flow needs. */
export type OpenDeps = ReopenDeps & Deps<'audit' | 'entropy'>;

/**
 * Trades a ticket for the nonce that binds the flow to one browser. `via` is how the ticket reached the popup, as our own page
 * says: a ticket of one mode is refused by every other, and so is one of a mode that is no longer its host's (T11). The browser that
 * used a ticket may use it again, to continue; every other use of a used ticket, of one that is too old or that never existed is refused.
 */
export async function openFlow(
  deps: OpenDeps,
  ticket: Secret,
  via: string,
  nonces: FlowNonces,
): Promise<TradedTicket> {
  const step = { by: ANONYMOUS, provider: null, flow: null };
  return recordRefusals(deps, step, () => tradeTicket(deps, ticket, modesOf(via), nonces));
}

async function tradeTicket(
  deps: OpenDeps,
  ticket: Secret,
  modes: readonly ConnectMode[],
  nonces: FlowNonces,
): Promise<TradedTicket> {
  const { clock, digest, directory, entropy, stores } = deps;
  const nonce = entropy.secret();
  const ticketHash = digest.sha256(ticket.reveal());
  const nonceHash = digest.sha256(nonce.reveal());
  const flow = await stores.flows.open({ ticketHash, modes, nonceHash, now: clock.now() });
  if (flow !== null && isOfPresentMode(directory, flow)) return { flow, nonce, resumed: false };
  const known = flow === null ? await reopenFlow(deps, ticketHash, { modes, visit: false }, nonces) : null;
  if (known !== null) return known;
  throw new AppError('ticket_invalid');
}

/** The modes whose tickets may arrive so: by a message from the opener, or in the fragment of a link. */
const modesOf = (via: string): readonly ConnectMode[] => {
  if (via === 'opener') return ['opener'];
  return via === 'fragment' ? ['reauth', 'code'] : [];
};

/** What a ticket must be for. */
interface Purpose {
  readonly modes: readonly ConnectMode[];
  readonly visit: boolean;
}

/**
 * A ticket that was used before: the browser that used it continues where it was, and no other one learns more than that the link is
 * open elsewhere. Null for everything else. Throws `ticket_in_use`.
 */
export async function reopenFlow(
  { clock, digest, directory, stores }: ReopenDeps,
  ticketHash: string,
  { modes, visit }: Purpose,
  nonces: FlowNonces,
): Promise<TradedTicket | null> {
  const flow = await stores.flows.byTicket(ticketHash);
  if (flow === null || flow.nonceHash === null || (flow.intent === 'visit') !== visit) return null;
  if (!modes.some((mode) => mode === flow.mode) || !isOfPresentMode(directory, flow)) return null;
  const nonce = nonces.of(flow.id);
  if (nonce !== null && digest.sha256(nonce.reveal()) === flow.nonceHash)
    return { flow, nonce, resumed: true };
  if (!UNFINISHED.includes(flow.status) || isTooLate(flow, clock.now())) return null;
  throw new AppError('ticket_in_use');
}
