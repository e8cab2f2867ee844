import type { Connection, ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import type { Deps } from '../connect-deps.js';
import type { Visitor } from '../viewers-connections.js';
import { type ActivateDeps, activateFlow, type FlowProgress } from './activate-flow.js';
import { keepChosen } from './decide-flow.js';
import { findBrowserFlow, requireOwnFlow, wrongStep } from './flow-checks.js';
import type { OpenedFlow } from './open-flow.js';
import { type StartDeps, startFlowWithin } from './start-flow.js';

/**
 * Starts a flow from My connections, for one of its viewer's own Connections: another account, or the same once more. The session is
 * this browser's and names the viewer, so no ticket has to reach another page; the nonce is for this browser alone, as ever.
 */
export async function startSessionFlow(
  deps: StartDeps & Deps<never, 'connectionLists' | 'connections'>,
  { viewer, ...profile }: Visitor,
  id: string,
  intent: FlowIntent,
): Promise<OpenedFlow> {
  const { clock, digest, entropy, stores } = deps;
  const connection = await stores.connections.byId(id as ConnectionId);
  if (connection === null || connection.viewer.id !== viewer.id || connection.status === 'revoking')
    throw new AppError('connection_unknown');
  const { provider } = connection;
  const gadget = await findGadget(deps, connection);
  const request = { viewer, profile: { ...profile, email: null }, gadget, provider, intent };
  const { ticket } = await startFlowWithin(deps, request, 'session');
  const nonce = entropy.secret();
  const flow = await stores.flows.open({
    ticketHash: digest.sha256(ticket.reveal()),
    modes: ['session'],
    nonceHash: digest.sha256(nonce.reveal()),
    now: clock.now(),
  });
  if (flow === null) throw wrongStep();
  return { flow, nonce };
}

/** The gadget that used it last; else any by which this host's viewers may see this provider. */
async function findGadget(
  { directory, stores }: Deps<'directory', 'connectionLists'>,
  { id, provider, viewer }: Connection,
): Promise<string> {
  const host = directory.host(viewer.host);
  const uses = (gadget: string | undefined): boolean =>
    gadgetNamed(directory, host, gadget ?? '')?.providers.includes(provider) ?? false;
  const [latest] = await stores.connectionLists.usesOf([id]);
  const gadget = [latest?.gadget, ...(host?.gadgets ?? [])].find(uses);
  if (gadget === undefined) throw new AppError('provider_not_allowed', { as: 'provider_no_gadget' });
  return gadget;
}

/**
 * The yes to such a flow: it counts only in the browser that carries the nonce, and only while the session there is still that of the very
 * viewer who started it (T15). The Connection is made at once, in the place of a frame; the newest flow wins (T19).
 */
export async function acceptSessionFlow(
  deps: ActivateDeps,
  viewer: Viewer,
  id: string,
  nonce: Secret | null,
  chosen: Readonly<Record<string, string>> = {},
): Promise<FlowProgress> {
  const flow = await findBrowserFlow(deps, id, nonce);
  if (flow.mode !== 'session') throw wrongStep();
  await requireOwnFlow(deps, flow, viewer);
  await keepChosen(deps, flow, chosen);
  if ((await deps.stores.flows.accept(id, flow.nonceHash, deps.clock.now())) === null) throw wrongStep();
  return activateFlow(deps, id, viewer);
}
