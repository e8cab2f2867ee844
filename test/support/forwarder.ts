import { type IncomingMessage, request, type ServerResponse } from 'node:http';
import { listenOnLoopback } from '../demo/site/loopback.js';

/** One request and its answer, as they went over the wire. */
export interface Exchange {
  readonly method: string;
  readonly url: string;
  readonly requestHeaders: readonly string[];
  readonly requestBody: string;
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Forwarder {
  readonly port: number;
  readonly exchanges: readonly Exchange[];
  /** Sends requests to these ports from now on, to each in its turn. */
  to(...ports: readonly number[]): void;
  /**
   * Leaves requests to addresses that start with `path` without an answer: they are not passed on (`before`), or what is answered is not
   * (`after`). Null ends that. Resolves with the first such request.
   */
  hold(path: string | null, when?: 'before' | 'after'): Promise<void>;
  close(): Promise<void>;
}

const bytesOf = async (message: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
};

/** A proxy on loopback that passes everything on unchanged, the Host header too, and remembers it. */
export const startForwarder = async (): Promise<Forwarder> => {
  const exchanges: Exchange[] = [];
  let ports: readonly number[] = [];
  let turn = 0;
  let held: { readonly path: string; readonly when: 'before' | 'after'; readonly met: () => void } | null =
    null;
  /** Whether this request is left without an answer from here on. */
  const isHeld = (url: string, when: 'before' | 'after'): boolean => {
    if (held?.when !== when || !url.startsWith(held.path)) return false;
    held.met();
    return true;
  };

  const pass = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    const body = await bytesOf(incoming);
    const { method = 'GET', url = '/', headers } = incoming;
    if (isHeld(url, 'before')) return;
    const port = ports[turn++ % ports.length];
    const answer = await new Promise<IncomingMessage>((resolve, reject) =>
      request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, resolve)
        .on('error', reject)
        .end(body),
    );
    const content = await bytesOf(answer);
    exchanges.push({
      method,
      url,
      requestHeaders: incoming.rawHeaders,
      requestBody: body.toString(),
      status: answer.statusCode ?? 0,
      headers: answer.headers,
      body: content.toString(),
    });
    if (isHeld(url, 'after')) return;
    // Each request may go to another process, so that nothing may depend on a connection.
    const passed = answer.rawHeaders.flatMap((name, index, all) =>
      index % 2 || /^(connection|keep-alive|transfer-encoding)$/i.test(name)
        ? []
        : [name, all[index + 1] ?? ''],
    );
    outgoing.writeHead(answer.statusCode ?? 502, passed).end(content);
  };

  const server = await listenOnLoopback((incoming, outgoing) => {
    pass(incoming, outgoing).catch(() => outgoing.destroy());
  }, 0);
  return {
    port: server.port,
    exchanges,
    to(...next) {
      ports = next;
    },
    hold: (path, when = 'before') =>
      new Promise((met) => {
        held = path === null ? null : { path, when, met };
        if (path === null) met();
      }),
    close: server.close,
  };
};
