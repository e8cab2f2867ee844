import { Agent, request } from 'undici';
import { parseUrl } from '../domain/parse-url.js';
import type { AddressGuard } from './address-guard.js';
import { textOf } from './answer-body.js';
import type { AnswerFact } from './network-facts.js';
import { reasonOf } from './probe-failure.js';

/** Bytes of a body that are read: enough for every sentence a server says, and for nothing else. */
const MOST_READ = 64 * 1024;

/** One request, and what of it may not be repeated. */
export interface Sending {
  readonly method: 'GET' | 'POST';
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Whatever of it an answer repeats is blanked out. */
  readonly secrets: readonly string[];
}

const beginningOf = async (body: AsyncIterable<Buffer>): Promise<string> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= MOST_READ) break;
  }
  const beginning = Buffer.concat(chunks).subarray(0, MOST_READ);
  return textOf(beginning) ?? beginning.toString('latin1');
};

const without = (text: string, secrets: readonly string[]): string =>
  secrets.reduce((blanked, secret) => blanked.replaceAll(secret, '[secret]'), text);

const oneOf = (header: string | string[] | undefined): string | null =>
  (Array.isArray(header) ? header[0] : header)?.trim() ?? null;

const whither = (location: string | null, from: URL): string | null =>
  location === null ? null : (parseUrl(location, from)?.href ?? null);

/** One exchange over a connection of its own, within the time limit in all; no redirect is followed. */
export const exchange = async (
  url: URL,
  { secrets, ...sending }: Sending,
  guard: AddressGuard,
  timeLimit: number,
): Promise<AnswerFact> => {
  if (guard.refuses(url)) return { kind: 'none', reason: 'address-refused', code: 'ADDRESS_REFUSED' };
  const agent = new Agent({ connect: guard.connector(timeLimit) });
  try {
    const signal = AbortSignal.timeout(timeLimit);
    const { statusCode, headers, body } = await request(url, { dispatcher: agent, signal, ...sending });
    const location = whither(oneOf(headers.location), url);
    return {
      kind: 'answer',
      status: statusCode,
      location: location === null ? null : without(location, secrets),
      contentType: (oneOf(headers['content-type']) ?? '').split(';', 1).join().trim().toLowerCase(),
      retryAfter: oneOf(headers['retry-after']),
      text: without(await beginningOf(body), secrets),
    };
  } catch (error) {
    return { kind: 'none', ...reasonOf(error) };
  } finally {
    await agent.destroy();
  }
};

/** As a person's browser asks for a page; cookies it has none. */
export const asBrowser: Sending = {
  method: 'GET',
  headers: {
    accept: 'text/html,application/xhtml+xml;q=0.9,*/*;q=0.8',
    'accept-language': 'en',
    'user-agent': 'Mozilla/5.0 (compatible; Oriel)',
  },
  secrets: [],
};
