import { ANONYMOUS } from '../domain/actor.js';
import { AppError } from '../domain/errors.js';
import type { Flow } from '../domain/flow.js';
import type { Secret } from '../domain/secret.js';
import { rememberingRefusals } from './audited.js';
import type { ConnectPorts } from './ports.js';

export interface OpenedFlow {
  readonly flow: Flow;
  /** For a cookie of the browser that traded the ticket, and for nobody else. */
  readonly nonce: Secret;
}

/**
 * Trades a ticket for the nonce that binds the flow to one browser. `via` is how the ticket reached the popup, as our own page
 * says: a ticket of one mode is refused by every other (T11). A ticket that was used, is too old or never existed is refused
 * alike.
 */
export const open = (ports: ConnectPorts): ((ticket: Secret, via: string) => Promise<OpenedFlow>) => {
  const { clock, digest, entropy } = ports;
  const remembering = rememberingRefusals(ports.audit);
  const trade = async (ticket: Secret, via: string): Promise<OpenedFlow> => {
    const nonce = entropy.secret();
    const flow =
      via === 'opener'
        ? await ports.stores.flows.open({
            ticketHash: digest.sha256(ticket.reveal()),
            mode: 'opener',
            nonceHash: digest.sha256(nonce.reveal()),
            now: clock.now(),
          })
        : null;
    if (flow === null)
      throw new AppError(
        'ticket_invalid',
        'This window can no longer be used. Please close it and press Connect in the gadget again.',
      );
    return { flow, nonce };
  };
  return (ticket, via) =>
    remembering({ by: ANONYMOUS, provider: null, flow: null }, () => trade(ticket, via));
};
