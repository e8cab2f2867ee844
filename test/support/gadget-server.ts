import { type AddressInfo, connect, type Socket } from 'node:net';
import { createServer as createSecureServer } from 'node:tls';
import type { ConnectDeps } from '../../src/connect/connect-deps.js';
import type { Gadget } from '../../src/domain/gadget.js';
import type { Rendered, RenderRequest } from '../../src/domain/rendering.js';
import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';
import type { Provider } from '../../src/providers/provider.js';
import { FrameRenderings } from '../../src/render/frame-renderings.js';
import type { Attributed } from '../../src/render/render-gadget.js';
import { systemDigest } from '../../src/server/node-system.js';
import type { ServerParts } from '../../src/server.js';
import { freePort } from '../cli/command-line.js';
import { mingle } from '../connect/connect-setup.js';
import { AuthorizationServer, serveAuthorization } from '../connect/server-double.js';
import { gadget, parameter } from './a-gadget.js';
import { gadgetFiles, hostEntries, providerEntries } from './entries.js';
import { HOST_SECRET } from './host-token.js';
import { TestClock } from './test-clock.js';
import { createTestServer, type LogLine } from './test-server.js';

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

/** What a gadget server is made of. */
interface Records {
  readonly hosts: readonly Host[];
  readonly providers: readonly Provider[];
}

export interface GadgetServer {
  readonly gadgetOrigin: string;
  readonly siteOrigin: string;
  readonly clock: TestClock;
  readonly ports: ConnectDeps;
  readonly authorizationServer: AuthorizationServer;
  /** Every line that was logged. */
  readonly lines: readonly LogLine[];
  /** Every question the renderer was asked. */
  readonly asked: readonly RenderRequest[];
  /** Answers renderings from now on. */
  render(answer: (request: RenderRequest) => Rendered | Promise<Rendered>): void;
  /** Answers requests for images from now on. */
  showImages(images: ServerParts['images']): void;
  /** Changes the configuration; resolves when the server uses it. */
  change(records: Partial<Records>): Promise<void>;
  close(): Promise<void>;
}

interface Certified {
  readonly key: string;
  readonly cert: string;
}

/** Takes TLS off connections on a port of loopback, and passes them on to `to`. */
const startTls = async ({ key, cert }: Certified, to: number) => {
  const server = createSecureServer({ key, cert }, (outside) => {
    const inside = connect(to, '127.0.0.1');
    outside.pipe(inside).pipe(outside);
    outside.on('error', () => inside.destroy());
    inside.on('error', () => outside.destroy());
  });
  const open = new Set<Socket>();
  server.on('connection', (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    // A browser keeps connections on which it has said nothing yet.
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  };
};

/**
 * Oriel with a renderer and an authorization server that a test speaks for. By names and a certificate it answers over TLS; else on
 * loopback, where `127.0.0.1` and `localhost` are two origins and two sites.
 */
export const startGadgetServer = async (
  options: {
    readonly hosts?: readonly Host[];
    readonly gadgets?: readonly Gadget[];
    readonly providers?: readonly Provider[];
    readonly renderBudget?: number;
    readonly tls?: Certified & { readonly gadget: string; readonly site: string };
  } = {},
): Promise<GadgetServer> => {
  const { gadgets = [exampleGadget], renderBudget = 300, tls } = options;
  const clock = new TestClock('runs');
  const authorizationServer = new AuthorizationServer(clock);
  const endpoints = await serveAuthorization(authorizationServer);
  const port = await freePort();
  const secured = tls && (await startTls(tls, port));
  const originOf = (name: string | undefined): string | undefined =>
    secured && `https://${name}:${secured.port}`;
  const [gadgetOrigin, siteOrigin] = [originOf(tls?.gadget), originOf(tls?.site)];

  let records: Records = {
    hosts: options.hosts ?? [exampleHost(['http://localhost:8153'])],
    providers: options.providers ?? [mingle],
  };
  const configuration = () => ({
    database: 'sqlite::memory:',
    gadgets: ['./own'],
    renderBudget,
    hosts: hostEntries(records.hosts),
    providers: providerEntries(records.providers, endpoints.url),
  });
  const asked: RenderRequest[] = [];
  let answer: (request: RenderRequest) => Rendered | Promise<Rendered> = ({ viewer }) =>
    fragment(`<p class="who">${viewer.sub}</p>`);

  let find: ServerParts['images']['find'] = async () => null;

  class ScriptedRenderings extends FrameRenderings {
    protected override async render(request: RenderRequest): Promise<Attributed> {
      asked.push(request);
      return { rendered: await answer(request), sources: [] };
    }
  }

  const oriel = await createTestServer(configuration(), {
    ...{ port, clock, bundled: false, files: Object.assign({}, ...gadgets.map(gadgetFiles)) },
    ...(gadgetOrigin !== undefined && { gadgetOrigin }),
    ...(siteOrigin !== undefined && { siteOrigin }),
    replace: ({ rendering, limits }) => ({
      renderings: new ScriptedRenderings(rendering, limits.renderings),
      images: { find: (...of) => find(...of) },
    }),
  });
  return {
    gadgetOrigin: oriel.gadgetOrigin,
    siteOrigin: oriel.siteOrigin,
    clock,
    ports: oriel.deps,
    authorizationServer,
    get lines() {
      return oriel.logged();
    },
    asked,
    render(next) {
      answer = next;
    },
    showImages(images) {
      find = (...of) => images.find(...of);
    },
    async change(next) {
      records = { ...records, ...next };
      await oriel.reload(configuration());
    },
    async close() {
      await oriel.close();
      await Promise.all([secured?.close(), endpoints.close()]);
    },
  };
};
