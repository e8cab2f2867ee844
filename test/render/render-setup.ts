import { createHash } from 'node:crypto';
import type { AccessOutcome } from '../../src/connect/tokens/open-connection.js';
import type { RejectedAt, RenewalOutcome } from '../../src/connect/tokens/rejected-tokens.js';
import type { Connection, ConnectionId } from '../../src/domain/connection.js';
import type { Data } from '../../src/domain/data.js';
import type { FrameSession } from '../../src/domain/frame-session.js';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Rendered, RenderRequest } from '../../src/domain/rendering.js';
import { Secret } from '../../src/domain/secret.js';
import { type Viewer, viewerOf } from '../../src/domain/viewer.js';
import type { Provider } from '../../src/providers/provider.js';
import { FragmentCache } from '../../src/render/fragment-cache.js';
import { FrameRenderings, type FrameRenderingsDeps } from '../../src/render/frame-renderings.js';
import { findRendering, type RenderDeps, renderGadget } from '../../src/render/render-gadget.js';
import { CACHE_LIMITS, ConnectionCaches } from '../../src/upstream/cache.js';
import type { Upstream } from '../../src/upstream/upstream.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from '../../src/upstream/upstream-call.js';
import type { ContentModel, StateModel } from '../../src/views/view-models.js';
import { neverMisplaced } from '../support/misplaced.js';
import { providerFixture } from '../support/provider-fixture.js';
import { TestClock } from '../support/test-clock.js';
import { gocd } from './a-host.js';

export const provider = (id: string, more: Partial<Provider> = {}): Provider =>
  providerFixture({ id, name: id.toUpperCase(), ...more });

export const ann = viewerOf('gocd', 'ann');
export const bob = viewerOf('gocd', 'bob');

export const connection = (viewer: Viewer, provider: string, more: Partial<Connection> = {}): Connection => ({
  id: `${viewer.sub}-${provider}` as ConnectionId,
  viewer,
  provider,
  clientId: 'client',
  account: null,
  scopes: [],
  facts: {},
  status: 'active',
  reason: null,
  generation: 1,
  version: 1,
  flow: 'flow',
  flowStartedAt: 0,
  createdAt: 0,
  lastUsedAt: 0,
  expiresAt: null,
  leaseUntil: null,
  leaseOwner: null,
  refreshIntentAt: null,
  refreshedAt: null,
  setback: null,
  ...more,
});

export const question = (gadget: Gadget, more: Partial<RenderRequest> = {}): RenderRequest => ({
  gadget,
  viewer: ann,
  parameters: {},
  locale: 'en-GB',
  timeZone: 'UTC',
  ...more,
});

type DataOutcome = Extract<UpstreamOutcome, { kind: 'data' }>;
type Answer = UpstreamOutcome | Promise<UpstreamOutcome>;

/** The providers, Connections and answers of one test; every map and function of it may be changed while it runs. */
export const setUpRender = () => {
  const clock = new TestClock('waits');
  /** Lets time pass, and what waited for it take its next step. */
  const advance = async (ms: number): Promise<void> => {
    clock.pass(ms);
    await new Promise(setImmediate);
  };
  const providers = new Map([provider('mingle'), provider('gocd')].map((each) => [each.id, each]));
  const hosts = new Map([[gocd.id, gocd]]);
  const connections = new Map<string, Connection>();
  const calls: { readonly access: Access; readonly request: UpstreamRequest }[] = [];
  const models: (ContentModel | StateModel)[] = [];
  const renewals: Access[] = [];
  /** Connection and target of each answer that a token was taken for. */
  const accepted: string[] = [];
  const uses: (readonly [connection: string, gadget: string])[] = [];
  const caches = new ConnectionCaches(clock, CACHE_LIMITS, neverMisplaced);
  const keyOf = (viewer: Viewer, id: string) => JSON.stringify([viewer.id, id]);

  const accessFor = (found: Connection): AccessOutcome => ({
    kind: 'access',
    access: {
      connection: found,
      token: new Secret(`token-${found.viewer.sub}-${found.version}`),
      origins: [`https://${found.provider}.example`],
    },
  });

  const setup = {
    clock,
    advance,
    hosts,
    providers,
    calls,
    models,
    renewals,
    accepted,
    uses,
    caches,
    connect: (viewer: Viewer, id: string, more: Partial<Connection> = {}) =>
      connections.set(keyOf(viewer, id), connection(viewer, id, more)),
    disconnect: (viewer: Viewer, id: string) => connections.delete(keyOf(viewer, id)),
    find: (viewer: Viewer, id: string) => connections.get(keyOf(viewer, id)) ?? null,
    data: (data: Data, more: Partial<DataOutcome> = {}): DataOutcome => ({
      kind: 'data',
      data,
      fetchedAt: clock.now(),
      sentAt: clock.now(),
      freshUntil: clock.now() + 30_000,
      stale: false,
      bytes: 100,
      pages: 1,
      more: false,
      ...more,
    }),
    answer: (_access: Access, _request: UpstreamRequest): Answer => setup.data('answer'),
    fresh: (viewer: Viewer, asked: Provider): AccessOutcome => {
      const found = setup.find(viewer, asked.id);
      return found === null ? { kind: 'none' } : accessFor(found);
    },
    renewed: (rejected: Access, _at: RejectedAt): RenewalOutcome =>
      accessFor({ ...rejected.connection, version: 2 }),
    /** What is kept of answers while there is no token. */
    kept: (_connection: Connection, _request: UpstreamRequest): DataOutcome | null => null,
    accessFor,
  };

  const upstream: Pick<Upstream, 'get' | 'kept'> = {
    async get(access, request) {
      calls.push({ access, request });
      return setup.answer(access, request);
    },
    kept: async (found, request) => setup.kept(found, request),
  };
  const ports: RenderDeps = {
    clock,
    fragments: new FragmentCache(caches, neverMisplaced),
    upstream,
    directory: {
      host: (id) => hosts.get(id),
      provider: (id) => providers.get(id),
      providerName: (id) => providers.get(id)?.name ?? id,
    },
    connections: {
      find: async (viewer, id) => setup.find(viewer, id),
      latest: async (viewer, id) => setup.find(viewer, id),
      recall: () => undefined,
    },
    access: {
      fresh: async (viewer, asked) => setup.fresh(viewer, asked),
      renewed: async (rejected, _, at) => {
        renewals.push(rejected);
        return setup.renewed(rejected, at);
      },
      accepted: ({ connection: { id } }, { target }) => void accepted.push(`${id} ${target}`),
    },
    views: {
      content: (model) => {
        models.push(model);
        return `content ${JSON.stringify(model.answers)}`;
      },
      state: (model) => {
        models.push(model);
        return `state ${JSON.stringify(model.obstacle)}`;
      },
    },
    noteUse: (used, gadget) => void uses.push([used.id, gadget]),
    digest: { sha256: (content) => createHash('sha256').update(content).digest('base64url') },
  };
  return { ...setup, setup, ports };
};

/** What a viewer is shown: from memory, or rendered. */
export const show = async (deps: RenderDeps, request: RenderRequest): Promise<Rendered> =>
  (await findRendering(deps, request)) ?? (await renderGadget(deps, request)).rendered;

/** The session of a frame that asks for this. */
export const frameOf = (id: string, request: RenderRequest): FrameSession => ({
  ...{ id, viewer: request.viewer, gadget: request.gadget.id, parameters: request.parameters },
  ...{ locale: request.locale, timeZone: request.timeZone, locks: '[]', choices: {} },
  profile: { name: null, email: null },
  launchedAt: 0,
  expiresAt: Number.POSITIVE_INFINITY,
});

/** Frames that show this gadget; their budget is a second and a half. */
export const framesOf = (
  ports: RenderDeps,
  gadget: Gadget,
  more: Partial<Pick<FrameRenderingsDeps, 'meter' | 'renderBudget'>> = {},
): FrameRenderings =>
  new FrameRenderings({
    ...ports,
    directory: { ...ports.directory, gadget: () => gadget },
    meter: { rendered: () => {}, made: () => {} },
    failures: { note: () => {} },
    renderBudget: () => 1500,
    ...more,
  });

export const textOf = ({ body }: { readonly body: Uint8Array }): string => new TextDecoder().decode(body);
