import { createServer, type RequestListener, type Server } from 'node:http';

/** How long requests under way may take once we are asked to stop, ms. */
const PATIENCE = 10_000;

/** Whether an error says that the other side left or never spoke HTTP: nothing of ours is wrong then. */
export const isOfTheConnection = (error: unknown): boolean => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ECONNRESET|ECONNABORTED|EPIPE|HPE_)/.test(code);
};

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
  });

/** Bytes of request line and headers: a provider's code of 16 kB fits, each character of it escaped. */
const LONGEST_HEAD = 64 * 1024;

/** An HTTP server that can be asked to finish the requests in progress. */
export class HttpServer {
  readonly #server: Server;
  #draining = false;

  constructor(handler: RequestListener) {
    this.#server = createServer({ maxHeaderSize: LONGEST_HEAD }, (request, response) => {
      // A kept-alive connection would otherwise outlive the drain.
      if (this.#draining) response.setHeader('Connection', 'close');
      handler(request, response);
    });
    this.#server.requestTimeout = 30_000;
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

  /** Accepts no more connections, waits for requests in progress, and then closes what is left. */
  async drain(): Promise<void> {
    this.#draining = true;
    const cut = setTimeout(() => this.#server.closeAllConnections(), PATIENCE);
    await closed(this.#server);
    clearTimeout(cut);
  }
}
