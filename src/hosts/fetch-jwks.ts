import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { USER_AGENT } from '../domain/user-agent.js';
import type { JwksFetch } from './jwks.js';

const LIMIT = 64 * 1024;
const PATIENCE = 5000;

/** What stands between an address and a socket; null where that address may not be called. */
export interface JwksGuard {
  readonly lookup: LookupFunction;
  refuses(url: URL): boolean;
}

/** Asks for key sets over connections of its own, guarded, without redirects, within five seconds and 64 kB. */
export const jwksFetcher = (guard: JwksGuard): { readonly fetchJwks: JwksFetch; close(): Promise<void> } => {
  const agent = new Agent({ connect: { lookup: guard.lookup }, maxResponseSize: LIMIT });
  return {
    async fetchJwks(url) {
      if (guard.refuses(new URL(url))) throw new Error('that address may not be called');
      const signal = AbortSignal.timeout(PATIENCE);
      const answer = await request(url, {
        dispatcher: agent,
        signal,
        headers: { accept: 'application/jwk-set+json, application/json', 'user-agent': USER_AGENT },
      });
      if (answer.statusCode !== 200) {
        await answer.body.dump();
        throw new Error(`it answered ${answer.statusCode}`);
      }
      return answer.body.text();
    },
    close: () => agent.close(),
  };
};
