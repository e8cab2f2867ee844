import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Answering = (request: IncomingMessage, response: ServerResponse) => void;

/** A provider that answers as the test says, on loopback. */
export interface StubServer {
  readonly origin: string;
  /** Every request, oldest first. */
  readonly requests: IncomingMessage[];
  /** Answers everything so from now on. */
  answers(answering: Answering): void;
  close(): Promise<void>;
}

export const stubServer = async (
  answering: Answering = (_, response) => response.end(),
): Promise<StubServer> => {
  let answer = answering;
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    requests,
    answers(next) {
      answer = next;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};

/** Answers with this status, type and body. */
export const says =
  (status: number, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Answering =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };
