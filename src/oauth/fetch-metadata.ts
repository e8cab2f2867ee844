import { Agent, request } from 'undici';
import type { AddressGuard } from './address-guard.js';

const MOST_BYTES = 256 * 1024;

/** A JSON object, or a sentence for the administrator that says why there is none. */
export type Metadata = { readonly [name: string]: unknown } | string;

const objectIn = (text: string): Metadata => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.freeze({ ...value })
      : 'it is not a JSON object';
  } catch {
    return 'it is not JSON';
  }
};

const because = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return `it cannot be reached (${typeof code === 'string' ? code : 'no answer in time'})`;
};

/** Reads a server's public metadata over a guarded connection, without redirects, within `timeLimit` milliseconds and 256 kB. */
export const fetchMetadata = async (url: URL, guard: AddressGuard, timeLimit: number): Promise<Metadata> => {
  if (guard.refuses(url)) return 'its address may not be called';
  const { lookup, secureContext } = guard;
  const agent = new Agent({
    connect: { lookup, timeout: timeLimit, ...(secureContext !== undefined && { secureContext }) },
    maxResponseSize: MOST_BYTES,
  });
  try {
    const answer = await request(url, {
      dispatcher: agent,
      signal: AbortSignal.timeout(timeLimit),
      headers: { accept: 'application/json' },
    });
    const text = await answer.body.text();
    return answer.statusCode === 200 ? objectIn(text) : `it answers ${answer.statusCode}`;
  } catch (error) {
    return because(error);
  } finally {
    await agent.destroy();
  }
};
