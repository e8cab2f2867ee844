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
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { type Host, mayUse } from '../../hosts/host.js';
import { clientFor, type Provider } from '../../providers/provider.js';
import { lackingScopes, scopesOfGadget } from '../../providers/scopes.js';
import { recordRefusals } from '../audited-event.js';
import type { ConnectDeps, Deps } from '../connect-deps.js';
import { isClientStopped, type Registration } from '../tokens/clients.js';

/** What a viewer asks for by pressing Connect in a frame. */
export interface ConnectRequest {
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly gadget: string;
  readonly provider: string;
  readonly intent: FlowIntent;
  /** Providers that the window goes on to, as far as they are not connected by then. */
  readonly further?: readonly string[];
  /** The provider whose consent the same window has just come from. */
  readonly after?: string;
}

/** A flow that was started, for the frame that asked. */
export interface StartedFlow {
  readonly flow: string;
  readonly mode: ConnectMode;
  /** For the popup, by a message from the frame that asked, or in the fragment of a link; good once. */
  readonly ticket: Secret;
  /** Seconds. */
  readonly expiresIn: number;
}

/** What starting a flow needs. */
export type StartDeps = Deps<
  'audit' | 'clock' | 'digest' | 'directory' | 'entropy' | 'limits',
  'clientStops' | 'connections' | 'fingerprints' | 'flows'
>;

/** Starts a flow for the viewer of a frame, which lives ten minutes; so does the ticket of a link, that of a popup two. */
export async function startFlow(deps: StartDeps, request: ConnectRequest): Promise<StartedFlow> {
  const started = await startFlowWithin(deps, request, null);
  return { ...started, mode: toShownMode(started.mode) };
}

/** A flow started, whichever way it is bound to its viewer. */
interface BoundFlow extends Omit<StartedFlow, 'mode'> {
  readonly mode: FlowMode;
}

/** Starts a flow: bound as the host's connect mode says, or in a session of My connections. */
export async function startFlowWithin(
  deps: StartDeps,
  request: ConnectRequest,
  within: 'session' | null,
): Promise<BoundFlow> {
  // What a frame asks for may be a provider that does not exist.
  const provider = deps.directory.provider(request.provider)?.id ?? null;
  const step = { by: asViewer(request.viewer), provider, flow: null };
  return recordRefusals(deps, step, () => createFlow(deps, request, within));
}

async function createFlow(
  deps: StartDeps,
  request: ConnectRequest,
  within: 'session' | null,
): Promise<BoundFlow> {
  const { audit, clock, digest, directory, entropy, stores } = deps;
  const { host, provider, client } = connectable(directory, request.viewer.host, request.provider);
  if (!gadgetNamed(directory, host, request.gadget)?.providers.includes(provider.id))
    throw new AppError('provider_not_allowed', { as: 'provider_not_used', provider: provider.name });
  if (await isClientStopped(deps, { provider, client }))
    throw new AppError(
      'client_stopped',
      { provider: provider.name },
      `Correct the client id and secret of “${provider.id}”, or run “oriel provider retry ${provider.id}”.`,
    );
  requireName(host, request.profile);
  const now = clock.now();
  const id = entropy.id();
  const ticket = entropy.secret();
  const mode = within ?? host.connectMode;
  const life = mode === 'reauth' || mode === 'code' ? FLOW_LIFE : TICKET_LIFE;
  const flow = {
    id,
    viewer: request.viewer,
    profile: request.profile,
    gadget: request.gadget,
    provider: provider.id,
    intent: request.intent,
    mode,
    scopes: await scopesFor(deps, host, provider, request),
    clientId: client.id,
    further: request.further?.filter((each) => each !== provider.id) ?? [],
    after: request.after ?? null,
    ticketHash: digest.sha256(ticket.reveal()),
    ticketExpiresAt: now + life,
    startedAt: now,
    expiresAt: now + FLOW_LIFE,
  };
  requireMade(await stores.flows.create(flow, deps.limits));
  await audit.record({
    action: 'flow.started',
    by: asViewer(request.viewer),
    outcome: 'done',
    provider: provider.id,
    subject: id,
    code: mode,
  });
  return { flow: id, mode, ticket, expiresIn: life / 1000 };
}

/**
 * What is asked for: what the record always does, what this gadget needs, and what the host's other gadgets need that was granted before. Many
 * servers put a new grant in the place of an older one: without the last, one gadget's consent would take from the others.
 */
async function scopesFor(
  { directory, stores }: StartDeps,
  host: Host,
  provider: Provider,
  { gadget, viewer }: ConnectRequest,
): Promise<readonly string[]> {
  const own = scopesOfGadget(gadgetNamed(directory, host, gadget)?.scopes, provider);
  const others = host.gadgets.flatMap((name) =>
    scopesOfGadget(gadgetNamed(directory, host, name)?.scopes, provider),
  );
  if (own.length === 0 && others.length === 0) return provider.scopes;
  const granted = (await stores.connections.latest(viewer, provider.id))?.scopes ?? [];
  const isGranted = (scope: string): boolean => lackingScopes(provider, granted, [scope]).length === 0;
  return [...new Set([...provider.scopes, ...own, ...others.filter(isGranted)])];
}

/** Refuses one more to a viewer who has started too many; `isMade` is what the store said. */
export const requireMade = (isMade: boolean): void => {
  if (!isMade) throw new AppError('too_many_requests', { as: 'too_many_attempts' });
};

/** The host, provider and registration by which viewers of that host may connect. Throws when they may not. */
export const connectable = (
  directory: ConnectDeps['directory'],
  hostId: string,
  providerId: string,
): Registration & { readonly host: Host } => {
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

/** In mode `code` nothing but the name says to a person to whom they would give their code. */
export const requireName = (host: Host, { name }: ViewerProfile): void => {
  if (host.connectMode === 'code' && name === null)
    throw new AppError(
      'viewer_unnamed',
      { host: host.name },
      `Connect mode “code” needs the claim “name” in the tokens of host “${host.id}”.`,
    );
};

/** To a frame a flow of a session is like one of a popup: it shows no link and takes no code. */
export const toShownMode = (mode: FlowMode): ConnectMode => (mode === 'session' ? 'opener' : mode);
