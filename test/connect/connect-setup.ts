import { AuditWriter } from '../../src/admin/audit/audit-writer.js';
import type { ConnectDeps, FlowNonces } from '../../src/connect/connect-deps.js';
import { ObservedIssuers } from '../../src/connect/consent/observed-issuers.js';
import type { Gadget } from '../../src/domain/gadget.js';
import { Secret } from '../../src/domain/secret.js';
import type { Peers } from '../../src/domain/system.js';
import { viewerOf } from '../../src/domain/viewer.js';
import type { Host } from '../../src/hosts/host.js';
import type { Provider } from '../../src/providers/provider.js';
import { systemDigest, systemEntropy } from '../../src/server/node-system.js';
import { openStores } from '../../src/store/open-stores.js';
import { HOST_SECRET } from '../support/host-token.js';
import { providerFixture } from '../support/provider-fixture.js';
import { rejection } from '../support/rejection.js';
import { TestClock } from '../support/test-clock.js';
import { AuthorizationServer } from './server-double.js';

export const NOW = 1_800_000_000_000;
export const HOUR = 3_600_000;
export const SITE = 'https://oriel.example';
export const alice = viewerOf('gocd', 'alice');
export const bob = viewerOf('gocd', 'bob');

export const providerNamed = (id: string, given: Partial<Provider> = {}): Provider =>
  providerFixture({
    id,
    name: id === 'mingle' ? 'Mingle' : 'GitHub',
    revocation: { kind: 'rfc7009', endpoint: `https://${id}.example/revoke` },
    account: { target: '/me', format: 'json', id: 'id', label: 'login' },
    accountPage: `https://${id}.example/account`,
    scopes: ['read'],
    selectAccountParameters: { prompt: 'select_account' },
    client: { id: 'client-1', secret: new Secret('client-secret') },
    ...given,
  });

export const github = providerNamed('github');
/** The legacy dialect: no account, no revocation, one grant for each person, errors without `state`. */
export const mingle = providerNamed('mingle', {
  account: 'none',
  revocation: { kind: 'none' },
  pkce: 'none',
  oneGrantPerAccount: true,
  errorsCarryState: false,
  errorCodes: { 'access-denied': 'access_denied' },
  scopes: [],
});

export const gocd: Host = {
  id: 'gocd',
  name: 'GoCD',
  origins: ['https://gocd.example', 'https://builds.example'],
  key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(HOST_SECRET) },
  gadgets: ['reviews'],
  providers: ['github', 'mingle', 'jira'],
  connectMode: 'opener',
  connectUrl: null,
};

const reviews: Gadget = {
  id: 'reviews',
  title: 'Reviews',
  description: '',
  version: '1',
  parameters: [],
  requests: [],
  providers: ['github', 'mingle', 'gitlab'],
  images: [],
  view: 'reviews',
  style: null,
  texts: {},
};

export type ConnectSetup = Awaited<ReturnType<typeof setUpConnect>>;

/** What the use cases need: a real store, a server that answers at the port, and all that was noted and purged. */
export const setUpConnect = async (
  given: {
    providers?: readonly Provider[];
    url?: string;
    clock?: TestClock;
    server?: AuthorizationServer;
    key?: string;
    peers?: Peers;
  } = {},
) => {
  const clock = given.clock ?? new TestClock();
  const server = given.server ?? new AuthorizationServer(clock);
  const key = new Secret(Buffer.alloc(32, given.key ?? 'k').toString('base64url'));
  const stores = await openStores({
    url: given.url ?? 'sqlite::memory:',
    keys: [{ id: given.key ?? 'k', key }],
    clock,
  });
  const providers = new Map((given.providers ?? [github, mingle]).map((each) => [each.id, each]));
  const journal: { event: string; [field: string]: unknown }[] = [];
  const purged: string[] = [];
  /** Provider and outcome of each refresh, as they were counted. */
  const refreshes: string[] = [];
  const noted = {
    note: (event: string, fields: object) => void journal.push({ ...fields, event }),
    warn: (event: string, fields: object) => void journal.push({ ...fields, event }),
  };
  // What it counts for a minute must not let the minute pass.
  const audit = new AuditWriter(stores.audit, { clock: clock.waiting, journal: noted });
  const ports: ConnectDeps = {
    stores,
    directory: {
      host: (id) => (id === gocd.id ? gocd : undefined),
      provider: (id) => providers.get(id),
      providerName: (id) => providers.get(id)?.name ?? id,
      leaving: () => undefined,
      gadget: (id) => (id === reviews.id ? reviews : undefined),
      gadgets: () => [reviews],
    },
    authorizer: server,
    upstream: {
      ask: async (_, { token }) => {
        const account = server.accounts.get(token.reveal());
        if (account === undefined || account === 'nobody') return rejection();
        const data = account === 'nameless' ? {} : { id: `id-${account}`, login: account };
        return {
          kind: 'data',
          data,
          fetchedAt: 0,
          sentAt: 0,
          freshUntil: 0,
          stale: false,
          pages: 1,
          bytes: 2,
          more: false,
        };
      },
    },
    caches: { purge: (id) => void purged.push(id) },
    clock,
    entropy: systemEntropy,
    peers: given.peers ?? { own: 'this-1-test', isDead: () => false },
    digest: systemDigest,
    meter: { refreshed: (provider, outcome) => void refreshes.push(`${provider} ${outcome}`) },
    journal: noted,
    audit,
    observedIssuers: new ObservedIssuers({ audit, clock, journal: noted, stores }),
    siteOrigin: SITE,
  };
  return { ports, stores, clock, server, providers, journal, purged, refreshes };
};

/** The cookies of one browser. */
export class Browser implements FlowNonces {
  readonly #nonces = new Map<string, Secret>();
  keep(flow: string, nonce: Secret): void {
    this.#nonces.set(flow, nonce);
  }
  of(flow: string): Secret | null {
    return this.#nonces.get(flow) ?? null;
  }
  all(): readonly Secret[] {
    return [...this.#nonces.values()];
  }
}
