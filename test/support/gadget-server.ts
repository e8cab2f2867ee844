import { createServer, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { AuditWriter } from '../../src/admin/audit/audit-writer.js';
import type { ConnectDeps } from '../../src/connect/connect-deps.js';
import { ObservedIssuers } from '../../src/connect/consent/observed-issuers.js';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Rendered, RenderRequest } from '../../src/domain/rendering.js';
import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';
import { HostTokens } from '../../src/hosts/host-tokens.js';
import type { Provider } from '../../src/providers/provider.js';
import { FailureNotes } from '../../src/render/failure-notes.js';
import { FragmentCache } from '../../src/render/fragment-cache.js';
import { FrameRenderings } from '../../src/render/frame-renderings.js';
import type { Attributed } from '../../src/render/render-gadget.js';
import { systemDigest, systemEntropy } from '../../src/server/node-system.js';
import { gadgetRoutes, siteRoutes } from '../../src/server.js';
import { openStores } from '../../src/store/open-stores.js';
import { webApp } from '../../src/web/app.js';
import { loadAssets } from '../../src/web/load-assets.js';
import { mingle } from '../connect/connect-setup.js';
import { AuthorizationServer } from '../connect/server-double.js';
import { gadget, parameter } from './a-gadget.js';
import { HOST_SECRET } from './host-token.js';
import { neverMisplaced } from './misplaced.js';
import { ownViews } from './own-views.js';
import { rejection } from './rejection.js';
import { TestClock } from './test-clock.js';

/** A fragment as the views make it, with its ETag. */
export const fragment = (html: string, more: Partial<Rendered> = {}): Rendered => {
  const state = more.state ?? 'content';
  const body = Buffer.from(`<section data-oriel-state="${state}">${html}</section>`);
  return {
    state,
    body,
    etag: `"${systemDigest.sha256(body)}"`,
    fetchedAt: Date.now(),
    stale: false,
    ...more,
  };
};

export const exampleGadget: Gadget = gadget({
  title: 'Card activity',
  parameters: [
    parameter('project', { kind: 'identifier', maxLength: 40 }),
    parameter('cards', { kind: 'list', of: { kind: 'integer', min: 1, max: 99999 }, maxItems: 50 }),
  ],
  providers: ['mingle'],
  style: '.who { font-weight: bold }',
});

export const exampleHost = (origins: readonly string[]): Host => ({
  id: 'gocd',
  name: 'GoCD',
  origins,
  key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(HOST_SECRET) },
  gadgets: ['example'],
  providers: ['mingle'],
  connectMode: 'opener',
  connectUrl: null,
});

export interface GadgetServer {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly clock: TestClock;
  readonly ports: ConnectDeps;
  readonly authorizationServer: AuthorizationServer;
  /** Every line that was logged. */
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  /** Every question the renderer was asked. */
  readonly asked: readonly RenderRequest[];
  /** Answers renderings from now on. */
  render(answer: (request: RenderRequest) => Rendered | Promise<Rendered>): void;
  close(): Promise<void>;
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

/**
 * Oriel's own web over a real store, with a renderer and an authorization server that a test speaks for. By names and a
 * certificate it answers over TLS; else on loopback, where `127.0.0.1` and `localhost` are two origins and two sites.
 */
export const startGadgetServer = async (
  options: {
    readonly hosts?: readonly Host[];
    readonly gadgets?: readonly Gadget[];
    readonly providers?: readonly Provider[];
    readonly renderBudget?: number;
    readonly tls?: {
      readonly key: string;
      readonly cert: string;
      readonly gadget: string;
      readonly site: string;
    };
  } = {},
): Promise<GadgetServer> => {
  const server = options.tls ? createSecureServer(options.tls) : createServer();
  const port = await listening(server);
  const originOf = (name: string | undefined, loopback: string): string =>
    name === undefined ? `http://${loopback}:${port}` : `https://${name}:${port}`;
  const gadgetOrigin = originOf(options.tls?.gadget, '127.0.0.1');
  const siteOrigin = originOf(options.tls?.site, 'localhost');

  const clock = new TestClock('runs');
  const gadgets = options.gadgets ?? [exampleGadget];
  const hosts = options.hosts ?? [exampleHost(['http://localhost:8153'])];
  const providers = options.providers ?? [mingle];
  const key = new Secret(Buffer.alloc(32, 'k').toString('base64url'));
  const stores = await openStores({ url: 'sqlite::memory:', keys: [{ id: 'k', key }], clock });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const note = (event: string, fields: object): void => void lines.push({ event, ...fields });
  const authorizationServer = new AuthorizationServer(clock);
  const journal = { note, warn: note };
  const audit = new AuditWriter(stores.audit, { clock, journal });
  const ports: ConnectDeps = {
    stores,
    directory: {
      host: (id) => hosts.find((host) => host.id === id),
      gadget: (id) => gadgets.find((each) => each.id === id),
      gadgets: () => [...gadgets],
      provider: (id) => providers.find((provider) => provider.id === id),
      providerName: (id) => providers.find((provider) => provider.id === id)?.name ?? id,
      leaving: () => undefined,
    },
    authorizer: authorizationServer,
    upstream: { ask: async () => rejection() },
    caches: { purge: () => {} },
    clock,
    entropy: systemEntropy,
    peers: { own: 'this-1-test', isDead: () => false },
    digest: systemDigest,
    meter: { refreshed: () => {} },
    journal,
    audit,
    observedIssuers: new ObservedIssuers({ audit, clock, journal, stores }),
    siteOrigin,
  };
  const pages = {
    gadgetOrigin,
    siteOrigin,
    views: ownViews,
    assets: loadAssets('.', () => gadgets, gadgetOrigin),
    errorPages: new Map(),
  };
  const asked: RenderRequest[] = [];
  let answer: (request: RenderRequest) => Rendered | Promise<Rendered> = ({ viewer }) =>
    fragment(`<p class="who">${viewer.sub}</p>`);

  class ScriptedRenderings extends FrameRenderings {
    protected override async render(request: RenderRequest): Promise<Attributed> {
      asked.push(request);
      return { rendered: await answer(request), sources: [] };
    }
  }

  const tokens = new HostTokens({
    audience: gadgetOrigin,
    clock,
    journal: ports.journal,
    fetchJwks: async () => Promise.reject(new Error('no JWKS here')),
  });
  const app = webApp({
    ...pages,
    log: {
      request: (line, fields, level) => void lines.push({ ...fields, ...line, level }),
      bug: (requestId, error) => void lines.push({ event: 'bug', requestId, error: String(error) }),
    },
    trustedProxies: [],
    ready: { require: () => stores.ping(), faultyGadgets: () => [] },
    ...gadgetRoutes(pages, ports, {
      hostTokens: tokens,
      renderings: new ScriptedRenderings({
        ...ports,
        connections: stores.connections,
        access: {
          fresh: async () => ({ kind: 'none' }),
          renewed: async () => ({ kind: 'none' }),
          accepted: () => {},
        },
        upstream: { get: async () => rejection(), kept: async () => null },
        views: ownViews,
        fragments: new FragmentCache({ get: () => undefined, set: () => {} }, neverMisplaced),
        noteUse: () => {},
        meter: { rendered: () => {} },
        failures: new FailureNotes(ports),
        renderBudget: () => options.renderBudget ?? 300,
      }),
    }),
    siteRoutes: siteRoutes(pages, ports, tokens),
  });
  server.on('request', app.callback());

  return {
    gadgetOrigin,
    siteOrigin,
    clock,
    ports,
    authorizationServer,
    lines,
    asked,
    render(next) {
      answer = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await stores.close();
    },
  };
};
