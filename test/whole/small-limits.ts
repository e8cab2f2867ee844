import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseConfig } from '../../src/config/read-config.js';
import { RENDER_LIMITS } from '../../src/render/render-limits.js';
import type { Limits } from '../../src/server/limits.js';
import { openLog } from '../../src/server/log.js';
import { Server } from '../../src/server.js';
import { freePort } from '../cli/command-line.js';
import { type Forwarder, startForwarder } from '../support/forwarder.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { bareRoot } from '../support/test-server.js';
import { stubServer } from '../upstream/stub-server.js';

const SECRET = randomBytes(32).toString('hex');

/** Everything that holds anything of anyone, holding `most`. What a viewer may have is refused beyond its bound, not shared. */
export const smallLimits = (most: number): Limits => ({
  caches: { entries: most, flights: most, pauses: most, bytes: 6000 * most, bytesPerConnection: 6000 },
  sockets: { atOnce: most, atOnceForOwner: most, kept: most, distrusted: most },
  remembered: { connections: most, tokens: most, sessions: most, changes: most },
  reading: { workers: 1, waiting: most, atOnce: 1000 },
  database: { prepared: most, together: most, connections: most },
  renderings: most,
  rendering: { ...RENDER_LIMITS, atOnce: most },
  images: {
    ...{ bytes: 100_000, pixels: 10_000, named: most, atOnce: most, atOnceInAll: most },
    ...{ waiting: most, perMinute: 10_000, viewers: most },
  },
  records: most,
  kept: { locales: most, pageShells: most, notes: most, uses: most },
  apiNames: most,
  unreported: most,
  viewer: {
    attempts: 10_000,
    attemptsInAll: 10_000,
    tickets: most,
    frames: 10_000,
    choices: most,
    choiceBytes: 4096,
  },
});

const GADGET = `
title: Board
description: Who am I?
requests:
  mine: { provider: tracker, path: /cards, format: json, ttl: 30 }
  more: { provider: tracker, path: /more, format: json, ttl: 30 }
`;
const VIEW = `<p>{{ answers.mine.data.place }} {{ answers.mine.data.whose }} {{ answers.more.data.whose }} {% for each in answers.mine.data.copies %}{{ each }}{% endfor %}</p>`;

const bodyOf = async (request: IncomingMessage): Promise<URLSearchParams> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return new URLSearchParams(Buffer.concat(chunks).toString());
};

/** A provider that answers everyone with their own marker, of the grant by which they ask. One person's answers are large. */
export const startTracker = async () => {
  const live = new Map<string, string>();
  let serial = 0;
  const grant = (marker: string) => {
    serial += 1;
    for (const [token, whose] of live) if (whose === marker) live.delete(token);
    live.set(`access-${serial}`, marker);
    live.set(`refresh-${serial}`, marker);
    return {
      access_token: `access-${serial}`,
      refresh_token: `refresh-${serial}`,
      token_type: 'bearer',
      expires_in: 3600,
    };
  };
  const answerTo = async (request: IncomingMessage): Promise<[status: number, body: object]> => {
    const { pathname } = new URL(request.url ?? '/', 'http://tracker');
    if (pathname === '/token') {
      const form = await bodyOf(request);
      const code = form.get('code');
      const marker = code ?? live.get(form.get('refresh_token') ?? '');
      return marker === undefined ? [400, { error: 'invalid_grant' }] : [200, grant(marker)];
    }
    const whose = live.get(/^Bearer (access-\d+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '');
    if (whose === undefined) return [401, {}];
    const copies = Array<string>(whose.startsWith('cyd') ? 200 : 3).fill(`«${whose}»`);
    return [200, { place: `at ${pathname.split('/')[1]}`, whose: `«${whose}»`, copies }];
  };
  const stub = await stubServer((request, response) => {
    void answerTo(request).then(async ([status, body]) => {
      await pause(serial % 5);
      // The same for all, and for all time: nothing may be distinguished by it.
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'private' });
      response.end(JSON.stringify(body));
    });
  });
  return {
    ...stub,
    /** Every access token of this grant is refused from now on; it can be refreshed. */
    expire(marker: string): void {
      for (const [token, whose] of live)
        if (whose === marker && token.startsWith('access-')) live.delete(token);
    },
  };
};

/** One server, or several on one database, taken in turn; each with its own memory, and all of it small. */
export const startServers = async (given: {
  readonly url: string | null;
  readonly count: number;
  readonly limits: Limits;
  readonly tracker: string;
}) => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-small-'));
  const gadget = join(folder, 'gadgets', 'board');
  mkdirSync(gadget, { recursive: true });
  writeFileSync(join(gadget, 'gadget.yaml'), GADGET);
  writeFileSync(join(gadget, 'view.njk'), VIEW);
  const oriel: Forwarder = await startForwarder();
  const gadgetOrigin = `http://127.0.0.1:${oriel.port}`;
  const siteOrigin = `http://localhost:${oriel.port}`;
  const key = `k:${randomBytes(32).toString('base64url')}`;
  const written = (port: number, place: string): string =>
    JSON.stringify({
      gadgetOrigin,
      siteOrigin,
      listen: { host: '127.0.0.1', port },
      database: 'sqlite:./oriel.db',
      keys: [key],
      gadgets: ['./gadgets'],
      admin: { enabled: false },
      hosts: {
        gocd: {
          name: 'GoCD',
          origins: ['http://localhost:8153'],
          key: { algorithm: 'HS256', secret: HOST_SECRET },
          gadgets: ['board'],
          providers: ['tracker'],
        },
      },
      providers: {
        tracker: {
          name: 'Tracker',
          authorizationEndpoint: `${given.tracker}/authorize`,
          tokenEndpoint: `${given.tracker}/token`,
          revocationEndpoint: 'none',
          api: `${given.tracker}/${place}`,
          client: { id: 'oriel', secret: SECRET },
          allowAddresses: ['127.0.0.0/8'],
        },
      },
    });
  const servers: { readonly running: Server; readonly port: number; readonly file: string }[] = [];
  const misplaced: string[] = [];
  for (let index = 0; index < given.count; index += 1) {
    const port = await freePort();
    const file = join(folder, `oriel-${index}.yaml`);
    writeFileSync(file, written(port, 'one'));
    const config = parseConfig(Buffer.from(written(port, 'one')), file, {});
    const log = openLog('warn', {
      write: (line: string) => void (/"bug"|misplaced/.test(line) && misplaced.push(line)),
    });
    const running = await Server.create(given.url === null ? config : { ...config, database: given.url }, {
      // Every reload would read the gadgets that come with the program, which these tests do not show.
      root: bareRoot(),
      log,
      limits: given.limits,
    });
    await running.listen();
    servers.push({ running, port, file });
  }
  const ports = servers.map(({ port }) => port);
  oriel.to(...ports);
  return {
    gadgetOrigin,
    siteOrigin,
    oriel,
    ports,
    /** Lines of the logs that report a bug. */
    misplaced,
    token: (sub: string) => signHostToken({ aud: gadgetOrigin, sub, name: sub }),
    /** Every server serves by a record that leads there once this resolves. */
    async reload(place: string): Promise<void> {
      for (const { port, file } of servers) writeFileSync(file, written(port, place));
      await Promise.all(servers.map(({ running }) => running.reload()));
    },
    async close(): Promise<void> {
      await Promise.all(servers.map(({ running }) => running.drain()));
      await oriel.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

export type Servers = Awaited<ReturnType<typeof startServers>>;
export type Tracker = Awaited<ReturnType<typeof startTracker>>;
