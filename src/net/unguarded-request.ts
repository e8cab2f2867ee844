import * as http from 'node:http';
import * as https from 'node:https';
import { unpack } from './http-client.js';

/** One request, sent as it is. */
export interface UnguardedRequest {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** An answer, read to its end. */
export interface UnguardedAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** Bytes of one answer. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Milliseconds that a socket waits for the next request: less than servers wait for it, which would close it just as it is sent. */
const LONGEST_IDLE = 2000;

const agents = {
  'http:': new http.Agent({ keepAlive: true, timeout: LONGEST_IDLE }),
  'https:': new https.Agent({ keepAlive: true, timeout: LONGEST_IDLE }),
};

const headersOf = ({ headersDistinct }: http.IncomingMessage): Headers => {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct))
    for (const value of values) headers.append(name, value);
  return headers;
};

/**
 * Asks any server, as a browser would and following no redirect: only `oriel verify` does, which plays people before a server of theirs. The
 * global `fetch` takes several times as long for it, in streams and signals that no one needs who reads each answer whole.
 */
export const unguardedRequest = async (
  url: string,
  { body, headers: own, method }: UnguardedRequest,
): Promise<UnguardedAnswer> => {
  const isPlain = new URL(url).protocol === 'http:';
  const agent = agents[isPlain ? 'http:' : 'https:'];
  const sent = { 'accept-encoding': 'gzip, deflate', 'accept-language': '*', 'sec-fetch-mode': 'cors' };
  const length = body === null ? {} : { 'content-length': Buffer.byteLength(body) };
  const answer = await new Promise<http.IncomingMessage>((resolve, reject) =>
    (isPlain ? http : https)
      .request(url, { agent, method, headers: { ...sent, ...own, ...length } }, resolve)
      .on('error', reject)
      .end(body ?? undefined),
  );
  const chunks: Buffer[] = [];
  for await (const chunk of answer) chunks.push(chunk as Buffer);
  const headers = headersOf(answer);
  const read = await unpack(headers.get('content-encoding') ?? '', Buffer.concat(chunks), MOST_BYTES);
  if (!Buffer.isBuffer(read)) throw new Error(`The answer of ${new URL(url).origin} is ${read.problem}.`);
  return { status: answer.statusCode ?? 0, headers, text: read.toString() };
};
