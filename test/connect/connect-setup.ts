import type { AdminDeps, InForce } from '../../src/admin/admin-deps.js';
import { AuditWriter } from '../../src/admin/audit/audit-writer.js';
import { parseConfig } from '../../src/config/read-config.js';
import { entriesIn } from '../../src/config/read-entries.js';
import type { FlowNonces } from '../../src/connect/connect-deps.js';
import type { ConnectionId } from '../../src/domain/connection.js';
import type { Gadget } from '../../src/domain/gadget.js';
import { Secret } from '../../src/domain/secret.js';
import type { Peers } from '../../src/domain/system.js';
import { viewerOf } from '../../src/domain/viewer.js';
import type { Host } from '../../src/hosts/host.js';
import type { Provider } from '../../src/providers/provider.js';
import { limitsFor } from '../../src/server/limits.js';
import { openLog } from '../../src/server/log.js';
import { Metrics } from '../../src/server/metrics.js';
import { systemDigest, systemEntropy } from '../../src/server/node-system.js';
import { Outgoing } from '../../src/server/outgoing.js';
import { misplacedReporter } from '../../src/server/report-misplaced.js';
import { readerFor } from '../../src/server/setup-content.js';
import { useCaseDeps } from '../../src/server/use-case-deps.js';
import { openStores } from '../../src/store/open-stores.js';
import type { SealingKey } from '../../src/store/sealing/sealing-key.js';
import type { UpstreamOutcome } from '../../src/upstream/upstream-call.js';
import { HOST_SECRET } from '../support/host-token.js';
import { providerFixture } from '../support/provider-fixture.js';
import { rejection } from '../support/rejection.js';
import { replacing } from '../support/replacing.js';
import { TestClock } from '../support/test-clock.js';
import { DeclaredProviders } from './declared-providers.js';
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

/** Little of everything: room for what no test fills takes longer to lay out than all the rest. */
const ROOM = limitsFor(1);
const LIMITS = {
  ...ROOM,
  caches: { ...ROOM.caches, entries: 100, flights: 100, pauses: 100 },
  remembered: { ...ROOM.remembered, connections: 300, tokens: 300, sessions: 10 },
};

const ringOf = (id: string): SealingKey => ({
  id,
  key: new Secret(Buffer.alloc(32, id).toString('base64url')),
});

/** A configuration that declares no provider and no host: each test declares its own. */
const config = parseConfig(
  Buffer.from(
    JSON.stringify({
      ...{ gadgetOrigin: 'https://gadgets.example', siteOrigin: SITE, database: 'sqlite::memory:' },
      keys: [`k:${ringOf('k').key.reveal()}`],
    }),
  ),
  '/etc/oriel/oriel.yaml',
  {},
);

const inForce: InForce = {
  file: () => entriesIn(config),
  bound: () => [],
  read: readerFor(config, [reviews]),
  faults: () => [],
  refresh: async () => undefined,
};

/** What the API says to a token: whose account it is of. */
const accountOf = (server: AuthorizationServer, token: Secret): UpstreamOutcome => {
  const account = server.accounts.get(token.reveal());
  if (account === undefined || account === 'nobody') return rejection();
  return {
    kind: 'data',
    data: account === 'nameless' ? {} : { id: `id-${account}`, login: account },
    ...{ fetchedAt: 0, sentAt: 0, freshUntil: 0, stale: false, pages: 1, bytes: 2, more: false },
  };
};

/** What was noted and counted, and whose answers were dropped. */
const recorders = (clock: TestClock) => {
  const journal: { event: string; [field: string]: unknown }[] = [];
  const purged: string[] = [];
  /** Provider and outcome of each refresh. */
  const refreshes: string[] = [];
  const note = (event: string, fields: object): void => void journal.push({ ...fields, event });
  return {
    recorded: { journal, purged, refreshes },
    journal: { note, warn: note },
    meter: replacing(new Metrics(clock.now), {
      refreshed: (provider, outcome) => void refreshes.push(`${provider} ${outcome}`),
    }),
    purge: (id: ConnectionId): void => void purged.push(id),
  };
};

export type ConnectSetup = Awaited<ReturnType<typeof setUpConnect>>;

/**
 * What use cases are called with by the server, without its pages: the database is in memory, and the provider's end is a server of this
 * process, which is asked directly instead of over the network.
 */
export const setUpConnect = async (
  given: {
    providers?: readonly Provider[];
    url?: string;
    clock?: TestClock;
    server?: AuthorizationServer;
    key?: string;
    peers?: Peers;
    /** Addresses beyond public ones that may be called. */
    allow?: readonly string[];
  } = {},
) => {
  const { key = 'k', url = config.database, peers = { own: 'this-1-test', isDead: () => false } } = given;
  const { clock = new TestClock(), providers = [github, mingle] } = given;
  const { server = new AuthorizationServer(clock) } = given;
  const stores = await openStores({ url, keys: [ringOf(key)], clock, limits: LIMITS.remembered });
  const { recorded, journal, meter, purge } = recorders(clock);
  const system = { peers, clock, entropy: systemEntropy, digest: systemDigest, journal, meter };
  const misplaced = misplacedReporter(meter, openLog('silent').requests);
  const { allow = config.outgoing.allow } = given;
  const called = { ...config, outgoing: { ...config.outgoing, allow } };
  const calls = new Outgoing(() => called, { ...system, misplaced }, LIMITS);
  const provided = {
    ...calls,
    authorizer: replacing(calls.authorizer, server),
    upstream: replacing(calls.upstream, { ask: async (_, { token }) => accountOf(server, token) }),
    caches: replacing(calls.caches, { purge }),
  };
  const declared = new DeclaredProviders({ ...system, ...calls }, { host: gocd, gadget: reviews });
  for (const each of providers) declared.declare(each);
  const { directory } = declared;
  // What it counts for a minute must not let the minute pass.
  const audit = new AuditWriter(stores.audit, { clock: clock.waiting, journal });
  const ports: AdminDeps = useCaseDeps(system, provided, { config, stores, directory, inForce, audit });
  return { ports, stores, clock, server, declared, ...recorded };
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
