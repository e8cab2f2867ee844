import { randomUUID } from 'node:crypto';
import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest, IncomingMessage } from 'node:http';
import { parseUrl } from '../domain/parse-url.js';

/*
 * simple-oauth2's HTTP client follows no redirect for us, and drops where it would have led. Node tells of every answer as it comes; a
 * header says whose it is. An AsyncLocalStorage would too, but makes every promise of the process slower from its first use on (Node 20).
 */

const HEADER = 'X-Request-Id';
const underWay = new Map<string, RedirectSeen>();
let isListening = false;

const listen = (): void => {
  if (isListening) return;
  isListening = true;
  subscribe('http.client.response.finish', (message) => {
    const { request, response } = message as {
      readonly request: ClientRequest;
      readonly response: IncomingMessage;
    };
    underWay.get(String(request.getHeader(HEADER)))?.see(response);
  });
};

/** Longer addresses are nothing to copy. */
const LONGEST = 200;

/** Where a request was redirected to, which is never followed, since it carries secrets (RFC 9700 §4.12). */
export class RedirectSeen {
  readonly #asked: string;
  readonly #id = randomUUID();
  #location: string | null = null;

  constructor(asked: string) {
    this.#asked = asked;
  }

  /** What the request must carry. */
  get headers(): Readonly<Record<string, string>> {
    return { [HEADER]: this.#id };
  }

  /** Makes the request. */
  async during<T>(request: () => Promise<T>): Promise<T> {
    listen();
    underWay.set(this.#id, this);
    try {
      return await request();
    } finally {
      underWay.delete(this.#id);
    }
  }

  see({ statusCode = 0, headers }: Pick<IncomingMessage, 'statusCode' | 'headers'>): void {
    if (statusCode >= 300 && statusCode <= 399) this.#location = headers.location ?? null;
  }

  /** Without what may repeat the request: query, fragment and credentials. Null where there was no redirect, or one to nowhere. */
  get address(): string | null {
    const url = this.#location === null ? null : parseUrl(this.#location, this.#asked);
    if (url === null) return null;
    const { protocol, host, pathname } = url;
    const address = `${protocol}//${host}${pathname}`;
    return /^https?:$/.test(protocol) && address.length <= LONGEST ? address : null;
  }
}
