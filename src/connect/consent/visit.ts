import { ANONYMOUS, asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { FLOW_LIFE, type Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import type { NewFlow } from '../../store/flows/flow-store.js';
import { about, rememberingRefusals } from '../audited-event.js';
import type { ConnectPorts, FlowNonces } from '../connect-ports.js';
import type { Visitor } from '../viewers-connections.js';
import { type BegunFlow, requireMade, requireName } from './begin.js';
import { wrongStep } from './browser-flow.js';
import { type SeenFlow, seen } from './decision.js';
import { isOfPresentMode } from './hindrance.js';
import { type OpenedFlow, reopenFlow } from './open.js';
import { offerCode } from './typed-code.js';

/*
 * The way to My connections where a gadget can open no window: a link, of no use to anybody else. It is a flow without a provider, and
 * who is there is proved as its host's mode proves it: the host says whose session this browser has, or a code is typed into the gadget.
 */

/** Begins a visit for the viewer of a frame, in a host whose mode has links. */
export const beginVisit = (ports: ConnectPorts) => {
  const { audit, clock, digest, directory, entropy } = ports;
  const { flows } = ports.stores;
  return async (viewer: Viewer, profile: ViewerProfile, gadget: string): Promise<BegunFlow> => {
    const host = directory.host(viewer.host);
    if (host === undefined) throw new AppError('host_unknown');
    const mode = host.connectMode;
    if (mode === 'opener') throw new AppError('flow_step', { as: 'flow_step_by_window' });
    requireName(host, profile);
    const now = clock.now();
    const id = entropy.id();
    const ticket = entropy.secret();
    const flow: NewFlow = {
      ...{ id, viewer, profile, gadget, provider: '', intent: 'visit', mode, scopes: [], clientId: '' },
      ...{ ticketHash: digest.sha256(ticket.reveal()), ticketExpiresAt: now + FLOW_LIFE },
      ...{ startedAt: now, expiresAt: now + FLOW_LIFE },
    };
    requireMade(await flows.create(flow, ports.limits));
    await audit.record({
      ...{ action: 'flow.started', by: asViewer(viewer), outcome: 'done', subject: id, code: 'visit' },
    });
    return { flow: id, mode, ticket, expiresIn: FLOW_LIFE / 1000 };
  };
};

/** Trades a visit's ticket for the nonce of one browser; where a code is to be typed, there is one from now on. */
export const openVisit = (
  ports: ConnectPorts,
): ((ticket: Secret, nonces: FlowNonces) => Promise<OpenedFlow>) => {
  const { clock, digest, directory, entropy } = ports;
  const remembering = rememberingRefusals(ports.audit);
  const offer = offerCode(ports);
  const trade = async (ticket: Secret, nonces: FlowNonces): Promise<OpenedFlow> => {
    const nonce = entropy.secret();
    const nonceHash = digest.sha256(nonce.reveal());
    const ticketHash = digest.sha256(ticket.reveal());
    const modes = ['reauth', 'code'] as const;
    const now = clock.now();
    const flow = await ports.stores.flows.open({ ticketHash, modes, visit: true, nonceHash, now });
    const known = flow === null ? await reopenFlow(ports, ticketHash, { modes, visit: true }, nonces) : null;
    if (known !== null) return known;
    if (flow === null || !isOfPresentMode(directory, flow))
      throw new AppError('ticket_invalid', { as: 'ticket_invalid_visit' });
    if (flow.mode !== 'code') return { flow, nonce };
    const coded = await offer({ ...flow, nonceHash }, nonce);
    if (coded === null) throw wrongStep();
    return { flow: coded, nonce };
  };
  return (ticket, nonces) =>
    remembering({ by: ANONYMOUS, provider: null, flow: null }, () => trade(ticket, nonces));
};

/** A visit as the browser that opened it may see it. */
export const seenVisit = (ports: ConnectPorts): ((id: string, nonce: Secret | null) => Promise<SeenFlow>) => {
  const see = seen(ports);
  return async (id, nonce) => {
    const flow = await see(id, nonce);
    if (flow.intent !== 'visit') throw wrongStep();
    return flow;
  };
};

/** Whether it was proved that this visit's own viewer is there: by the host, or by the code that was typed into their gadget. */
const isProved = ({ mode, status, viewer, vouchedFor }: Flow): boolean =>
  (mode === 'code' && status === 'accepted') ||
  (mode === 'reauth' && status === 'vouched' && vouchedFor === viewer.id);

/** Ends a visit at My connections, once; null while nothing is proved. Only the browser that opened it gets in. */
export const enter = (ports: ConnectPorts) => {
  const see = seenVisit(ports);
  const { audit, directory, stores } = ports;
  return async (id: string, nonce: Secret | null): Promise<Visitor | null> => {
    const flow = await see(id, nonce);
    if (!isProved(flow)) return null;
    if (!isOfPresentMode(directory, flow)) throw wrongStep();
    if ((await stores.flows.end(id, [flow.status], 'active', null)) === null) throw wrongStep();
    const { viewer, profile } = flow;
    const { subject } = about(flow);
    await audit.record({
      action: 'flow.finished',
      by: asViewer(viewer),
      outcome: 'done',
      subject,
      code: 'visit',
    });
    const { email: _email, ...visitor } = profile;
    return { viewer, ...visitor };
  };
};
