import { Agent, request } from 'undici';
import type { AddressGuard } from './address-guard.js';
import { bodyOf, MOST_BYTES, UnreadableBody } from './answer-body.js';
import { USER_AGENT } from './user-agent.js';

/** A JSON object, or a sentence for the administrator that says why there is none. */
export type Metadata = { readonly [name: string]: unknown } | string;

const objectIn = (body: unknown): Metadata => {
  if (body instanceof UnreadableBody) return `it is not JSON (${body.code})`;
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? Object.freeze({ ...body })
    : 'it is not a JSON object';
};

const because = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return `it cannot be reached (${typeof code === 'string' ? code : 'no answer in time'})`;
};

/** Reads a server's public metadata over a guarded connection, without redirects, within `timeLimit` milliseconds and 256 kB. */
export const fetchMetadata = async (url: URL, guard: AddressGuard, timeLimit: number): Promise<Metadata> => {
  if (guard.refuses(url)) return 'its address may not be called';
  const agent = new Agent({ connect: guard.connector(timeLimit), maxResponseSize: MOST_BYTES });
  try {
    const answer = await request(url, {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeLimit),
      headers: { accept: 'application/json', 'user-agent': USER_AGENT },
    });
    const bytes = Buffer.from(await answer.body.arrayBuffer());
    return answer.statusCode === 200 ? objectIn(bodyOf(bytes)) : `it answers ${answer.statusCode}`;
  } catch (error) {
    return because(error);
  } finally {
    await agent.destroy();
  }
};
