import type { Connection } from '../domain/connection.js';
import type { Gadget } from '../domain/gadget.js';
import { failuresIn, type Obstacle, type Rendered, type RenderRequest } from '../domain/rendering.js';
import type { Viewer } from '../domain/viewer.js';
import { mayUse } from '../hosts/host.js';
import { TooMuchToShow } from '../views/view-models.js';
import { type Connections, fragmentsIn, type Used } from './fragment.js';
import { type Gathered, gather, type Source } from './gather.js';
import { agesOf, contentModel, stateModel } from './models.js';
import { withoutConnection } from './obstacles.js';
import type { RenderPorts } from './render-ports.js';
import { standingOn } from './standing.js';

/** A Rendering and the Connections whose answers are in it. */
export interface Attributed {
  readonly rendered: Rendered;
  readonly sources: readonly Source[];
}

/** A finished fragment and what its data stands on. */
export interface Recalled {
  readonly rendered: Rendered;
  readonly standing: string;
}

/** Shows gadgets to viewers. */
export interface GadgetRendering {
  /** What `remembered` and `readStanding` would give, where both are known without waiting: by far the most questions are answered by it. */
  recall(request: RenderRequest): Recalled | undefined;
  /** A finished fragment that may be shown as it is, found in memory. */
  remembered(request: RenderRequest): Promise<Rendered | undefined>;
  /** Asks the providers (or what is kept of their answers) and makes the fragment. */
  anew(request: RenderRequest): Promise<Attributed>;
  /** Whether each of these Connections is still the one that its answers were fetched with. */
  isCurrent(request: RenderRequest, sources: readonly Source[]): Promise<boolean>;
}

/** How often a rendering is begun again because the viewer connected anew while it was made. */
const ATTEMPTS = 3;

const isSame = (connection: Connection | null, source: Source): boolean =>
  connection?.id === source.connection.id && connection.generation === source.connection.generation;

/** The providers as they are now, for a rendering that must not see them change. */
const asTheyAre = ({ directory }: Pick<RenderPorts, 'directory'>, { providers }: RenderRequest['gadget']) => {
  const known = new Map(providers.map((id) => [id, directory.provider(id)]));
  return { ...directory, provider: (id: string) => known.get(id) };
};

/** A host may lose a provider at any moment; what was fetched before is then shown no more. */
const allowance =
  ({ directory }: Pick<RenderPorts, 'directory'>) =>
  (viewer: Viewer, provider: string): boolean => {
    const host = directory.host(viewer.host);
    return host !== undefined && mayUse(host, provider);
  };

/** The Connections by which a gadget may show something to its viewer now, in the order of its providers. */
const usableIn = (ports: RenderPorts): ((request: RenderRequest) => Promise<Connections>) => {
  const { connections, directory } = ports;
  const isAllowed = allowance(ports);
  return async ({ gadget, viewer }) => {
    const found: Used[] = [];
    for (const provider of gadget.providers) {
      const connection = isAllowed(viewer, provider) ? await connections.find(viewer, provider) : null;
      const api = directory.provider(provider)?.api ?? '';
      found.push({ connection: connection?.status === 'active' ? connection : null, api });
    }
    return found;
  };
};

/** What `usableIn` would give, where memory knows each of them without waiting. */
function recallUsable(
  { connections, directory }: Pick<RenderPorts, 'connections' | 'directory'>,
  { gadget, viewer }: RenderRequest,
): Connections | undefined {
  const host = directory.host(viewer.host);
  const found: Used[] = [];
  for (const provider of gadget.providers) {
    const isAllowed = host !== undefined && mayUse(host, provider);
    const connection = isAllowed ? connections.recall(viewer, provider) : null;
    if (connection === undefined) return undefined;
    const api = directory.provider(provider)?.api ?? '';
    found.push({ connection: connection?.status === 'active' ? connection : null, api });
  }
  return found;
}

const encoder = new TextEncoder();

const tooMuch = ({ id, providers: [provider = id] }: Gadget): Obstacle => ({
  state: 'misconfigured',
  provider,
  code: 'view-too-long',
  detail: null,
});

/** What the view makes of all answers, or why it makes nothing of them. */
const viewing =
  (views: Pick<RenderPorts['views'], 'content'>) =>
  (ports: Pick<RenderPorts, 'directory'>, request: RenderRequest, gathered: Gathered): string | Obstacle => {
    if (gathered.obstacle !== null) return gathered.obstacle;
    try {
      return views.content(contentModel(ports, request, gathered));
    } catch (error) {
      if (error instanceof TooMuchToShow) return tooMuch(request.gadget);
      throw error;
    }
  };

/** Makes a Rendering of its HTML; what it lacks for want of a provider is among `obstacles`. */
const finishing =
  (digest: RenderPorts['digest']) =>
  (
    state: Rendered['state'],
    html: string,
    ages: ReturnType<typeof agesOf>,
    obstacles: readonly Obstacle[],
  ): Rendered => {
    const body = encoder.encode(html);
    const failed = failuresIn(obstacles);
    return { state, body, etag: `"${digest.sha256(body)}"`, ...ages, ...(failed.length > 0 && { failed }) };
  };

/** The story in three parts, for who has to put something between them. */
export const gadgetRendering = (ports: RenderPorts): GadgetRendering => {
  const { clock, connections, digest, directory, views } = ports;
  const isAllowed = allowance(ports);
  const fragments = fragmentsIn(ports);

  const finished = finishing(digest);

  const halted = (
    request: RenderRequest,
    obstacle: Obstacle,
    connected = false,
    known: Pick<RenderPorts, 'directory'> = ports,
  ): Rendered =>
    finished(
      obstacle.state,
      views.state(stateModel(known, request, obstacle, connected)),
      { stale: false, fetchedAt: null },
      [obstacle],
    );

  const usable = usableIn(ports);
  const view = viewing(views);

  /**
   * Null when every source is as it was; else what to show instead, or `anew` when the viewer connected anew or the provider's record
   * was moved in between: under the new record those answers are nobody's to show.
   */
  const changedSince = async (
    { viewer }: RenderRequest,
    sources: readonly Source[],
  ): Promise<Obstacle | 'anew' | null> => {
    for (const source of sources) {
      const { provider } = source;
      if (!isAllowed(viewer, provider))
        return { state: 'misconfigured', provider, code: 'provider_not_allowed', detail: null };
      const connection = await connections.find(viewer, provider);
      const obstacle = withoutConnection(provider, connection);
      if (obstacle !== null) return obstacle;
      if (!isSame(connection, source) || directory.provider(provider)?.api !== source.api) return 'anew';
    }
    return null;
  };

  const keep = async (request: RenderRequest, gathered: Gathered, rendered: Rendered): Promise<void> => {
    const until = Math.min(...[...gathered.answers.values()].map((answer) => answer.freshUntil));
    if (rendered.stale || gathered.missing.length > 0 || !(clock.monotonic() < until)) return;
    const now = await usable(request);
    const providers = request.gadget.providers;
    const asMade = gathered.sources.every((source) => {
      const used = now[providers.indexOf(source.provider)];
      return used !== undefined && used.api === source.api && isSame(used.connection, source);
    });
    if (asMade && Number.isFinite(until)) fragments.keep(request, now, rendered, until);
  };

  const attempt = async (request: RenderRequest): Promise<Attributed | 'anew'> => {
    const then = { ...ports, directory: asTheyAre(ports, request.gadget) };
    const gathered = await gather(then, request);
    const { sources } = gathered;
    const made = view(then, request, gathered);
    const rendered =
      typeof made === 'string'
        ? finished('content', made, agesOf(gathered), gathered.missing)
        : halted(request, made, (await connections.find(request.viewer, made.provider)) !== null, then);
    if (typeof made === 'string') await keep(request, gathered, rendered);
    const changed = await changedSince(request, sources);
    if (changed === null) {
      for (const { connection } of sources) ports.noteUse(connection, request.gadget.id);
      return { rendered, sources };
    }
    return changed === 'anew' ? changed : { rendered: halted(request, changed), sources: [] };
  };

  return {
    recall(request) {
      const now = recallUsable(ports, request);
      const rendered = now && fragments.find(request, now);
      return rendered && { rendered, standing: standingOn(digest, now) };
    },
    async remembered(request) {
      return fragments.find(request, await usable(request));
    },
    async anew(request) {
      for (let left = ATTEMPTS; left > 0; left -= 1) {
        const attributed = await attempt(request);
        if (attributed !== 'anew') return attributed;
      }
      const [provider = request.gadget.id] = request.gadget.providers;
      return { rendered: halted(request, { state: 'connect', provider }), sources: [] };
    },
    async isCurrent(request, sources) {
      return (await changedSince(request, sources)) === null;
    },
  };
};

/**
 * Shows a gadget to a viewer: with answers that the providers gave to this very person, or with the state that takes their place.
 * Content is given out only while the Connections it was fetched with are still the viewer's. Throws `parameter_invalid` when the
 * stored parameters do not fit the definition any more.
 */
export const gadgetRenderer = (ports: RenderPorts): ((request: RenderRequest) => Promise<Rendered>) => {
  const { remembered, anew } = gadgetRendering(ports);
  return async (request) => (await remembered(request)) ?? (await anew(request)).rendered;
};
