import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Socket } from 'node:net';
import type { Issued } from './self-signed.js';

/** A proxy on loopback that leads every name to one port here: it resolves names as it likes, as proxies do. */
export interface ProxyServer {
  /** `http://127.0.0.1:PORT`, or https. */
  readonly origin: string;
  /** `HOST:PORT` of every CONNECT, oldest first, and what was said to authenticate. */
  readonly asked: string[];
  readonly authorizations: (string | undefined)[];
  /** Answers every CONNECT with this status from now on; null forwards again. */
  refuse(status: number | null): void;
  close(): Promise<void>;
}

export const proxyServer = async (to: () => number, certificate?: Issued): Promise<ProxyServer> => {
  const asked: string[] = [];
  const authorizations: (string | undefined)[] = [];
  const open = new Set<Socket>();
  let refusal: number | null = null;
  const server = certificate === undefined ? createServer() : createTlsServer(certificate);
  server.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    authorizations.push(request.headers['proxy-authorization']);
    client.on('error', () => undefined);
    if (refusal !== null) return client.end(`HTTP/1.1 ${refusal} Refused\r\ncontent-length: 0\r\n\r\n`);
    const target = connect(to(), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(target).pipe(client);
    });
    for (const socket of [client, target]) {
      open.add(socket);
      socket
        .on('error', () => undefined)
        .on('close', () => {
          client.destroy();
          target.destroy();
        });
    }
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return {
    origin: `${certificate ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    authorizations,
    refuse(status) {
      refusal = status;
    },
    async close() {
      for (const socket of open) socket.destroy();
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
};
