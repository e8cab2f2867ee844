import { createServer, type RequestListener, type Server } from 'node:http';

/** How long requests under way may take once we are asked to stop, ms. */
const PATIENCE = 10_000;

/** Whether an error says that the other side left or never spoke HTTP: nothing of ours is wrong then. */
export const isOfTheConnection = (error: unknown): boolean => {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return /^(ECONNRESET|ECONNABORTED|EPIPE|HPE_)/.test(code);
};

/** An HTTP server that can be asked to finish the requests in progress. */
export interface Listening {
  listen(host: string, port: number): Promise<number>;
  /** Accepts no more connections, waits for requests in progress, and then closes what is left. */
  drain(): Promise<void>;
}

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    if (!server.listening) return resolve();
    server.close(() => resolve());
    server.closeIdleConnections();
  });

/** Bytes of request line and headers: a provider's code of 16 kB fits, each character of it escaped. */
const LONGEST_HEAD = 64 * 1024;

export const httpServer = (handler: RequestListener): Listening => {
  let draining = false;
  const server = createServer({ maxHeaderSize: LONGEST_HEAD }, (request, response) => {
    // A kept-alive connection would otherwise outlive the drain.
    if (draining) response.setHeader('Connection', 'close');
    handler(request, response);
  });
  server.requestTimeout = 30_000;
  return {
    listen: (host, port) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const address = server.address();
          resolve(typeof address === 'object' && address !== null ? address.port : port);
        });
      }),
    async drain() {
      draining = true;
      const cut = setTimeout(() => server.closeAllConnections(), PATIENCE);
      await closed(server);
      clearTimeout(cut);
    },
  };
};
