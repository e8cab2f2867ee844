import type { Directory } from '../config/directory.js';
import { type Connection, isCompany } from '../domain/connection.js';
import type { Obstacle, Rendered, RenderRequest } from '../domain/rendering.js';
import type { Clock } from '../domain/system.js';
import type { Viewer } from '../domain/viewer.js';
import { mayUse } from '../hosts/host.js';
import { placeOf } from '../providers/provider.js';
import type { ConnectionStore } from '../store/connections/connection-store.js';
import { TooMuchToShow } from '../views/view-models.js';
import { type FetchDeps, fetchAnswers, type Source } from './fetch-answers.js';
import type { FragmentCache } from './fragment-cache.js';
import { type HtmlDeps, toHtml } from './html-surface.js';
import { withoutConnection } from './obstacles.js';
import { type RenderResult, toContentResult, toObstacleResult } from './render-result.js';
import { findUsable, formatStanding, recallUsable, type UsableDeps } from './usable-connections.js';

/** What rendering a gadget needs. */
export interface RenderDeps extends FetchDeps, HtmlDeps, UsableDeps {
  readonly directory: Pick<Directory, 'host' | 'provider' | 'providerName'>;
  readonly clock: Clock;
  readonly fragments: FragmentCache;
  readonly connections: UsableDeps['connections'] & Pick<ConnectionStore, 'latest'>;
  /** Called for every rendering made with a Connection, not each time that it is shown again. */
  readonly noteUse: (connection: Connection, gadget: string) => void;
}

/** A rendering and the Connections whose answers are in it. */
export interface Attributed {
  readonly rendered: Rendered;
  readonly sources: readonly Source[];
}

/** A finished fragment and what its data stands on. */
export interface Recalled {
  readonly rendered: Rendered;
  readonly standing: string;
}

/** How often a rendering is started again because the viewer connected again while it was made. */
const ATTEMPTS = 3;

/** What `findRendering` and `readStanding` would give, where both are known without waiting: this answers most requests by far. */
export function recallRendering(deps: RenderDeps, request: RenderRequest): Recalled | undefined {
  const used = recallUsable(deps, request);
  const rendered = used && deps.fragments.find(request, used);
  return rendered && { rendered, standing: formatStanding(deps.digest, used, request) };
}

/** A finished fragment that may be shown as it is, found in memory. */
export async function findRendering(deps: RenderDeps, request: RenderRequest): Promise<Rendered | undefined> {
  return deps.fragments.find(request, await findUsable(deps, request));
}

/**
 * Renders a gadget for a viewer: with answers that the providers gave to this very person, or with the state that takes their place.
 * Content is given out only while the Connections it was fetched with are still the viewer's. Throws `parameter_invalid` when the
 * stored parameters no longer fit the definition.
 */
export async function renderGadget(deps: RenderDeps, request: RenderRequest): Promise<Attributed> {
  for (let left = ATTEMPTS; left > 0; left -= 1) {
    const attributed = await attemptRendering(deps, request);
    if (attributed !== 'again') return attributed;
  }
  const [provider = request.gadget.id] = request.gadget.providers;
  return halted(deps, request, { state: 'connect', provider });
}

/** Whether each of these Connections is still the one that its answers were fetched with. */
export async function isCurrent(
  deps: RenderDeps,
  request: RenderRequest,
  sources: readonly Source[],
): Promise<boolean> {
  return (await changeSince(deps, request, sources, rememberedIn(deps))) === null;
}

const attemptRendering = async (deps: RenderDeps, request: RenderRequest): Promise<Attributed | 'again'> => {
  // As the records are now: this rendering must not see them change.
  const then = { ...deps, directory: directoryNow(deps.directory, request.gadget.providers) };
  const fetched = await fetchAnswers(then, request);
  const { obstacle } = fetched;
  const result =
    obstacle === null
      ? toContentResult(then.directory, request, fetched, deps.clock.now())
      : await obstacleResult(then, request, obstacle, fetched.sources);
  const { sources } = result;
  const rendered = showResult(then, result) ?? (await showTooLong(then, request, sources));
  if (mayKeep(deps, result, rendered)) await keepFragment(deps, request, result, rendered);
  const isPartial = fetched.missing.length > 0 || fetched.marked.length > 0 || result.times.stale;
  const isRefused = obstacle !== null || isPartial;
  const change = await changeSince(deps, request, sources, isRefused ? latestIn(deps) : rememberedIn(deps));
  if (change === 'again') return change;
  if (change !== null) return halted(deps, request, change);
  for (const { connection } of sources) deps.noteUse(connection, request.gadget.id);
  return { rendered, sources };
};

const directoryNow = (
  directory: RenderDeps['directory'],
  providers: readonly string[],
): RenderDeps['directory'] => {
  const known = new Map(providers.map((id) => [id, directory.provider(id)]));
  return {
    host: (id) => directory.host(id),
    provider: (id) => known.get(id),
    providerName: (id) => directory.providerName(id),
  };
};

const obstacleResult = async (
  deps: RenderDeps,
  request: RenderRequest,
  obstacle: Obstacle,
  sources: readonly Source[],
): Promise<RenderResult> => {
  const connection = await deps.connections.find(request.viewer, obstacle.provider);
  const connected = connection?.status === 'active' && !isCompany(connection.viewer);
  return toObstacleResult(deps.directory, request, obstacle, { connected, sources });
};

/** Null where the view would show too much. */
const showResult = (deps: RenderDeps, result: RenderResult): Rendered | null => {
  try {
    return toHtml(deps, result);
  } catch (error) {
    if (!(error instanceof TooMuchToShow)) throw error;
    return null;
  }
};

const showTooLong = async (
  deps: RenderDeps,
  request: RenderRequest,
  sources: readonly Source[],
): Promise<Rendered> => {
  const [provider = request.gadget.id] = request.gadget.providers;
  const tooLong = { state: 'misconfigured', provider, code: 'view-too-long', detail: null } as const;
  return toHtml(deps, await obstacleResult(deps, request, tooLong, sources));
};

const NO_SOURCES = { connected: false, sources: [] };

const halted = (deps: RenderDeps, request: RenderRequest, obstacle: Obstacle): Attributed => ({
  rendered: toHtml(deps, toObstacleResult(deps.directory, request, obstacle, NO_SOURCES)),
  sources: [],
});

const isSame = (connection: Connection | null, source: Source): boolean =>
  connection?.id === source.connection.id && connection.generation === source.connection.generation;

const isThere = (directory: RenderDeps['directory'], { provider: id, api }: Source): boolean => {
  const provider = directory.provider(id);
  return provider !== undefined && placeOf(provider) === api;
};

/** Whether a fragment may be shown again: not where something is missing or stale, or its answers may be shown only once. */
const mayKeep = ({ clock }: RenderDeps, result: RenderResult, rendered: Rendered): boolean => {
  if (rendered.state !== 'content' || result.state !== 'content') return false;
  const { freshUntil, stale } = result.times;
  if (stale || result.model.missing.length > 0 || !Number.isFinite(freshUntil)) return false;
  return clock.monotonic() < freshUntil;
};

/** Keeps a fragment for as long as its answers may be shown, unless a Connection or a record has changed by now. */
const keepFragment = async (
  deps: RenderDeps,
  request: RenderRequest,
  { sources, times }: RenderResult,
  rendered: Rendered,
): Promise<void> => {
  const used = await findUsable(deps, request);
  const { providers } = request.gadget;
  const asMade = sources.every((source) => {
    const now = used[providers.indexOf(source.provider)];
    return now !== undefined && now.api === source.api && isSame(now.connection, source);
  });
  if (asMade) deps.fragments.keep(request, used, rendered, times.freshUntil);
};

type Look = (viewer: Viewer, provider: string) => Promise<Connection | null>;

/** As memory knows them, where a Disconnect in another process may be missing for two seconds. */
const rememberedIn =
  ({ connections }: Pick<RenderDeps, 'connections'>): Look =>
  async (viewer, provider) =>
    connections.recall(viewer, provider) ?? (await connections.find(viewer, provider));

/**
 * As they are stored now. A provider refuses a token as soon as it was revoked, perhaps before this process knows of the Disconnect:
 * the refusal must not be shown as if the person lacked permission.
 */
const latestIn =
  ({ connections }: Pick<RenderDeps, 'connections'>): Look =>
  (viewer, provider) =>
    connections.latest(viewer, provider);

/**
 * Null when every source is as it was; else what to show instead, or `again` when the viewer connected again or the provider's record
 * was moved in between: under the new record no one may be shown those answers.
 */
const changeSince = async (
  { directory }: RenderDeps,
  { viewer }: RenderRequest,
  sources: readonly Source[],
  look: Look,
): Promise<Obstacle | 'again' | null> => {
  for (const source of sources) {
    const { provider } = source;
    const host = directory.host(viewer.host);
    // A host may lose a provider at any moment; what was fetched before is then no longer shown.
    if (host === undefined || !mayUse(host, provider))
      return { state: 'misconfigured', provider, code: 'provider_not_allowed', detail: null };
    const connection = await look(viewer, provider);
    const obstacle = withoutConnection(provider, connection);
    // The company's own is made again, and asked with from then on.
    if (obstacle !== null) return isCompany(source.connection.viewer) ? 'again' : obstacle;
    if (!isSame(connection, source) || !isThere(directory, source)) return 'again';
  }
  return null;
};
