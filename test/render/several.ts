import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import type { AccessOutcome } from '../../src/connect/tokens/open-connection.js';
import type { Connection } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import { type Viewer, viewerOf } from '../../src/domain/viewer.js';
import { originsOf } from '../../src/providers/provider.js';
import { FragmentCache } from '../../src/render/fragment-cache.js';
import type { RenderDeps } from '../../src/render/render-gadget.js';
import { Upstream, type UpstreamOptions } from '../../src/upstream/upstream.js';
import { neverMisplaced } from '../support/misplaced.js';
import { TestClock } from '../support/test-clock.js';
import { stubServer } from '../upstream/stub-server.js';
import { gocd } from './a-host.js';
import { connection, provider } from './render-setup.js';

export const clock = new TestClock('runs');

/** What only this viewer, at this generation of the Connection, may see. */
export const MARKER = /«(\w+)#(\d+)»/g;
const markerOf = (name: string, generation: string): string => `«${name}#${generation}»`;

const JSON_TYPE = { 'content-type': 'application/json' };

const STATUSES = [
  [0.12, 403],
  [0.16, 404],
  [0.2, 422],
  [0.24, 500],
] as const;

/** Puts its caller's marker into every answer, whatever it answers; `chance` (0 to 1) decides which. */
const answering =
  (chance: () => number, revoked: ReadonlySet<string>) =>
  (asked: IncomingMessage, response: ServerResponse) => {
    const token = (asked.headers.authorization ?? '').replace('Bearer ', '');
    const [name = '', generation = ''] = token.split('.');
    const body = JSON.stringify({ message: markerOf(name, generation), data: markerOf(name, generation) });
    const etag = `"${name}-${generation}"`;
    const finish = (status: number): void => {
      if (status === 200 && asked.headers['if-none-match'] === etag) response.writeHead(304, { etag }).end();
      else response.writeHead(status, { ...JSON_TYPE, ...(status === 200 && { etag }) }).end(body);
    };
    if (revoked.has(token)) return finish(401);
    const drawn = chance();
    if (drawn < 0.04) return response.destroy();
    if (drawn < 0.08)
      return void response.writeHead(200, JSON_TYPE).write(body.slice(0, 20), () => response.destroy());
    const status = STATUSES.find(([below]) => drawn < below)?.[1] ?? 200;
    setTimeout(() => finish(status), (drawn * 1000) % 12);
  };

export type Several = Awaited<ReturnType<typeof several>>;

/** Real upstream calls and caches for several viewers of one provider; Connections are scripted. */
export const several = async (
  names: readonly string[],
  chance: () => number,
  bounds: Pick<UpstreamOptions, 'limits' | 'sockets'> = {},
) => {
  const revoked = new Set<string>();
  const server = await stubServer(answering(chance, revoked));
  const tracker = provider('mingle', {
    api: `${server.origin}/api`,
    allowAddresses: ['127.0.0.0/8'],
    certificates: [],
    authorizationHeader: 'Bearer {token}',
  });
  const upstream = new Upstream({
    journal: { warn: () => {} },
    clock,
    meter: { called: () => {}, answered: () => {} },
    misplaced: neverMisplaced,
    maxStaleMs: () => 60_000,
    userAgent: 'test',
    ...bounds,
  });
  const connections = new Map<string, Connection>();
  const viewers = new Map(names.map((name) => [name, viewerOf('host', name)]));
  const tokenOf = ({ viewer, generation, version }: Connection): string =>
    `${viewer.sub}.${generation}.${version}`;

  const set = (viewer: Viewer, more: Partial<Connection>): Connection => {
    const made = {
      ...(connections.get(viewer.id) ?? connection(viewer, 'mingle', { generation: 0 })),
      ...more,
    };
    connections.set(viewer.id, made);
    return made;
  };
  const outcomeFor = (viewer: Viewer): AccessOutcome => {
    const found = connections.get(viewer.id);
    if (found === undefined || found.status === 'revoking') return { kind: 'none' };
    if (found.status === 'reconnect') return { kind: 'reconnect', reason: 'revoked' };
    return {
      kind: 'access',
      access: { connection: found, token: new Secret(tokenOf(found)), origins: originsOf(tracker) },
    };
  };
  const access: Pick<AccessTokens, 'fresh' | 'renewed' | 'accepted'> = {
    fresh: async (viewer) => outcomeFor(viewer),
    async renewed(rejected) {
      const { viewer, version, generation } = rejected.connection;
      await clock.sleep(chance() * 4);
      const found = connections.get(viewer.id);
      if (found?.version === version && found.generation === generation && found.status === 'active')
        set(viewer, { version: version + 1 });
      return outcomeFor(viewer);
    },
    accepted: () => {},
  };

  const ports: RenderDeps = {
    clock,
    access,
    upstream,
    fragments: new FragmentCache(upstream.caches, neverMisplaced),
    directory: { host: () => gocd, providerName: () => tracker.name, provider: () => tracker },
    connections: {
      find: async (viewer) => connections.get(viewer.id) ?? null,
      latest: async (viewer) => connections.get(viewer.id) ?? null,
      recall: (viewer) => connections.get(viewer.id),
    },
    views: {
      content: ({ answers, missing }) => JSON.stringify([answers, missing]),
      state: ({ obstacle }) => JSON.stringify(obstacle),
    },
    noteUse: () => {},
    digest: { sha256: (content) => createHash('sha256').update(content).digest('base64url') },
  };

  return {
    viewers,
    ports,
    generationOf: (viewer: Viewer): number => connections.get(viewer.id)?.generation ?? 0,
    connect: (viewer: Viewer) => {
      set(viewer, {
        status: 'active',
        generation: (connections.get(viewer.id)?.generation ?? 0) + 1,
        version: 1,
      });
    },
    disconnect: (viewer: Viewer) => {
      const ended = set(viewer, {
        status: 'revoking',
        generation: (connections.get(viewer.id)?.generation ?? 0) + 1,
      });
      upstream.caches.purge(ended.id);
    },
    /** The provider takes back the token in force. */
    revoke: (viewer: Viewer) => {
      const found = connections.get(viewer.id);
      if (found !== undefined) revoked.add(tokenOf(found));
    },
    refresh: (viewer: Viewer) => {
      const found = connections.get(viewer.id);
      if (found !== undefined) set(viewer, { version: found.version + 1 });
    },
    async close() {
      await upstream.close();
      await server.close();
    },
  };
};
