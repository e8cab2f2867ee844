import type { Connection, ConnectionId } from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import type { FlowIntent } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import type { ConnectPorts } from '../connect-ports.js';
import type { Visitor } from '../viewers-connections.js';
import { activate, type FlowProgress } from './activate.js';
import { starting } from './begin.js';
import { browserFlow, wrongStep } from './browser-flow.js';
import type { OpenedFlow } from './open.js';
import { requiringOwn } from './own-flow.js';

/**
 * Begins a flow from My connections, for one of its viewer's own Connections: another account, or the same once more. The session is
 * this browser's and names the viewer, so no ticket has to find its way here; the nonce is for this browser alone, as ever.
 */
export const beginInSession = (ports: ConnectPorts) => {
  const { clock, digest, directory, entropy } = ports;
  const { connectionLists, connections, flows } = ports.stores;
  const start = starting(ports, 'session');

  /** The gadget that used it last; else any by which this host's viewers may see this provider. */
  const gadgetOf = async ({ id, provider, viewer }: Connection): Promise<string> => {
    const uses = (gadget: string | undefined): boolean =>
      directory.gadget(gadget ?? '')?.providers.includes(provider) ?? false;
    const [latest] = await connectionLists.usesOf([id]);
    const gadget = [latest?.gadget, ...(directory.host(viewer.host)?.gadgets ?? [])].find(uses);
    if (gadget === undefined) throw new AppError('provider_not_allowed', { as: 'provider_no_gadget' });
    return gadget;
  };

  return async ({ viewer, ...profile }: Visitor, id: string, intent: FlowIntent): Promise<OpenedFlow> => {
    const connection = await connections.byId(id as ConnectionId);
    if (connection === null || connection.viewer.id !== viewer.id || connection.status === 'revoking')
      throw new AppError('connection_unknown');
    const { provider } = connection;
    const gadget = await gadgetOf(connection);
    const { ticket } = await start({
      viewer,
      profile: { ...profile, email: null },
      gadget,
      provider,
      intent,
    });
    const nonce = entropy.secret();
    const flow = await flows.open({
      ticketHash: digest.sha256(ticket.reveal()),
      modes: ['session'],
      nonceHash: digest.sha256(nonce.reveal()),
      now: clock.now(),
    });
    if (flow === null) throw wrongStep();
    return { flow, nonce };
  };
};

/**
 * The yes to such a flow: it counts only in the browser that carries the nonce, and only while the session there is still the very
 * viewer's who began it (T15). The Connection is made at once, in the place of a frame; the newest flow wins (T19).
 */
export const acceptInSession = (ports: ConnectPorts) => {
  const { clock, stores } = ports;
  const find = browserFlow(ports);
  const make = activate(ports);
  const requireOwn = requiringOwn(ports);
  return async (viewer: Viewer, id: string, nonce: Secret | null): Promise<FlowProgress> => {
    const flow = await find(id, nonce);
    if (flow.mode !== 'session') throw wrongStep();
    await requireOwn(flow, viewer);
    if ((await stores.flows.accept(id, flow.nonceHash, clock.now())) === null) throw wrongStep();
    return make(id, viewer);
  };
};
