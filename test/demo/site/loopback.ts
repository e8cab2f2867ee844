import { createServer, type RequestListener, type Server } from 'node:http';

/** A server that only this machine can reach. */
export interface LoopbackServer {
  readonly port: number;
  close(): Promise<void>;
}

const listen = (server: Server, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host }, () => {
      server.off('error', reject);
      resolve();
    });
  });

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });

const code = (error: unknown): string =>
  error instanceof Error && 'code' in error ? String(error.code) : '';
const noSuchAddress = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT', 'ENOTSUP', 'EINVAL']);

/**
 * Listens on 127.0.0.1 and, where this machine has it, on ::1, since `localhost` may mean either. Port 0 takes one that
 * is free on both; a port that is taken on either rejects with EADDRINUSE.
 */
export const listenOnLoopback = async (
  handle: RequestListener,
  port: number,
  tries = 5,
): Promise<LoopbackServer> => {
  const four = createServer(handle);
  const six = createServer(handle);
  await listen(four, port, '127.0.0.1');
  const address = four.address();
  const taken = typeof address === 'object' && address ? address.port : port;
  try {
    await listen(six, taken, '::1');
  } catch (error) {
    if (!noSuchAddress.has(code(error))) {
      await close(four);
      if (port === 0 && tries > 1) return listenOnLoopback(handle, 0, tries - 1);
      throw error;
    }
  }
  return {
    port: taken,
    close: async () => {
      await Promise.all([close(four), close(six)]);
    },
  };
};
