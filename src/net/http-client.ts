import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import type { buildConnector, Dispatcher, Client as Socket } from 'undici';
import type { Journal } from '../domain/system.js';
import { type AddressGuards, MOST_KEPT, type Reach } from './address-guard.js';
import { Overdue, TimeLimit } from './deadline.js';
import { codeOf, failureCode } from './network-failure.js';
import { type Route, SOCKET_LIMITS, type SocketLimits, Sockets } from './sockets.js';

/** An answer as it was sent, read to its end; or why there is none, and whether anything of one came. */
type Received =
  | { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }
  | { readonly error: unknown; readonly isStarted: boolean };

const NOTHING = Buffer.alloc(0);

const whole = (chunks: readonly Buffer[]): Buffer =>
  chunks.length > 1 ? Buffer.concat(chunks) : (chunks[0] ?? NOTHING);

const NOT_MODIFIED = 304;

/**
 * Sends a request over a socket and reads the whole answer. Never rejects. The pieces are collected as they come: undici's own `request`
 * makes a stream of each answer first, which for a short one is most of the work.
 */
const receive = (
  socket: Socket,
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
        // Its Content-Length is that of the answer it stands for (RFC 9110 §8.6), which undici takes for bytes that are missing.
        if (status === NOT_MODIFIED) end({ status, headers, body: NOTHING });
      },
      onResponseData: (_controller, chunk) => void chunks.push(chunk),
      onResponseEnd: () => end({ status, headers, body: whole(chunks) }),
      onResponseError: (_controller, error) => end({ error, isStarted: status !== 0 }),
    });
  });

/** Bytes of one answer, before and after decompression. */
const MOST_BYTES = 5 * 1024 * 1024;

/** Milliseconds for one call as a whole: name, connection, TLS, headers, body and every redirect. */
export const DEADLINE = 10_000;

/** Redirects that are followed for one call. */
const MOST_REDIRECTS = 3;

/** An answer was read to its end. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** Where it came from: the address asked, or where that redirected to. */
  readonly url: URL;
}

/** No answer: `down` when asking again may help, `unusable` when it will not. `code` is stable and harmless. */
export interface NoAnswer {
  readonly kind: 'down' | 'unusable';
  readonly code: string;
}

/** One GET, or a POST of JSON that only reads. */
export interface Call {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  /** Null for a GET. */
  readonly body: string | null;
  readonly reach: Reach;
  /** Whose socket it may use: one Connection's, or null for a socket of its own. */
  readonly owner: string | null;
  /** Where a redirect may lead; null ends the call with the redirect as its answer. */
  readonly redirected: (from: URL, location: string) => URL | null;
}

export interface ClientOptions {
  readonly guards: AddressGuards;
  /** Milliseconds for one call. */
  readonly timeLimit: number;
  readonly sockets?: SocketLimits;
  /** How many records' connectors are kept. */
  readonly connectors?: number;
  readonly journal: Pick<Journal, 'warn'>;
}

/** What asking again will not change. */
const UNUSABLE: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'address-refused',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-large',
  UND_ERR_HEADERS_OVERFLOW: 'headers-too-large',
  UND_ERR_INVALID_ARG: 'request-invalid',
};

/** What a failed call came to. */
const failure = (error: unknown, deadline: TimeLimit): NoAnswer => {
  if (deadline.isOver) return { kind: 'down', code: 'timeout' };
  const unusable = UNUSABLE[codeOf(error) ?? ''];
  return unusable === undefined
    ? { kind: 'down', code: failureCode(error) }
    : { kind: 'unusable', code: unusable };
};

/** A kept socket broke before anything of the answer came: the server, or something on the way, had closed it while it was idle. */
class DeadSocket extends Error {}

const BROKEN =
  /^(?:ECONNRESET|ECONNABORTED|EPIPE|ETIMEDOUT|UND_ERR_SOCKET|UND_ERR_DESTROYED|UND_ERR_CLOSED|HPE_.*)$/;

const isBroken = (error: unknown): boolean => BROKEN.test(codeOf(error) ?? '');

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

const JSON_BODY = { 'content-type': 'application/json' };

/** A call as it goes over a socket. */
const wireRequest = ({ url, headers, body }: Call): Dispatcher.DispatchOptions => {
  const path = url.pathname + url.search;
  const sent = { 'accept-encoding': 'gzip, br', ...headers };
  return body === null
    ? { method: 'GET', path, headers: sent }
    : { method: 'POST', path, headers: { ...sent, ...JSON_BODY }, body };
};

const onward = (call: Call, answer: Answer): URL | null => {
  const { location } = answer.headers;
  return REDIRECTS.has(answer.status) && location !== undefined
    ? call.redirected(answer.url, location)
    : null;
};

/** Calls servers, within a time limit each, and never reaches a refused address. */
export class HttpClient {
  readonly #guards: AddressGuards;
  readonly #timeLimit: number;
  /** One for each record: a connector remembers TLS sessions, so that a new socket need not prove again who the server is. */
  readonly #connectors: LRUCache<string, buildConnector.connector>;
  readonly #sockets: Sockets;

  constructor({
    guards,
    timeLimit,
    sockets: limits = SOCKET_LIMITS,
    connectors: mostConnectors = MOST_KEPT,
    journal,
  }: ClientOptions) {
    this.#guards = guards;
    this.#timeLimit = timeLimit;
    this.#connectors = new LRUCache({ max: mostConnectors });
    this.#sockets = new Sockets({
      limits,
      connectorFor: (reach) => this.#connectorFor(reach),
      keyFor: (reach) => guards.key(reach),
      mostBytes: MOST_BYTES,
      timeLimit,
      unasked: (origin) =>
        journal.warn('provider-unasked-answer', {
          origin,
          fix: 'It, or a proxy before it, writes answers that were not asked for. Its connections are not kept for an hour; set keepAlive: false in the provider’s record until that is corrected.',
        }),
    });
  }

  async send(call: Call): Promise<Answer | NoAnswer> {
    const deadline = new TimeLimit(this.#timeLimit);
    const visited = new Set([call.url.href]);
    try {
      for (let { url } = call; ; ) {
        const answer = await this.#once({ ...call, url }, deadline);
        const next = answer.kind === 'answer' ? onward(call, answer) : null;
        if (next === null) return answer;
        if (visited.has(next.href) || visited.size > MOST_REDIRECTS)
          return { kind: 'unusable', code: 'redirect-loop' };
        visited.add(next.href);
        url = next;
      }
    } catch (error) {
      return failure(error, deadline);
    } finally {
      deadline.clear();
    }
  }

  close(): Promise<void> {
    return this.#sockets.close();
  }

  #connectorFor(reach: Reach): buildConnector.connector {
    const key = this.#guards.key(reach);
    const connector = this.#connectors.get(key) ?? this.#guards.for(reach).connector(this.#timeLimit);
    this.#connectors.set(key, connector);
    return connector;
  }

  /** RFC 9110 §9.2.2: a GET may be repeated where its connection closed before an answer. Once, on a new socket. */
  async #once(call: Call, deadline: TimeLimit): Promise<Answer | NoAnswer> {
    const route: Route = { origin: call.url.origin, reach: call.reach, owner: call.owner };
    const send = (socket: Socket, reused: boolean) => exchange(call, deadline, socket, reused);
    try {
      return await this.#sockets.use(route, false, deadline, send);
    } catch (error) {
      if (!(error instanceof DeadSocket)) throw error;
      return this.#sockets.use(route, true, deadline, send);
    }
  }
}

/** One request and its answer over a socket; throws `DeadSocket` where it may be sent once more. */
const exchange = async (
  call: Call,
  deadline: TimeLimit,
  socket: Socket,
  reused: boolean,
): Promise<Answer | NoAnswer> => {
  const received = await receive(socket, wireRequest(call), deadline);
  if ('error' in received) {
    const { error, isStarted } = received;
    // What was posted may have arrived: it is never sent again.
    const mayRepeat = call.body === null && reused && !isStarted && !deadline.isOver;
    throw mayRepeat && isBroken(error) ? new DeadSocket() : error;
  }
  const { status, headers, body: sent } = received;
  const coding = headers['content-encoding'];
  const body = coding === undefined ? sent : await unpack(coding, sent, MOST_BYTES);
  if (!Buffer.isBuffer(body)) return { kind: 'unusable', code: body.problem };
  return { kind: 'answer', status, headers, body, url: call.url };
};

/** What became of a body: itself, or why it cannot be had. */
export type Unpacked = Buffer | { readonly problem: 'too-large' | 'unreadable' };

/** Codings on top of each other; servers apply one, and a proxy before them perhaps another. */
const MOST_CODINGS = 3;

type Unpack = (body: Buffer, limits: { readonly maxOutputLength: number }) => Promise<Buffer>;

const isZlib = (body: Buffer): boolean =>
  body.length >= 2 && ((body[0] ?? 0) & 0x0f) === 8 && body.readUInt16BE(0) % 31 === 0;

/** `deflate` is the zlib format (RFC 9110 §8.4.1.2); some servers send the bare stream inside it. */
const undeflate: Unpack = (body, limits) => promisify(isZlib(body) ? inflate : inflateRaw)(body, limits);

const codings: ReadonlyMap<string, Unpack> = new Map([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', undeflate],
  ['br', promisify(brotliDecompress)],
]);

/** What names no coding at all. */
const PLAIN = new Set(['', 'identity', 'none', 'utf-8']);

/** A body as it was before it was packed (RFC 9110 §8.4), at most `mostBytes` at every step. */
export const unpack = async (
  encoding: string | readonly string[] | undefined,
  body: Buffer,
  mostBytes: number,
): Promise<Unpacked> => {
  const names = String(encoding ?? '')
    .toLowerCase()
    .split(',')
    .map((name) => name.trim())
    .filter((name) => !PLAIN.has(name));
  if (names.length > MOST_CODINGS) return { problem: 'unreadable' };
  let unpacked = body;
  // The coding applied last is named last.
  for (const name of names.reverse()) {
    if (unpacked.length === 0) return unpacked;
    const step = codings.get(name);
    if (step === undefined) return { problem: 'unreadable' };
    try {
      unpacked = await step(unpacked, { maxOutputLength: mostBytes });
    } catch (error) {
      const isTooLarge = error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
      return { problem: isTooLarge ? 'too-large' : 'unreadable' };
    }
  }
  return unpacked;
};
