import { asViewer } from '../../domain/actor.js';
import { AppError } from '../../domain/errors.js';
import {
  type ConnectMode,
  FLOW_LIFE,
  type FlowIntent,
  type FlowMode,
  TICKET_LIFE,
} from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer, ViewerProfile } from '../../domain/viewer.js';
import { type Host, mayUse } from '../../hosts/host.js';
import { type ClientCredentials, clientFor, type Provider } from '../../providers/provider.js';
import { rememberingRefusals } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { clientsOf } from '../tokens/clients.js';

/** What a viewer asks for by pressing Connect in a frame. */
export interface ConnectWish {
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly gadget: string;
  readonly provider: string;
  readonly intent: FlowIntent;
}

export interface BegunFlow {
  readonly flow: string;
  readonly mode: ConnectMode;
  /** For the popup, by a message from the frame that asked, or in the fragment of a link; good once. */
  readonly ticket: Secret;
  /** Seconds. */
  readonly expiresIn: number;
}

/** Refuses one more to a viewer who has begun too many; `isMade` is what the store said. */
export const requireMade = (isMade: boolean): void => {
  if (!isMade) throw new AppError('too_many_requests', { as: 'too_many_attempts' });
};

/** The host, provider and registration by which viewers of that host may connect. Throws when they may not. */
export const connectable = (
  directory: ConnectPorts['directory'],
  hostId: string,
  providerId: string,
): { readonly host: Host; readonly provider: Provider; readonly client: ClientCredentials } => {
  const host = directory.host(hostId);
  if (host === undefined) throw new AppError('host_unknown');
  if (!mayUse(host, providerId))
    throw new AppError(
      'provider_not_allowed',
      { host: host.name },
      `Add “${providerId}” to hosts.${host.id}.providers if it should.`,
    );
  const provider = directory.provider(providerId);
  if (provider === undefined)
    throw new AppError(
      'provider_failed',
      { provider: directory.providerName(providerId) },
      `The metadata of “${providerId}” could not be read yet (RFC 8414).`,
    );
  const client = clientFor(provider, host.id);
  if (client === null)
    throw new AppError(
      'client_missing',
      { provider: provider.name },
      `Set providers.${provider.id}.client, or providers.${provider.id}.clients.${host.id}.`,
    );
  return { host, provider, client };
};

/** In mode `code` nothing but the name tells a person to whom they would give their code. */
export const requireName = (host: Host, { name }: ViewerProfile): void => {
  if (host.connectMode === 'code' && name === null)
    throw new AppError(
      'viewer_unnamed',
      { host: host.name },
      `Connect mode “code” needs the claim “name” in the tokens of host “${host.id}”.`,
    );
};

/** To a frame a flow of a session is like one of a popup: it shows no link and takes no code. */
export const shownMode = (mode: FlowMode): ConnectMode => (mode === 'session' ? 'opener' : mode);

/** A flow begun, whichever way it is bound to its viewer. */
interface Started extends Omit<BegunFlow, 'mode'> {
  readonly mode: FlowMode;
}

/** Begins a flow: bound as the host's connect mode says, unless in a session of My connections. */
export const starting = (
  ports: ConnectPorts,
  within: 'session' | null,
): ((wish: ConnectWish) => Promise<Started>) => {
  const { audit, clock, digest, directory, entropy } = ports;
  const { flows } = ports.stores;
  const clients = clientsOf(ports);
  const start = async (wish: ConnectWish): Promise<Started> => {
    const { host, provider, client } = connectable(directory, wish.viewer.host, wish.provider);
    if (!directory.gadget(wish.gadget)?.providers.includes(provider.id))
      throw new AppError('provider_not_allowed', { as: 'provider_not_used', provider: provider.name });
    if (await clients.isStopped(provider, client))
      throw new AppError(
        'client_stopped',
        { provider: provider.name },
        `Correct the client id and secret of “${provider.id}”, or run “oriel provider retry ${provider.id}”.`,
      );
    requireName(host, wish.profile);
    const now = clock.now();
    const id = entropy.id();
    const ticket = entropy.secret();
    const mode = within ?? host.connectMode;
    const life = mode === 'reauth' || mode === 'code' ? FLOW_LIFE : TICKET_LIFE;
    const flow = {
      id,
      viewer: wish.viewer,
      profile: wish.profile,
      gadget: wish.gadget,
      provider: provider.id,
      intent: wish.intent,
      mode,
      scopes: provider.scopes,
      clientId: client.id,
      ticketHash: digest.sha256(ticket.reveal()),
      ticketExpiresAt: now + life,
      startedAt: now,
      expiresAt: now + FLOW_LIFE,
    };
    requireMade(await flows.create(flow, ports.limits));
    await audit.record({
      action: 'flow.started',
      by: asViewer(wish.viewer),
      outcome: 'done',
      provider: provider.id,
      subject: id,
      code: mode,
    });
    return { flow: id, mode, ticket, expiresIn: life / 1000 };
  };
  const remembering = rememberingRefusals(audit);
  // What a frame asks for may be a provider of nobody's.
  return (wish) =>
    remembering(
      { by: asViewer(wish.viewer), provider: directory.provider(wish.provider)?.id ?? null, flow: null },
      () => start(wish),
    );
};

/** Begins a flow for the viewer of a frame, which lives ten minutes; so does the ticket of a link, that of a popup two. */
export const begin = (ports: ConnectPorts): ((wish: ConnectWish) => Promise<BegunFlow>) => {
  const start = starting(ports, null);
  return async (wish) => {
    const begun = await start(wish);
    return { ...begun, mode: shownMode(begun.mode) };
  };
};
