import type { IncomingHttpHeaders } from 'node:http';
import type { Client, Dispatcher } from 'undici';
import { Overdue, type TimeLimit } from './deadline.js';

/** An answer as it was sent, read to its end; or why there is none, and whether anything of one came. */
export type Received =
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly error: unknown; readonly isStarted: boolean };

const NOTHING = Buffer.alloc(0);

const whole = (chunks: readonly Buffer[]): Buffer =>
  chunks.length > 1 ? Buffer.concat(chunks) : (chunks[0] ?? NOTHING);

/**
 * Sends a request over a socket and reads the whole answer. Never rejects. The pieces are collected as they come: undici's own `request`
 * makes a stream of each answer first, which for a short one is most of the work.
 */
export const receive = (
  socket: Client,
  request: Dispatcher.DispatchOptions,
  deadline: TimeLimit,
): Promise<Received> =>
  new Promise((resolve) => {
    let status = 0;
    let headers: IncomingHttpHeaders = {};
    const chunks: Buffer[] = [];
    let controller: Dispatcher.DispatchController | null = null;
    const end = (received: Received): void => {
      deadline.off(stop);
      resolve(received);
    };
    const stop = (): void => {
      const error = new Overdue();
      end({ error, isStarted: status !== 0 });
      controller?.abort(error);
    };
    deadline.on(stop);
    socket.dispatch(request, {
      onRequestStart: (started) => {
        controller = started;
        if (deadline.isOver) started.abort(new Overdue());
      },
      // Once more after an answer that only announces another (RFC 9110 §15.2).
      onResponseStart: (_controller, statusCode, given) => {
        status = statusCode;
        headers = given;
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => end({ status, headers, body: whole(chunks) }),
      onResponseError: (_controller, error) => end({ error, isStarted: status !== 0 }),
    });
  });
