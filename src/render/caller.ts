import type { Connection } from '../domain/connection.js';
import type { Gadget, GadgetRequest, ParameterValues } from '../domain/gadget.js';
import type { Access, AccessOutcome, UpstreamOutcome } from '../domain/ports.js';
import type { Provider } from '../domain/provider.js';
import type { Obstacle } from '../domain/rendering.js';
import { upstreamTarget } from '../domain/template.js';
import type { Viewer } from '../domain/viewer.js';
import { undiscovered, withoutAccess, withoutData } from './obstacles.js';
import type { RenderPorts } from './ports.js';

/** The ports that fetching needs. */
export type CallPorts = Pick<RenderPorts, 'access' | 'directory' | 'upstream'>;

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
  let renewed = false;
  return {
    fresh(): Promise<AccessOutcome> {
      latest ??= access.fresh(viewer, provider);
      return latest;
    },
    after(rejected: Access): Promise<AccessOutcome> {
      if (!renewed || latest === undefined) latest = access.renewed(rejected, provider);
      renewed = true;
      return latest;
    },
  };
};

/**
 * Calls providers as one viewer, for one rendering: a 401 renews that provider's access once, and is tried again once. `ports` must
 * give each provider as it was when the rendering started, whatever is reloaded in between.
 */
export const callerFor = (ports: CallPorts, gadget: Gadget, viewer: Viewer): Caller => {
  const accesses = new Map<string, ReturnType<typeof accessTo>>();

  const accessOf = (provider: Provider): ReturnType<typeof accessTo> => {
    const known = accesses.get(provider.id) ?? accessTo(ports, viewer, provider);
    accesses.set(provider.id, known);
    return known;
  };

  return async (request, values) => {
    const id = request.provider;
    const provider = ports.directory.provider(id);
    if (provider === undefined) return { obstacle: undiscovered(id), connection: null, api: '' };
    const { accept, format, refused = null, ttl, follow } = request;
    const target = upstreamTarget(provider.api, gadget, request, values);
    const { api } = provider;
    const asked = {
      ...{ ...target, provider, accept, format, refused, ttl, follow },
      gadgetVersion: gadget.version,
    };

    const askWith = async (granted: AccessOutcome, again: boolean): Promise<Called> => {
      if (granted.kind !== 'access') return { obstacle: withoutAccess(id, granted), connection: null, api };
      const outcome = await ports.upstream.get(granted.access, asked);
      const { connection } = granted.access;
      if (outcome.kind === 'data') return { answer: outcome, connection, api };
      if (outcome.kind === 'unauthorized' && again) return askWith(await access.after(granted.access), false);
      return { obstacle: withoutData(id, outcome), connection, api };
    };
    const access = accessOf(provider);
    return askWith(await access.fresh(), true);
  };
};
