import { AsyncLocalStorage } from 'node:async_hooks';
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessOutcome } from '../../src/connect/tokens/open-connection.js';
import type { Connection } from '../../src/domain/connection.js';
import type { Gadget } from '../../src/domain/gadget.js';
import { Secret } from '../../src/domain/secret.js';
import { type Viewer, viewerOf } from '../../src/domain/viewer.js';
import { originsOf, type Provider } from '../../src/providers/provider.js';
import { FragmentCache } from '../../src/render/fragment-cache.js';
import type { RenderDeps } from '../../src/render/render-gadget.js';
import type { RenderLimits } from '../../src/render/render-limits.js';
import { Upstream } from '../../src/upstream/upstream.js';
import { neverMisplaced } from '../support/misplaced.js';
import { stubServer } from '../upstream/stub-server.js';
import { gocd } from './a-host.js';
import { connection, provider } from './render-setup.js';
import { clock } from './several.js';

export const PROVIDERS = ['mingle', 'gocd'] as const;
type ProviderId = (typeof PROVIDERS)[number];

/** Stands in everything that a provider says to a viewer: who it is, at which provider, and the generation of that Connection. */
const markOf = (name: string, id: string, generation: string, n: number): string =>
  `${name}_${id}${generation}_${n}`;
export const MARK = /(ann|bob|cyd)_(mingle|gocd)(\d+)_/g;

/** What hostile data is made of, beside its mark. */
const HOSTILE = [
  '',
  '../',
  '/',
  '%2e%2e%2f',
  '"',
  "' OR 1=1",
  '&admin=1',
  '#',
  '?x=',
  '\r\nX-Evil: 1',
  '{it.id}',
  '\\',
  ';',
];

/** Whether a gadget has a request with this method, whose path starts like this one. */
const isDeclared = (gadget: Gadget | null, id: string, method: string | undefined, path: string): boolean =>
  gadget?.requests.some(({ provider, method: own, path: { text, prefix } }) => {
    const start = `/api${prefix}`;
    return provider === id && own === method && (text === prefix ? path === start : path.startsWith(start));
  }) === true;

/** What a server could take for another path, a field or a header that the definition does not have. */
const oddities = (url: URL, { url: asked, headers }: IncomingMessage): readonly string[] => {
  const { authorization: _, ...others } = headers;
  const decoded = decodeURIComponent(url.pathname);
  const twice = decoded.includes('%')
    ? decoded.replaceAll(/%([0-9a-f]{2})/gi, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    : decoded;
  const steps = [decoded, twice].some((path) => /\/\.{1,2}(?:\/|$)|[\\\r\n]/.test(path));
  const fields = [...url.searchParams.keys()].filter((field) => field !== 'q' && field !== 'page');
  const holdsData = /_(?:mingle|gocd)\d/.test(JSON.stringify(others)) || others['x-evil'] !== undefined;
  return [
    ...(steps ? [`another path may be read in ${asked}`] : []),
    ...(fields.length > 0 ? [`${asked} has the fields ${fields.join()}`] : []),
    ...(holdsData ? [`headers hold data: ${JSON.stringify(others)}`] : []),
  ];
};

/** Some calls fail. */
const statusFor = (drawn: number): number => {
  if (drawn < 0.05) return 404;
  return drawn < 0.1 ? 500 : 200;
};

/** Counted for one rendering. */
interface Counts {
  pages: number;
  underWay: number;
  mostUnderWay: number;
}

export type Chained = Awaited<ReturnType<typeof chained>>;

/** Real calls, caches and renderings for viewers of two stub providers; Connections are scripted. `problems` has what must never be. */
export const chained = async (names: readonly string[], chance: () => number, renderLimits: RenderLimits) => {
  const problems: string[] = [];
  const revoked = new Set<string>();
  let declared: Gadget | null = null;

  const judge = (id: ProviderId, request: IncomingMessage, body: string): void => {
    const [name = ''] = (request.headers.authorization ?? '').replace('Bearer ', '').split('.');
    const url = new URL(request.url ?? '', 'http://x');
    const said = `${decodeURIComponent(url.pathname)} ${[...url.searchParams].join(' ')} ${body}`;
    for (const [, owner] of said.matchAll(MARK))
      if (owner !== name) problems.push(`${name} asked ${id} with what ${owner} was given: ${said}`);
    if (!isDeclared(declared, id, request.method, url.pathname))
      problems.push(`${id} was asked for ${request.method} ${request.url}`);
    problems.push(...oddities(url, request));
  };

  const answering = (id: ProviderId) => (request: IncomingMessage, response: ServerResponse) => {
    let posted = '';
    request.on('data', (chunk) => {
      posted += chunk;
    });
    request.on('end', () => {
      judge(id, request, posted);
      const token = (request.headers.authorization ?? '').replace('Bearer ', '');
      const [name = '', generation = ''] = token.split('.');
      const drawn = chance();
      const items = [0, 1, 2, 3].map((n) => ({
        id: markOf(name, id, generation, n),
        text: `${HOSTILE[Math.floor(chance() * HOSTILE.length)]}${markOf(name, id, generation, n)}`,
        n,
      }));
      const body = JSON.stringify({
        who: markOf(name, id, generation, 0),
        items,
        asked: `${request.url} ${posted}`,
      });
      const status = revoked.has(token) ? 401 : statusFor(drawn);
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    });
  };

  const servers = await Promise.all(PROVIDERS.map((id) => stubServer(answering(id))));
  const providers = new Map<string, Provider>(
    PROVIDERS.map((id, index) => [
      id,
      provider(id, { api: `${servers[index]?.origin}/api`, allowAddresses: ['127.0.0.0/8'] }),
    ]),
  );
  const upstream = new Upstream({
    clock,
    journal: { warn: () => {} },
    meter: { called: () => {}, answered: () => {} },
    misplaced: neverMisplaced,
    maxStaleMs: () => 60_000,
    userAgent: 'test',
  });

  const connections = new Map<string, Connection>();
  const viewers = new Map(names.map((name) => [name, viewerOf('host', name)]));
  const keyOf = (viewer: Viewer, id: string): string => JSON.stringify([viewer.id, id]);
  const found = (viewer: Viewer, id: string): Connection | undefined => connections.get(keyOf(viewer, id));
  const tokenOf = ({ viewer, generation, version }: Connection): string =>
    `${viewer.sub}.${generation}.${version}`;
  const set = (viewer: Viewer, id: string, more: Partial<Connection>): Connection => {
    const made = { ...(found(viewer, id) ?? connection(viewer, id, { generation: 0 })), ...more };
    connections.set(keyOf(viewer, id), made);
    return made;
  };
  const outcomeFor = (viewer: Viewer, asked: Provider): AccessOutcome => {
    const known = found(viewer, asked.id);
    if (known === undefined || known.status !== 'active') return { kind: 'none' };
    const access = { connection: known, token: new Secret(tokenOf(known)), origins: originsOf(asked) };
    return { kind: 'access', access };
  };

  const counting = new AsyncLocalStorage<Counts>();
  const ports: RenderDeps = {
    clock,
    renderLimits,
    access: {
      fresh: async (viewer, asked) => outcomeFor(viewer, asked),
      async renewed({ connection: { viewer, version, generation } }, asked) {
        await clock.sleep(chance() * 3);
        const now = found(viewer, asked.id);
        if (now?.version === version && now.generation === generation)
          set(viewer, asked.id, { version: version + 1 });
        return outcomeFor(viewer, asked);
      },
      accepted: () => {},
    },
    upstream: {
      async get(access, request) {
        const counts = counting.getStore();
        if (counts === undefined) throw new Error('a call of no rendering');
        counts.underWay += 1;
        counts.mostUnderWay = Math.max(counts.mostUnderWay, counts.underWay);
        const outcome = await upstream.get(access, request);
        counts.underWay -= 1;
        // A token that is renewed has the same request made again.
        if (outcome.kind !== 'unauthorized') counts.pages += outcome.kind === 'data' ? outcome.pages : 1;
        return outcome;
      },
      kept: (of, request) => upstream.kept(of, request),
    },
    fragments: new FragmentCache(upstream.caches, neverMisplaced),
    directory: {
      host: () => gocd,
      providerName: (id) => id,
      provider: (id) => providers.get(id),
    },
    connections: {
      find: async (viewer, id) => found(viewer, id) ?? null,
      latest: async (viewer, id) => found(viewer, id) ?? null,
      recall: (viewer, id) => found(viewer, id),
    },
    views: {
      content: ({ answers, missing, unknown }) => JSON.stringify([answers, missing, unknown]),
      state: ({ obstacle }) => JSON.stringify(obstacle),
    },
    noteUse: () => {},
    digest: { sha256: (content) => createHash('sha256').update(content).digest('base64url') },
  };

  return {
    viewers,
    ports,
    problems,
    /** Calls of `work` are counted as those of one rendering. */
    async counted<T>(work: () => Promise<T>): Promise<T> {
      const counts: Counts = { pages: 0, underWay: 0, mostUnderWay: 0 };
      const result = await counting.run(counts, work);
      if (counts.mostUnderWay > renderLimits.atOnce) problems.push(`${counts.mostUnderWay} calls at once`);
      // A rendering starts again, twice at most, when the viewer connects again while it is made.
      if (counts.pages > renderLimits.requests * 3)
        problems.push(`${counts.pages} requests for one rendering`);
      return result;
    },
    declare: (gadget: Gadget) => {
      declared = gadget;
    },
    generationOf: (viewer: Viewer, id: string): number => found(viewer, id)?.generation ?? 0,
    connect: (viewer: Viewer, id: string) => {
      const generation = (found(viewer, id)?.generation ?? 0) + 1;
      set(viewer, id, { status: 'active', generation, version: 1 });
    },
    disconnect: (viewer: Viewer, id: string) => {
      const generation = (found(viewer, id)?.generation ?? 0) + 1;
      upstream.caches.purge(set(viewer, id, { status: 'revoking', generation }).id);
    },
    revoke: (viewer: Viewer, id: string) => {
      const known = found(viewer, id);
      if (known !== undefined) revoked.add(tokenOf(known));
    },
    refresh: (viewer: Viewer, id: string) => {
      const known = found(viewer, id);
      if (known !== undefined) set(viewer, id, { version: known.version + 1 });
    },
    async close() {
      await upstream.close();
      await Promise.all(servers.map((server) => server.close()));
    },
  };
};
