import { Agent, fetch as send } from 'undici';
import type { AddressGuard } from './address-guard.js';
import { MOST_BYTES } from './answer-body.js';

/** What a library that asks by itself passes on. */
interface Sending {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/** A failed call as its cause, which says more than that it failed. */
const causeOf = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error ? error.cause : error;

const bodyOf = (body: unknown): string | Uint8Array | null =>
  body instanceof URLSearchParams
    ? body.toString()
    : typeof body === 'string' || body instanceof Uint8Array
      ? body
      : null;

/** `fetch` behind a guard, which is asked for each time; an answer is read whole, and no redirect is followed. */
export const guardedFetch =
  (guardNow: () => AddressGuard, timeLimit: number) =>
  async (url: string, { method, headers, body, signal }: Sending): Promise<Response> => {
    const guard = guardNow();
    if (guard.refuses(new URL(url)))
      throw Object.assign(new Error('that address may not be called'), { code: 'ADDRESS_REFUSED' });
    const agent = new Agent({ connect: guard.connector(timeLimit), maxResponseSize: MOST_BYTES });
    try {
      const answer = await send(url, {
        method,
        headers,
        body: bodyOf(body),
        dispatcher: agent,
        redirect: 'manual',
        signal: signal ?? AbortSignal.timeout(timeLimit),
      });
      const { status } = answer;
      const bytes = await answer.arrayBuffer();
      return new Response(bytes.byteLength === 0 ? null : bytes, { status, headers: [...answer.headers] });
    } catch (error) {
      throw causeOf(error);
    } finally {
      await agent.destroy();
    }
  };
