import { ANONYMOUS } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { type ConnectMode, type Flow, isTooLate, UNFINISHED } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import { rememberingRefusals } from '../audited-event.js';
import type { ConnectPorts, FlowNonces } from '../connect-ports.js';
import { isOfPresentMode } from './hindrance.js';

export interface OpenedFlow {
  readonly flow: Flow;
  /** For a cookie of the browser that traded the ticket, and for nobody else. */
  readonly nonce: Secret;
}

/** `resumed`: this browser had opened the flow with this ticket before, and goes on with it. */
export interface TradedTicket extends OpenedFlow {
  readonly resumed: boolean;
}

/** What a ticket must be for, to be worth a word about the flow it opened. */
interface Purpose {
  readonly modes: readonly ConnectMode[];
  readonly visit: boolean;
}

/** The modes whose tickets may arrive so: by a message from the opener, or in the fragment of a link. */
const modesOf = (via: string): readonly ConnectMode[] => {
  if (via === 'opener') return ['opener'];
  return via === 'fragment' ? ['reauth', 'code'] : [];
};

/**
 * A ticket that was used before: the browser that used it goes on where it was, and no other one learns more than that the link is
 * open elsewhere. Null for everything else. Throws `ticket_in_use`.
 */
export const reopenFlow = async (
  { clock, digest, directory, stores }: Pick<ConnectPorts, 'clock' | 'digest' | 'directory' | 'stores'>,
  ticketHash: string,
  { modes, visit }: Purpose,
  nonces: FlowNonces,
): Promise<TradedTicket | null> => {
  const flow = await stores.flows.byTicket(ticketHash);
  if (flow === null || flow.nonceHash === null || (flow.intent === 'visit') !== visit) return null;
  if (!modes.some((mode) => mode === flow.mode) || !isOfPresentMode(directory, flow)) return null;
  const nonce = nonces.of(flow.id);
  if (nonce !== null && digest.sha256(nonce.reveal()) === flow.nonceHash)
    return { flow, nonce, resumed: true };
  if (!UNFINISHED.includes(flow.status) || isTooLate(flow, clock.now())) return null;
  throw new AppError('ticket_in_use');
};

/**
 * Trades a ticket for the nonce that binds the flow to one browser. `via` is how the ticket reached the popup, as our own page
 * says: a ticket of one mode is refused by every other, and so is one of a mode that is no longer its host's (T11). The browser that
 * used a ticket may use it again, to go on; every other use of a used ticket, of one that is too old or that never existed is refused.
 */
export const open = (
  ports: ConnectPorts,
): ((ticket: Secret, via: string, nonces: FlowNonces) => Promise<TradedTicket>) => {
  const { clock, digest, directory, entropy } = ports;
  const remembering = rememberingRefusals(ports.audit);
  const trade = async (ticket: Secret, via: string, nonces: FlowNonces): Promise<TradedTicket> => {
    const nonce = entropy.secret();
    const ticketHash = digest.sha256(ticket.reveal());
    const modes = modesOf(via);
    const flow = await ports.stores.flows.open({
      ...{ ticketHash, modes, now: clock.now() },
      nonceHash: digest.sha256(nonce.reveal()),
    });
    if (flow !== null && isOfPresentMode(directory, flow)) return { flow, nonce, resumed: false };
    const known = flow === null ? await reopenFlow(ports, ticketHash, { modes, visit: false }, nonces) : null;
    if (known !== null) return known;
    throw new AppError('ticket_invalid');
  };
  return (ticket, via, nonces) =>
    remembering({ by: ANONYMOUS, provider: null, flow: null }, () => trade(ticket, via, nonces));
};
