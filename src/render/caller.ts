import type { AccessOutcome, RejectedAt, RenewalOutcome } from '../connect/tokens/access-source.js';
import type { Connection } from '../domain/connection.js';
import type { Gadget, GadgetRequest, ParameterValues } from '../domain/gadget.js';
import type { Obstacle } from '../domain/rendering.js';
import type { Viewer } from '../domain/viewer.js';
import { upstreamTarget } from '../gadgets/template.js';
import type { Provider } from '../providers/provider.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from '../upstream/upstream-call.js';
import { refusedByResource, undiscovered, withoutAccess, withoutData } from './obstacles.js';
import type { RenderPorts } from './render-ports.js';

/** The ports that fetching needs. */
export type CallPorts = Pick<RenderPorts, 'access' | 'connections' | 'directory' | 'upstream'>;

export type DataOutcome = Extract<UpstreamOutcome, { kind: 'data' }>;

/**
 * An answer, or why there is none, the Connection as it was when the provider was asked (null when it was not) and the `api` that its
 * record named then.
 */
export type Called =
  | { readonly answer: DataOutcome; readonly connection: Connection; readonly api: string }
  | { readonly obstacle: Obstacle; readonly connection: Connection | null; readonly api: string };

/** Makes a gadget's request with these values. Throws `parameter_invalid`. */
export type Caller = (request: GadgetRequest, values: ParameterValues) => Promise<Called>;

/** One viewer's access to one provider: asked for once, and renewed at most once, however many requests there are. */
const accessTo = ({ access }: CallPorts, viewer: Viewer, provider: Provider) => {
  let latest: Promise<AccessOutcome> | undefined;
  let renewal: Promise<RenewalOutcome> | undefined;
  const renew = (rejected: Access, at: RejectedAt): Promise<RenewalOutcome> => {
    const renewed = access.renewed(rejected, provider, at);
    renewal = renewed;
    return renewed;
  };
  return {
    fresh(): Promise<AccessOutcome> {
      latest ??= access.fresh(viewer, provider);
      return latest;
    },
    async after(rejected: Access, at: RejectedAt): Promise<RenewalOutcome> {
      const before = renewal;
      let outcome = await (before ?? renew(rejected, at));
      // What one resource refused for itself says nothing of another.
      if (outcome.kind === 'resource-refused' && before !== undefined)
        outcome = await access.renewed(rejected, provider, at);
      if (outcome.kind === 'access' || outcome.kind === 'none' || outcome.kind === 'reconnect')
        latest = Promise.resolve(outcome);
      return outcome;
    },
  };
};

/** Whether the provider could not be asked for a token, and refused none: then what was kept may be shown, as after a 5xx. */
const isAway = (outcome: AccessOutcome): boolean =>
  outcome.kind === 'rate-limited' || (outcome.kind === 'down' && outcome.refused !== true);

/** What is kept for a viewer of an answer, where their Connection stands; null where nothing is. */
const keptFor = async (
  { connections, upstream }: CallPorts,
  viewer: Viewer,
  asked: UpstreamRequest,
): Promise<Called | null> => {
  const connection = await connections.find(viewer, asked.provider.id);
  if (connection?.status !== 'active') return null;
  const answer = await upstream.kept(connection, asked);
  return answer && { answer, connection, api: asked.provider.api };
};

/**
 * Calls providers as one viewer, for one rendering: an answer that rejects the token renews that provider's access once, and is tried
 * again once; what then comes is the resource's own word. While no token can be had because the provider is away, what was kept of this
 * Connection is shown. `ports` must give each provider as it was when the rendering started, whatever is reloaded in between.
 */
export const callerFor = (ports: CallPorts, gadget: Gadget, viewer: Viewer): Caller => {
  const accesses = new Map<string, ReturnType<typeof accessTo>>();

  const accessOf = (provider: Provider): ReturnType<typeof accessTo> => {
    const known = accesses.get(provider.id) ?? accessTo(ports, viewer, provider);
    accesses.set(provider.id, known);
    return known;
  };

  const askWith = async (granted: Access, asked: UpstreamRequest, again: boolean): Promise<Called> => {
    const { connection } = granted;
    const { provider, target, format } = asked;
    const { id, api } = provider;
    const outcome = await ports.upstream.get(granted, asked);
    if (outcome.kind === 'data') {
      if (!outcome.stale) ports.access.accepted(granted, { target, format });
      return { answer: outcome, connection, api };
    }
    if (outcome.kind !== 'unauthorized' || !again)
      return { obstacle: withoutData(id, outcome), connection, api };
    const renewed = await accessOf(provider).after(granted, { target, format, sign: outcome.sign });
    if (renewed.kind === 'access') return askWith(renewed.access, asked, false);
    if (renewed.kind === 'resource-refused')
      return { obstacle: refusedByResource(id, outcome, renewed.proven), connection, api };
    return { obstacle: withoutAccess(id, renewed), connection: null, api };
  };

  return async (request, values) => {
    const id = request.provider;
    const provider = ports.directory.provider(id);
    if (provider === undefined) return { obstacle: undiscovered(id), connection: null, api: '' };
    const { accept, format, refused = null, ttl, follow } = request;
    const target = upstreamTarget(provider.api, gadget, request, values);
    const asked = {
      ...{ ...target, provider, accept, format, refused, ttl, follow },
      gadgetVersion: gadget.version,
    };
    const granted = await accessOf(provider).fresh();
    if (granted.kind === 'access') return askWith(granted.access, asked, true);
    const kept = isAway(granted) ? await keptFor(ports, viewer, asked) : null;
    return kept ?? { obstacle: withoutAccess(id, granted), connection: null, api: provider.api };
  };
};
