import type { Provider } from '../../src/providers/provider.js';
import { gadget } from '../support/a-gadget.js';
import { gadgetFiles, hostEntries, providerEntries } from '../support/entries.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer, type TestServerOptions } from '../support/test-server.js';
import { github, gocd, mingle } from './connect-setup.js';
import { AuthorizationServer, serveAuthorization } from './server-double.js';

const REVIEWS = gadget({ id: 'reviews', title: 'Reviews', providers: ['github', 'mingle'] });

export interface ConnectServerOptions extends Omit<TestServerOptions, 'clock' | 'files' | 'bundled'> {
  readonly clock?: TestClock;
}

/**
 * Oriel with the host GoCD, whose gadget Reviews uses GitHub and Mingle, and the authorization server of both. Unless given another, its
 * clock stands still until a test moves it.
 */
export const createConnectServer = async (
  config: Readonly<Record<string, unknown>> = {},
  { clock = new TestClock('waits'), ...options }: ConnectServerOptions = {},
) => {
  const server = new AuthorizationServer(clock);
  const endpoints = await serveAuthorization(server);
  const providers = new Map([github, mingle].map((each) => [each.id, each]));
  const host = { ...gocd, providers: [...providers.keys()] };
  const configuration = () => ({
    ...{ database: 'sqlite::memory:', gadgets: ['./own'], hosts: hostEntries([host]) },
    providers: providerEntries([...providers.values()], endpoints.url),
    ...config,
  });
  const oriel = await createTestServer(configuration(), {
    ...{ ...options, clock, bundled: false, files: gadgetFiles(REVIEWS) },
  });
  return {
    ...oriel,
    running: oriel.server,
    clock,
    server,
    endpoints: endpoints.url,
    received: endpoints.received,
    /** What use cases are given. */
    ports: oriel.deps,
    /** Changes the record of a provider; resolves when the server uses it. */
    async change(id: string, change: Partial<Provider>): Promise<void> {
      const before = providers.get(id);
      if (before === undefined) throw new Error(`there is no ${id}`);
      providers.set(id, { ...before, ...change });
      await oriel.reload(configuration());
    },
    async close(): Promise<void> {
      await oriel.close();
      await endpoints.close();
    },
  };
};
