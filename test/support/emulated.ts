import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';

/*
 * `emulate` plays GitHub, Google, Slack, Entra, Okta and Linear: written by others, from the documentation of these services. It needs Node 22, and is
 * installed beside the project when it is first needed, since a package that brings its own Node would take the place of ours.
 */

const EMULATE = 'emulate@0.12.2';
const NODE = `node-linux-${process.arch}@22.23.3`;
const FOLDER = resolve('node_modules/.cache/emulated');

export interface Runnable {
  readonly node: string;
  readonly folder: string;
}

const nodeIn = (folder: string): string =>
  join(folder, 'node_modules', `node-linux-${process.arch}`, 'bin/node');

/** Where it can be run, or the reason why it can't be here. */
export const emulatedHere = (): Runnable | { readonly reason: string } => {
  if (process.platform !== 'linux' || !['x64', 'arm64'].includes(process.arch))
    return { reason: `there is no package with Node 22 for ${process.platform}-${process.arch}` };
  const found = { node: nodeIn(FOLDER), folder: FOLDER };
  const isThere = () =>
    existsSync(found.node) && existsSync(join(FOLDER, 'node_modules/emulate/dist/api.js'));
  if (isThere()) return found;
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), '{"private":true,"type":"module"}');
  const options = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const { status, stderr } = spawnSync('npm', ['install', ...options, EMULATE, NODE], {
    cwd: FOLDER,
    encoding: 'utf8',
    timeout: 120_000,
  });
  return status === 0 && isThere() ? found : { reason: `it could not be installed: ${stderr.trim()}` };
};

/** Starts what it is asked to and says so; each service gets the address under which it is known. */
const RUNNER = `
import { createEmulator } from 'emulate';
for (const { service, port, baseUrl, seed } of JSON.parse(process.argv[2]))
  await createEmulator({ service, port, baseUrl, seed: { [service]: seed } });
console.log('ready');
`;

/** What stands before a service, and corrects what it does unlike the original. */
interface Front {
  readonly origin: string;
  /** `METHOD /path` of every request, oldest first. */
  readonly requests: string[];
  /** Tokens that were issued and not taken back. */
  readonly tokens: Set<string>;
  close(): Promise<void>;
}

export interface Service {
  readonly service: string;
  readonly seed: object;
  /** Added to callbacks (RFC 9207), where the original does so. */
  readonly iss?: (origin: string) => string;
  /** Where it takes tokens back, if the emulator does not: answers with this status, as the original. */
  readonly revokes?: { readonly request: RegExp; readonly status: number; readonly answer?: string };
}

/** Every text in a JSON document under a name that ends in `token`: access and refresh tokens, wherever they stand. */
const tokensIn = (value: unknown, name = ''): readonly string[] => {
  if (typeof value === 'string') return /(?:^|_)token$/.test(name) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => tokensIn(each, key));
};

const jsonOf = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
};

const OF_TOKENS = /^POST .*(?:\/token|access_token|oauth\.v2\.access)$/;
const OF_PEOPLE =
  /^(?:GET|POST) \/(?:_emulate|favicon)|authorize|\/o\/oauth2|\/login\/oauth\/callback|\.well-known|certs|keys/;

interface Asked {
  readonly request: IncomingMessage;
  /** `METHOD /path`, without the query. */
  readonly name: string;
  readonly body: Buffer;
  /** The token it is asked with, whatever scheme it is sent by. */
  readonly bearer: string;
}

const askedBy = async (request: IncomingMessage): Promise<Asked> => ({
  request,
  name: `${request.method} ${(request.url ?? '/').split('?')[0]}`,
  body: await buffer(request),
  bearer: /^(?:bearer|token) (.+)$/i.exec(request.headers.authorization ?? '')?.[1] ?? '',
});

/** The emulator's own answer. */
const passedOn = async ({ request, body }: Asked, upstream: string) => {
  const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers;
  const answered = await fetch(upstream + request.url, {
    method: request.method ?? 'GET',
    headers: headers as Record<string, string>,
    redirect: 'manual',
    ...(body.length > 0 && { body }),
  });
  return { answered, bytes: Buffer.from(await answered.arrayBuffer()) };
};

/**
 * The emulator answers an unknown or revoked token as its first user, which no original does: what was not issued here gets a 401. Tokens
 * are taken back where they are revoked.
 */
const startFront = async ({ iss, revokes }: Service, upstream: () => string): Promise<Front> => {
  const requests: string[] = [];
  const tokens = new Set<string>();
  const takeBack = ({ body, bearer }: Asked): void => {
    const sent = body.toString();
    for (const each of [...tokens]) if (each === bearer || sent.includes(each)) tokens.delete(each);
  };
  const mayAsk = ({ name, bearer }: Asked): boolean =>
    [OF_TOKENS, OF_PEOPLE, /revoke/].some((each) => each.test(name)) || tokens.has(bearer);
  const locationOf = (location: string | null): object => {
    if (location === null) return {};
    const next = new URL(location, upstream());
    if (iss !== undefined && next.searchParams.has('code')) next.searchParams.set('iss', iss(front.origin));
    return { location: next.href.replace(upstream(), front.origin) };
  };
  /** What the front answers itself, as the original would. */
  const ownAnswer = (asked: Asked): { readonly status: number; readonly answer?: string } | null => {
    if (revokes?.request.test(asked.name)) {
      takeBack(asked);
      return revokes;
    }
    const refreshed = new URLSearchParams(asked.body.toString()).get('refresh_token');
    if (OF_TOKENS.test(asked.name) && refreshed !== null && !tokens.has(refreshed))
      return { status: 400, answer: '{"error":"invalid_grant"}' };
    return mayAsk(asked) ? null : { status: 401, answer: '{"message":"Bad credentials"}' };
  };
  const answer = async (asked: Asked, response: ServerResponse): Promise<void> => {
    const { name } = asked;
    requests.push(name);
    const own = ownAnswer(asked);
    if (own !== null) {
      response.writeHead(own.status, { 'content-type': 'application/json' }).end(own.answer);
      return;
    }
    const { answered, bytes } = await passedOn(asked, upstream());
    if (OF_TOKENS.test(name)) for (const each of tokensIn(jsonOf(bytes.toString()))) tokens.add(each);
    if (/revoke/.test(name) && answered.ok) takeBack(asked);
    response.writeHead(answered.status, {
      'content-type': answered.headers.get('content-type') ?? 'text/plain',
      ...locationOf(answered.headers.get('location')),
    });
    response.end(bytes);
  };
  const server: Server = createServer((request, response) => {
    askedBy(request)
      .then((asked) => answer(asked, response))
      .catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const front: Front = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    tokens,
    close: () =>
      new Promise((closed) => {
        server.closeAllConnections();
        server.close(() => closed());
      }),
  };
  return front;
};

const freePorts = async (count: number): Promise<readonly number[]> => {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(servers.map((each) => new Promise<void>((done) => each.listen(0, '127.0.0.1', done))));
  const ports = servers.map((each) => (each.address() as AddressInfo).port);
  await Promise.all(servers.map((each) => new Promise((done) => each.close(done))));
  return ports;
};

/** Starts these services, each behind a front of its own, which comes back by its name. */
export const startEmulated = async ({ node, folder }: Runnable, services: readonly Service[]) => {
  const ports = await freePorts(services.length);
  const fronts = await Promise.all(
    services.map((each, index) => startFront(each, () => `http://127.0.0.1:${ports[index]}`)),
  );
  writeFileSync(join(folder, 'run.js'), RUNNER);
  const seeded = services.map(({ service, seed }, index) => ({
    ...{ service, seed, port: ports[index], baseUrl: fronts[index]?.origin },
  }));
  const child: ChildProcess = spawn(node, [join(folder, 'run.js'), JSON.stringify(seeded)], { cwd: folder });
  let printed = '';
  await new Promise<void>((ready, fail) => {
    const look = (text: string): void => {
      printed += text;
      if (printed.includes('ready')) ready();
    };
    child.stdout?.setEncoding('utf8').on('data', look);
    child.stderr?.setEncoding('utf8').on('data', look);
    child.once('exit', () => fail(new Error(`emulate ended:\n${printed}`)));
  });
  return {
    fronts: Object.fromEntries(services.map(({ service }, index) => [service, fronts[index] as Front])),
    async close(): Promise<void> {
      child.removeAllListeners('exit');
      child.kill();
      await Promise.all(fronts.map((each) => each.close()));
    },
  };
};
