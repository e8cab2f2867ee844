import type { IncomingHttpHeaders } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { LRUCache } from 'lru-cache';
import { Pool } from 'undici';
import type { Reach } from '../domain/probe.js';
import { guardedConnector } from './connector.js';
import { guards, MOST_KEPT, reachKey } from './guard.js';

/** Connections to one origin: enough that a page of frames waits for the provider, never for us. */
const CONNECTIONS = 128;

/** Bytes of one answer, before and after decompression. */
const MOST_BYTES = 5 * 1024 * 1024;

/** Milliseconds for one call as a whole: name, connection, TLS, headers and body. */
export const DEADLINE = 10_000;

/** An answer was read to its end. */
export interface Answer {
  readonly kind: 'answer';
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** No answer: `down` when asking again may help, `unusable` when it will not. `code` is stable and harmless. */
export interface NoAnswer {
  readonly kind: 'down' | 'unusable';
  readonly code: string;
}

/** Calls that never follow a redirect and never reach a refused address. */
export interface Client {
  get(url: URL, headers: Readonly<Record<string, string>>, reach: Reach): Promise<Answer | NoAnswer>;
  close(): Promise<void>;
}

const codeOf = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : '';
};

const decompressors: ReadonlyMap<string, (body: Buffer) => Promise<Buffer>> = new Map([
  ['gzip', (body) => promisify(gunzip)(body, { maxOutputLength: MOST_BYTES })],
  ['br', (body) => promisify(brotliDecompress)(body, { maxOutputLength: MOST_BYTES })],
  ['identity', async (body) => body],
]);

/** A body as it was before it was packed (RFC 9110 §8.4). */
const unpacked = async (encoding: string, body: Buffer): Promise<Buffer | NoAnswer> => {
  const unpack = decompressors.get(encoding);
  if (unpack === undefined) return { kind: 'unusable', code: 'unreadable' };
  if (body.length === 0) return body;
  try {
    return await unpack(body);
  } catch (error) {
    const code = codeOf(error) === 'ERR_BUFFER_TOO_LARGE' ? 'too-large' : 'unreadable';
    return { kind: 'unusable', code };
  }
};

const unusable: Readonly<Record<string, string>> = {
  ADDRESS_REFUSED: 'address-refused',
  UND_ERR_RES_EXCEEDED_MAX_SIZE: 'too-large',
  UND_ERR_INVALID_ARG: 'request-invalid',
};

const unreachable: Readonly<Record<string, string>> = {
  ENOTFOUND: 'name-unknown',
  EAI_AGAIN: 'name-unknown',
  ECONNREFUSED: 'connection-refused',
  UND_ERR_CONNECT_TIMEOUT: 'timeout',
  UND_ERR_HEADERS_TIMEOUT: 'timeout',
  UND_ERR_BODY_TIMEOUT: 'timeout',
};

/** What a failed call came to. The certificate codes of OpenSSL and Node all name the certificate or its signature. */
const failure = (error: unknown, deadline: AbortSignal): NoAnswer => {
  if (deadline.aborted) return { kind: 'down', code: 'timeout' };
  const code = codeOf(error);
  const hopeless = unusable[code];
  if (hopeless !== undefined) return { kind: 'unusable', code: hopeless };
  if (/CERT|SIGNATURE|ERR_TLS/.test(code)) return { kind: 'down', code: 'certificate' };
  return { kind: 'down', code: unreachable[code] ?? 'network' };
};

/**
 * One pool of kept connections for each origin and what may be reached and is trusted there, so that what one record trusts never
 * serves another's call. `timeLimit` is for a whole call, in milliseconds.
 */
export const client = (timeLimit: number): Client => {
  const pools = new LRUCache<string, Pool>({
    max: MOST_KEPT,
    // Calls under way are answered first.
    dispose: (pool) => void pool.close(),
  });
  const guardFor = guards();

  const poolOf = (origin: string, reach: Reach): Pool => {
    const key = `${origin} ${reachKey(reach)}`;
    const known = pools.get(key);
    if (known !== undefined) return known;
    const pool = new Pool(origin, {
      connections: CONNECTIONS,
      connect: guardedConnector(guardFor(reach), timeLimit),
      maxResponseSize: MOST_BYTES,
      headersTimeout: timeLimit,
      bodyTimeout: timeLimit,
    });
    pools.set(key, pool);
    return pool;
  };

  return {
    async get(url, headers, reach) {
      const deadline = AbortSignal.timeout(timeLimit);
      try {
        const response = await poolOf(url.origin, reach).request({
          method: 'GET',
          path: url.pathname + url.search,
          headers: { 'accept-encoding': 'gzip, br', ...headers },
          signal: deadline,
        });
        const sent = Buffer.from(await response.body.arrayBuffer());
        const encoding = String(response.headers['content-encoding'] ?? 'identity').toLowerCase();
        const body = await unpacked(encoding, sent);
        if (!Buffer.isBuffer(body)) return body;
        return { kind: 'answer', status: response.statusCode, headers: response.headers, body };
      } catch (error) {
        return failure(error, deadline);
      }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()));
    },
  };
};
