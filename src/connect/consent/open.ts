import { ANONYMOUS } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import type { Flow } from '../../domain/flow.js';
import type { ConnectMode } from '../../domain/host.js';
import type { Secret } from '../../domain/secret.js';
import { rememberingRefusals } from '../audited.js';
import type { ConnectPorts } from '../ports.js';
import { isOfPresentMode } from './hindrance.js';

export interface OpenedFlow {
  readonly flow: Flow;
  /** For a cookie of the browser that traded the ticket, and for nobody else. */
  readonly nonce: Secret;
}

/** The modes whose tickets may arrive so: by a message from the opener, or in the fragment of a link. */
const modesOf = (via: string): readonly ConnectMode[] => {
  if (via === 'opener') return ['opener'];
  return via === 'fragment' ? ['reauth', 'code'] : [];
};

/**
 * Trades a ticket for the nonce that binds the flow to one browser. `via` is how the ticket reached the popup, as our own page
 * says: a ticket of one mode is refused by every other, and so is one of a mode that is no longer its host's (T11). A ticket that was
 * used, is too old or never existed is refused alike.
 */
export const open = (ports: ConnectPorts): ((ticket: Secret, via: string) => Promise<OpenedFlow>) => {
  const { clock, digest, directory, entropy } = ports;
  const remembering = rememberingRefusals(ports.audit);
  const trade = async (ticket: Secret, via: string): Promise<OpenedFlow> => {
    const nonce = entropy.secret();
    const flow = await ports.stores.flows.open({
      ticketHash: digest.sha256(ticket.reveal()),
      modes: modesOf(via),
      nonceHash: digest.sha256(nonce.reveal()),
      now: clock.now(),
    });
    if (flow === null || !isOfPresentMode(directory, flow))
      throw new AppError(
        'ticket_invalid',
        'This window can no longer be used. Please close it and press Connect in the gadget again.',
      );
    return { flow, nonce };
  };
  return (ticket, via) =>
    remembering({ by: ANONYMOUS, provider: null, flow: null }, () => trade(ticket, via));
};
