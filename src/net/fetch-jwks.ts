import { Agent, type buildConnector, request } from 'undici';

import { USER_AGENT } from './user-agent.js';

/** Gets a host's JWKS document as text; rejects on anything but a 200 from that very address. */
export type JwksFetch = (url: string) => Promise<string>;

const LIMIT = 64 * 1024;
const PATIENCE = 5000;

/** What stands between an address and a socket; null where that address may not be called. */
export interface JwksGuard {
  connector(timeLimit: number): buildConnector.connector;
  refuses(url: URL): boolean;
}

/**
 * Asks for key sets, each over a connection of its own behind the guard that is in force for its address, without redirects, within five
 * seconds and 64 kB.
 */
export const jwksFetcher =
  (guardFor: (url: string) => JwksGuard): JwksFetch =>
  async (url) => {
    const guard = guardFor(url);
    if (guard.refuses(new URL(url))) throw new Error('that address may not be called');
    const agent = new Agent({ connect: guard.connector(PATIENCE), maxResponseSize: LIMIT });
    try {
      const answer = await request(url, {
        dispatcher: agent,
        signal: AbortSignal.timeout(PATIENCE),
        headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': USER_AGENT },
      });
      if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`);
      return await answer.body.text();
    } finally {
      await agent.destroy();
    }
  };
