import cluster from 'node:cluster';
import { lstatSync, unlinkSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { connect, Server as NetServer, type Socket } from 'node:net';
import type { ListenOn } from '../config/config.js';

/** How long requests under way may take once we are asked to stop, ms. */
const PATIENCE = 10_000;

/** Whether an error says that the other side left, was too slow or never spoke HTTP: nothing of ours is wrong then. */
export const isOfTheConnection = (error: unknown): boolean => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ECONNRESET|ECONNABORTED|EPIPE|HPE_|ERR_HTTP_REQUEST_TIMEOUT$)/.test(code);
};

/** For so long a connection without a request stays open when we are asked to stop, ms: the client may be about to use it. */
const GRACE = 1_000;

/**
 * Accepts no more connections, and resolves when all are closed. An idle one is not closed at once, as `http.Server.close` would do it: a
 * request that is on its way then would be lost. Its next answer says that it is closed.
 */
const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    const idle = setTimeout(() => server.closeIdleConnections(), GRACE);
    NetServer.prototype.close.call(server, () => {
      clearTimeout(idle);
      // Ends what the HTTP server does besides: it looks for requests that take too long.
      server.close(() => undefined);
      resolve();
    });
  });

/** What one client can take of a server. Times are in ms. */
export interface HttpLimits {
  /** Bytes of request line and headers: a provider's code of 16 kB fits, each character of it escaped. */
  readonly head: number;
  /** Browsers and proxies send some forty. */
  readonly headers: number;
  /** Requests of one connection that are answered at once. Browsers and proxies send the next one after the answer. */
  readonly pipelined: number;
  /** From the opening of a connection, or a request's first byte, to the end of its headers: also of a connection that sends nothing. */
  readonly headTime: number;
  /** From a request's first byte to its last. */
  readonly requestTime: number;
  /** Without a byte in either direction: a client that does not read its answer. No answer takes that long to make. */
  readonly silence: number;
  /** Between two requests: longer than nginx keeps a connection (60 s), which would else send a launch on one that is just being closed. */
  readonly idle: number;
  /** Connections at once of one process, so that files, the database and providers always find room. Further ones are closed at once. */
  readonly connections: number;
  /** How often connections are looked at. */
  readonly looking: number;
}

export const HTTP_LIMITS: HttpLimits = {
  head: 64 * 1024,
  headers: 200,
  pipelined: 32,
  headTime: 10_000,
  requestTime: 30_000,
  silence: 120_000,
  idle: 75_000,
  connections: 10_000,
  looking: 2_000,
};

/** Whether something accepts connections at a socket. */
const isAlive = (path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });

/**
 * Removes the socket that a killed server left behind. Throws a sentence where the path is anything else, or another server listens there:
 * neither is ours to remove.
 */
export const prepareSocket = async (path: string): Promise<void> => {
  const about = lstatSync(path, { throwIfNoEntry: false });
  if (about === undefined) return;
  if (!about.isSocket())
    throw new Error(
      `The server can’t listen on ${path}: there is a file that is no socket. Remove it, or change \`listen.socket\`.`,
    );
  if (await isAlive(path))
    throw new Error(
      `The server can’t listen on ${path}: something else is already listening there; stop it, or change \`listen.socket\`.`,
    );
  unlinkSync(path);
};

const refuseHeaders = (response: ServerResponse): void => {
  response.writeHead(431, { Connection: 'close', 'Content-Length': 0 }).end();
};

const UNANSWERED = Symbol('requests under way');

/** A connection, counting the requests that came before those in front of them were answered. */
interface CountingSocket extends Socket {
  [UNANSWERED]?: number;
}

function isAnswered(this: ServerResponse): void {
  const socket: CountingSocket = this.req.socket;
  socket[UNANSWERED] = (socket[UNANSWERED] ?? 1) - 1;
}

/** Whether a client sends on without waiting: each answer that it does not read would be kept for it. */
const isFlooding = (socket: CountingSocket, response: ServerResponse, most: number): boolean => {
  // Node gives the connection to an answer when all before it have been sent: nearly always at once, and then there is nothing to count.
  if (response.socket !== null) return false;
  const under = (socket[UNANSWERED] ?? 0) + 1;
  socket[UNANSWERED] = under;
  response.on('close', isAnswered);
  return under > most;
};

/** An HTTP server that can be asked to finish the requests in progress. */
export class HttpServer {
  readonly #server: Server;
  #draining = false;

  constructor(handler: RequestListener, limits: HttpLimits = HTTP_LIMITS) {
    const options = {
      maxHeaderSize: limits.head,
      headersTimeout: limits.headTime,
      requestTimeout: limits.requestTime,
      keepAliveTimeout: limits.idle,
      connectionsCheckingInterval: limits.looking,
    };
    this.#server = createServer(options, (request, response) => {
      // Of more headers the rest would be left out, perhaps the one that matters.
      if (request.rawHeaders.length > 2 * limits.headers) return refuseHeaders(response);
      if (isFlooding(request.socket, response, limits.pipelined)) return void request.socket.destroy();
      // A kept-alive connection would otherwise outlive the drain.
      if (this.#draining) response.setHeader('Connection', 'close');
      handler(request, response);
    });
    this.#server.maxHeadersCount = limits.headers + 1;
    this.#server.maxConnections = limits.connections;
    this.#server.timeout = limits.silence;
  }

  /** Resolves with the port. */
  listen(host: string, port: number): Promise<number> {
    const server = this.#server;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, host, () => {
        server.off('error', reject);
        const address = server.address();
        resolve(typeof address === 'object' && address !== null ? address.port : port);
      });
    });
  }

  /** Listens on a socket or a port, as configured, and resolves with the port; 0 for a socket. */
  async listenOn({ host, port, socket }: ListenOn): Promise<number> {
    if (socket === null) return this.listen(host, port);
    const { path, mode } = socket;
    if (!cluster.isWorker) await prepareSocket(path);
    // From its first moment it is open to no one else: to change its mode afterwards would be too late.
    const before = process.umask(0o777 & ~mode);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#server.once('error', reject);
        this.#server.listen(path, () => {
          this.#server.off('error', reject);
          resolve();
        });
        process.umask(before);
      });
    } finally {
      process.umask(before);
    }
    return 0;
  }

  /** Accepts no more connections, waits for requests in progress, and then closes what is left. */
  async drain(): Promise<void> {
    this.#draining = true;
    const cut = setTimeout(() => this.#server.closeAllConnections(), PATIENCE);
    await closed(this.#server);
    clearTimeout(cut);
  }
}
