import { ANONYMOUS, asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import { FLOW_LIFE, type Flow } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import type { NewFlow } from '../../store/flows/flow-store.js';
import { about, recordRefusals } from '../audited-event.js';
import type { Deps, FlowNonces } from '../connect-deps.js';
import type { Visitor } from '../viewers-connections.js';
import { type SeenFlow, showFlow } from './decide-flow.js';
import { isOfPresentMode, wrongStep } from './flow-checks.js';
import { type OpenDeps, type OpenedFlow, reopenFlow } from './open-flow.js';
import { requireMade, requireName, type StartedFlow } from './start-flow.js';
import { offerCode } from './typed-code.js';

/*
 * The way to My connections where a gadget can open no window: a link, of no use to anyone else. It is a flow without a provider, and
 * who is there is proved as its host's mode proves it: the host says whose session this browser has, or a code is typed into the gadget.
 */

/** Starts a visit for the viewer of a frame, in a host whose mode has links. */
export async function startVisit(
  deps: Deps<'audit' | 'clock' | 'digest' | 'directory' | 'entropy' | 'limits', 'flows'>,
  viewer: Viewer,
  profile: ViewerProfile,
  gadget: string,
): Promise<StartedFlow> {
  const { audit, clock, digest, directory, entropy, stores } = deps;
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
  requireMade(await stores.flows.create(flow, deps.limits));
  const by = asViewer(viewer);
  await audit.record({ action: 'flow.started', by, outcome: 'done', subject: id, code: 'visit' });
  return { flow: id, mode, ticket, expiresIn: FLOW_LIFE / 1000 };
}

/** Trades a visit's ticket for the nonce of one browser; where a code is to be typed, there is one from now on. */
export async function openVisit(deps: OpenDeps, ticket: Secret, nonces: FlowNonces): Promise<OpenedFlow> {
  const step = { by: ANONYMOUS, provider: null, flow: null };
  return recordRefusals(deps, step, () => tradeVisitTicket(deps, ticket, nonces));
}

async function tradeVisitTicket(deps: OpenDeps, ticket: Secret, nonces: FlowNonces): Promise<OpenedFlow> {
  const { clock, digest, directory, entropy, stores } = deps;
  const nonce = entropy.secret();
  const nonceHash = digest.sha256(nonce.reveal());
  const ticketHash = digest.sha256(ticket.reveal());
  const modes = ['reauth', 'code'] as const;
  const flow = await stores.flows.open({ ticketHash, modes, visit: true, nonceHash, now: clock.now() });
  const known = flow === null ? await reopenFlow(deps, ticketHash, { modes, visit: true }, nonces) : null;
  if (known !== null) return known;
  if (flow === null || !isOfPresentMode(directory, flow))
    throw new AppError('ticket_invalid', { as: 'ticket_invalid_visit' });
  if (flow.mode !== 'code') return { flow, nonce };
  const coded = await offerCode(deps, { ...flow, nonceHash }, nonce);
  if (coded === null) throw wrongStep();
  return { flow: coded, nonce };
}

type ShowDeps = Parameters<typeof showFlow>[0];

/** A visit as the browser that opened it may see it. */
export async function showVisit(deps: ShowDeps, id: string, nonce: Secret | null): Promise<SeenFlow> {
  const flow = await showFlow(deps, id, nonce);
  if (flow.intent !== 'visit') throw wrongStep();
  return flow;
}

/** Whether it was proved that this visit's own viewer is there: by the host, or by the code that was typed into their gadget. */
const isProved = ({ mode, status, viewer, vouchedFor }: Flow): boolean =>
  (mode === 'code' && status === 'accepted') ||
  (mode === 'reauth' && status === 'vouched' && vouchedFor === viewer.id);

/** Ends a visit at My connections, once; null while nothing is proved. Only the browser that opened it gets in. */
export async function enterConnections(
  deps: ShowDeps & Deps<'audit' | 'directory'>,
  id: string,
  nonce: Secret | null,
): Promise<Visitor | null> {
  const { audit, directory, stores } = deps;
  const flow = await showVisit(deps, id, nonce);
  if (!isProved(flow)) return null;
  if (!isOfPresentMode(directory, flow)) throw wrongStep();
  if ((await stores.flows.end(id, [flow.status], 'active', null)) === null) throw wrongStep();
  const { viewer, profile } = flow;
  const { subject } = about(flow);
  const by = asViewer(viewer);
  await audit.record({ action: 'flow.finished', by, outcome: 'done', subject, code: 'visit' });
  const { email: _email, ...visitor } = profile;
  return { viewer, ...visitor };
}
