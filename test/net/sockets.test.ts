import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from '../upstream/setting.js';

/** An answer that names who asked, as it stands on the wire. */
const answerTo = (request: string): string => {
  const [, token = ''] = /authorization: Bearer (\S+)/i.exec(request) ?? [];
  const body = JSON.stringify({ of: token });
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
};

/** A server on bare sockets, so that it can write what no HTTP library would. */
class WireServer {
  readonly sockets: Socket[] = [];
  readonly requests: string[] = [];
  origin = '';
  readonly #server: Server;

  constructor(answer: (socket: Socket, request: string, index: number) => void) {
    this.#server = createServer((socket) => {
      this.sockets.push(socket);
      socket.on('error', () => undefined);
      socket.on('data', (chunk) => {
        this.requests.push(chunk.toString());
        answer(socket, chunk.toString(), this.requests.length);
      });
    });
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    this.origin = `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
    return this;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

let opened: ReturnType<typeof openUpstream>;
let warned: [string, Readonly<Record<string, unknown>>][];
const servers: WireServer[] = [];

const serving = async (answer: ConstructorParameters<typeof WireServer>[0]): Promise<WireServer> => {
  const server = await new WireServer(answer).listen();
  servers.push(server);
  return server;
};

beforeEach(() => {
  warned = [];
  opened = openUpstream({ journal: { warn: (event, fields) => void warned.push([event, fields]) } });
});

afterEach(async () => {
  await opened.close();
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

const look = async (server: WireServer, name: string, given = {}) =>
  dataOf(await opened.upstream.get(accessOf(name), requestTo(providerAt(server.origin, given), { ttl: 0 })));

test('a second answer that was not asked for, three milliseconds late, never reaches another viewer', async () => {
  const server = await serving((socket, request) => {
    socket.write(answerTo(request));
    setTimeout(() => socket.write(answerTo(request)), 3);
  });
  const names = Array.from({ length: 200 }, (_, index) => `viewer-${index % 20}`);
  const wrong: string[] = [];
  // Twenty at a time, as frames of different people ask.
  for (let at = 0; at < names.length; at += 20) {
    await Promise.all(
      names.slice(at, at + 20).map(async (name) => {
        const { of } = (await look(server, name)) as { of: string };
        if (of !== `token-of-${name}`) wrong.push(`${name} read ${of}`);
      }),
    );
  }
  expect(wrong).toEqual([]);
});

test('a socket is used again by the same Connection, and by no other', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  await look(server, 'ada');
  await look(server, 'ada');
  expect(server.sockets).toHaveLength(1);
  await look(server, 'grace');
  expect(server.sockets).toHaveLength(2);
  await look(server, 'ada');
  expect(server.sockets).toHaveLength(2);
});

test('a socket does not outlive the account it was used for', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  const request = requestTo(providerAt(server.origin), { ttl: 0 });
  await opened.upstream.get(accessOf('ada'), request);
  await opened.upstream.get(accessOf('ada', { generation: 2 }), request);
  expect(server.sockets).toHaveLength(2);
});

test('the question whose account it is has a socket of its own, closed after it', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  const { provider } = requestTo(providerAt(server.origin));
  const access = accessOf('ada');
  await opened.upstream.ask(provider, access, { target: '/me', format: 'json' });
  await opened.upstream.ask(provider, access, { target: '/me', format: 'json' });
  expect(server.sockets).toHaveLength(2);
  expect(server.requests[0]?.toLowerCase()).toContain('connection: close');
});

test('a record can switch keep-alive off: every call has a socket of its own', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  await look(server, 'ada', { keepAlive: false });
  await look(server, 'ada', { keepAlive: false });
  expect(server.sockets).toHaveLength(2);
  expect(server.requests[1]?.toLowerCase()).toContain('connection: close');
});

test('bytes on an idle socket end it, are logged once, and sockets of that origin are not kept from then on', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  await look(server, 'ada');
  const [socket] = server.sockets;
  const closed = new Promise((resolve) => socket?.once('close', resolve));
  socket?.write(answerTo('authorization: Bearer of-another'));
  await closed;
  expect(await look(server, 'ada')).toEqual({ of: 'token-of-ada' });
  await look(server, 'ada');
  expect(server.sockets).toHaveLength(3);
  expect(warned).toEqual([['provider-unasked-answer', expect.objectContaining({ origin: server.origin })]]);
});

test('a kept socket that the server closed while idle loses no answer: the call is repeated once on a new one', async () => {
  const server = await serving((socket, request, index) => {
    if (index === 2) socket.destroy();
    else socket.write(answerTo(request));
  });
  await look(server, 'ada');
  expect(await look(server, 'ada')).toEqual({ of: 'token-of-ada' });
  expect(server.requests).toHaveLength(3);
});

test('the repeated call takes no other kept socket, which may be dead as well', async () => {
  const used = new Set<Socket>();
  const server = await serving((socket, request) => {
    if (used.has(socket)) socket.destroy();
    else socket.write(answerTo(request));
    used.add(socket);
  });
  const provider = providerAt(server.origin);
  const of = (target: string) =>
    opened.upstream.get(accessOf('ada'), requestTo(provider, { target, ttl: 0 }));
  await Promise.all([of('/cards'), of('/cards/1')]);
  expect(server.sockets).toHaveLength(2);
  expect(dataOf(await of('/others'))).toEqual({ of: 'token-of-ada' });
});

test('a call on a new socket is not repeated', async () => {
  const server = await serving((socket) => void socket.destroy());
  const outcome = await opened.upstream.get(accessOf('ada'), requestTo(providerAt(server.origin)));
  expect(outcome).toEqual({ kind: 'down', reason: 'network' });
  expect(server.requests).toHaveLength(1);
});

test('one that broke after the answer started is not repeated either', async () => {
  const server = await serving((socket, request, index) => {
    if (index === 1) socket.write(answerTo(request));
    else socket.end('HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{');
  });
  await look(server, 'ada');
  const outcome = await opened.upstream.get(
    accessOf('ada'),
    requestTo(providerAt(server.origin), { ttl: 0, target: '/others' }),
  );
  expect(outcome.kind).toBe('down');
  expect(server.requests).toHaveLength(2);
});

test('a socket that its server closed while idle is forgotten: the next call is on a new one, and not repeated', async () => {
  const server = await serving((socket, request, index) => {
    if (index > 1) socket.destroy();
    else socket.end(answerTo(request).replace('\r\n', '\r\nConnection: keep-alive\r\n'));
  });
  const closed = new Promise((resolve) =>
    opened.upstream
      .get(accessOf('ada'), requestTo(providerAt(server.origin)))
      .then(() => server.sockets[0]?.once('close', resolve)),
  );
  await closed;
  const again = requestTo(providerAt(server.origin), { target: '/others' });
  expect((await opened.upstream.get(accessOf('ada'), again)).kind).toBe('down');
  expect(server.requests).toHaveLength(2);
});

test('calls at once have a socket each, whatever is kept', async () => {
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  await look(server, 'ada');
  const provider = providerAt(server.origin);
  const targets = ['/cards/1', '/cards/2'];
  await Promise.all(
    targets.map((target) => opened.upstream.get(accessOf('ada'), requestTo(provider, { target }))),
  );
  expect(server.sockets).toHaveLength(2);
});

test('no more sockets are kept than may be: the one unused for longest is closed', async () => {
  await opened.close();
  opened = openUpstream({ sockets: { atOnce: 4, atOnceForOwner: 4, kept: 1 } });
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  await look(server, 'ada');
  const closed = new Promise((resolve) => server.sockets[0]?.once('close', resolve));
  await look(server, 'grace');
  await closed;
  await look(server, 'grace');
  expect(server.sockets).toHaveLength(2);
});

test('at bounds of one, everyone is answered, each with their own', async () => {
  await opened.close();
  opened = openUpstream({ sockets: { atOnce: 1, atOnceForOwner: 1, kept: 1 } });
  const server = await serving((socket, request) => void socket.write(answerTo(request)));
  const names = Array.from({ length: 60 }, (_, index) => `viewer-${index % 7}`);
  const answers = await Promise.all(names.map((name) => look(server, name)));
  expect(answers).toEqual(names.map((name) => ({ of: `token-of-${name}` })));
});

test('one viewer with many frames leaves sockets for others', async () => {
  await opened.close();
  opened = openUpstream({ sockets: { atOnce: 4, atOnceForOwner: 2, kept: 4 } });
  const waiting: [Socket, string][] = [];
  const arrived: (() => void)[] = [];
  const server = await serving((socket, request) => {
    if (request.includes('token-of-greedy')) waiting.push([socket, request]);
    else socket.write(answerTo(request));
    arrived.shift()?.();
  });
  const provider = providerAt(server.origin);
  const greedy = Array.from({ length: 10 }, (_, index) =>
    opened.upstream.get(accessOf('greedy'), requestTo(provider, { target: `/cards/${index}` })),
  );
  expect(await look(server, 'ada')).toEqual({ of: 'token-of-ada' });
  expect(waiting.length).toBeLessThanOrEqual(2);
  for (let answered = 0; answered < 10; ) {
    const next = waiting.shift();
    if (next === undefined) await new Promise<void>((resolve) => arrived.push(resolve));
    else {
      next[0].write(answerTo(next[1]));
      answered += 1;
    }
  }
  for (const outcome of await Promise.all(greedy)) expect(dataOf(outcome)).toEqual({ of: 'token-of-greedy' });
});
