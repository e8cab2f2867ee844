import { Agent, type Dispatcher } from 'undici';
import type { AddressGuard } from './address-guard.js';
import { bodyOf, MOST_BYTES, UnreadableBody } from './answer-body.js';
import { codeOf } from './network-failure.js';
import { USER_AGENT } from './user-agent.js';

/** Runs `work` over a connection of its own behind the guard, and closes it. Milliseconds to connect; bytes of one answer's body. */
export const overOneConnection = async <T>(
  guard: Pick<AddressGuard, 'connector'>,
  timeLimit: number,
  mostBytes: number | null,
  work: (dispatcher: Dispatcher) => Promise<T>,
): Promise<T> => {
  const agent = new Agent({
    connect: guard.connector(timeLimit),
    ...(mostBytes !== null && { maxResponseSize: mostBytes }),
  });
  try {
    return await work(agent);
  } finally {
    await agent.destroy();
  }
};

/** An address as a dispatcher takes it. */
export const target = ({
  origin,
  pathname,
  search,
}: URL): Pick<Dispatcher.RequestOptions, 'origin' | 'path'> => ({
  origin,
  path: `${pathname}${search}`,
});

/** What a library that sends by itself passes on. */
interface LibraryRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** A failed call as its cause, which says more than that it failed. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error;

const sentBody = (body: unknown): string | Uint8Array | null => {
  if (body instanceof URLSearchParams) return body.toString();
  return typeof body === 'string' || body instanceof Uint8Array ? body : null;
};

/** `fetch` behind a guard, which is asked for each time; an answer is read whole, and no redirect is followed. */
export const guardedFetch =
  (guardNow: () => AddressGuard, timeLimit: number) =>
  async (url: string, { method, headers, body, signal }: LibraryRequest): Promise<Response> => {
    const guard = guardNow();
    if (guard.refuses(new URL(url)))
      throw Object.assign(new Error('that address may not be called'), { code: 'ADDRESS_REFUSED' });
    // Only sign-in by OpenID Connect needs it.
    const { fetch: send } = await import('undici');
    try {
      return await overOneConnection(guard, timeLimit, MOST_BYTES, async (dispatcher) => {
        const answer = await send(url, {
          method,
          headers,
          body: sentBody(body),
          dispatcher,
          redirect: 'manual',
          signal: signal ?? AbortSignal.timeout(timeLimit),
        });
        const { status } = answer;
        const bytes = await answer.arrayBuffer();
        return new Response(bytes.byteLength === 0 ? null : bytes, { status, headers: [...answer.headers] });
      });
    } catch (error) {
      throw causeOf(error);
    }
  };

/** A JSON object, or a sentence for the administrator that says why there is none. */
export type Metadata = { readonly [name: string]: unknown } | string;

const objectIn = (body: unknown): Metadata => {
  if (body instanceof UnreadableBody) return `it is not JSON (${body.code})`;
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.freeze({ ...body })
    : 'it is not a JSON object';
};

/** Reads a server's public metadata over a guarded connection, without redirects, within `timeLimit` milliseconds and 256 kB. */
export const fetchMetadata = async (url: URL, guard: AddressGuard, timeLimit: number): Promise<Metadata> => {
  if (guard.refuses(url)) return 'its address may not be called';
  try {
    return await overOneConnection(guard, timeLimit, MOST_BYTES, async (dispatcher) => {
      const answer = await dispatcher.request({
        ...target(url),
        method: 'GET',
        signal: AbortSignal.timeout(timeLimit),
        headers: { accept: 'application/json', 'user-agent': USER_AGENT },
      });
      const bytes = Buffer.from(await answer.body.arrayBuffer());
      return answer.statusCode === 200 ? objectIn(bodyOf(bytes)) : `it answers ${answer.statusCode}`;
    });
  } catch (error) {
    return `it cannot be reached (${codeOf(error) ?? 'no answer in time'})`;
  }
};

/** The text of a host's key set. Rejects with a sentence that says why there is none. */
export type JwksFetch = (url: string) => Promise<string>;

const MOST_JWKS_BYTES = 64 * 1024;
const JWKS_TIME_LIMIT = 5000;

/** Asks for key sets behind the guard that is in force for their address, without redirects, within five seconds and 64 kB. */
export const jwksFetcher =
  (guardFor: (url: string) => Pick<AddressGuard, 'connector' | 'refuses'>): JwksFetch =>
  async (url) => {
    const guard = guardFor(url);
    if (guard.refuses(new URL(url))) throw new Error('that address may not be called');
    return overOneConnection(guard, JWKS_TIME_LIMIT, MOST_JWKS_BYTES, async (dispatcher) => {
      const answer = await dispatcher.request({
        ...target(new URL(url)),
        method: 'GET',
        signal: AbortSignal.timeout(JWKS_TIME_LIMIT),
        headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': USER_AGENT },
      });
      if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`);
      return answer.body.text();
    });
  };
