import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { Issued } from '../support/self-signed.js';

export interface TlsServer {
  /** `https://localhost:PORT`. */
  readonly origin: string;
  /** Paths asked for, oldest first. */
  readonly requests: string[];
  close(): Promise<void>;
}

/** Answers JSON over TLS on loopback with these certificates; `chain` follows the server's own. */
export const tlsServer = async (
  { key, cert }: Issued,
  body = '{"access_token":"a","token_type":"bearer"}',
  chain = '',
): Promise<TlsServer> => {
  const requests: string[] = [];
  const server: Server = createServer({ key, cert: cert + chain }, (request, response) => {
    requests.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `https://localhost:${(server.address() as AddressInfo).port}`,
    requests,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
