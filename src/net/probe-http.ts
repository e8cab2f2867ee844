import { Agent, request } from 'undici';
import { parseUrl } from '../domain/parse-url.js';
import type { AnswerFact, Probe } from '../providers/probe-facts.js';
import type { AddressGuard } from './address-guard.js';
import { textOf } from './answer-body.js';
import { reasonOf } from './probe-failure.js';
import { USER_AGENT } from './user-agent.js';

/** Bytes of a body that are read: enough for every sentence a server says, and for nothing else. */
const MOST_READ = 64 * 1024;

type Post = Parameters<Probe['post']>[1];

interface Sending {
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

/** RFC 6749 appendix B, as the client proper writes it. */
const formEncoded = (text: string): string =>
  encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

/** A secret so short would blank out half of every sentence. */
const SHORTEST = 4;

/** A form from an OAuth client, which authenticates in one way only (RFC 6749 §2.3). */
export const asClient = ({ form, client, authentication }: Post): Sending => {
  const secret = client.secret.reveal();
  const basic = Buffer.from(`${formEncoded(client.id)}:${formEncoded(secret)}`).toString('base64');
  const inBody = { client_id: client.id, client_secret: secret };
  return {
    method: 'POST',
    headers: {
      accept: 'application/json',
      'user-agent': USER_AGENT,
      'content-type': 'application/x-www-form-urlencoded',
      ...(authentication === 'basic' && { authorization: `Basic ${basic}` }),
    },
    body: new URLSearchParams({ ...form, ...(authentication === 'body' && inBody) }).toString(),
    secrets: [secret, formEncoded(secret), basic].filter(({ length }) => length >= SHORTEST),
  };
};
