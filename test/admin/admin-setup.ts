import type { InForce } from '../../src/admin/admin-deps.js';
import { listRefreshTroubles, retryProvider } from '../../src/admin/connections/refresh-trouble.js';
import {
  countConnections,
  getConnection,
  listConnections,
  listEndings,
  revokeConnection,
  revokeConnections,
} from '../../src/admin/connections/use-cases.js';
import { getOverview } from '../../src/admin/overview/use-cases.js';
import type { MaskedEntry } from '../../src/admin/records/masking.js';
import type { ManagedRecord } from '../../src/admin/records/use-cases.js';
import type { Actor } from '../../src/domain/actor.js';
import { Secret } from '../../src/domain/secret.js';
import type { SetupRecord } from '../../src/domain/setup-record.js';
import type { ConnectionFilter } from '../../src/store/connections/connection-lists.js';
import type { Instance } from '../../src/store/instance-store.js';
import { type ConnectSetup, setUpConnect } from '../connect/connect-setup.js';
import { stepsOf } from '../connect/steps.js';
import { replacing } from '../support/replacing.js';

/** The administrator of these tests. */
export const ruth: Actor = { kind: 'admin', id: 'a1', name: 'Ruth' };

export const record = (
  kind: ManagedRecord['kind'],
  id: string,
  given: Partial<ManagedRecord> = {},
): ManagedRecord => ({
  kind,
  id,
  name: id.toUpperCase(),
  origin: 'file',
  version: null,
  entry: {} as MaskedEntry,
  updatedAt: null,
  updatedBy: null,
  leavingAt: null,
  faults: [],
  ...given,
});

type Ports = ConnectSetup['ports'];

/** Records as they stand: tests put others in their place. */
export const someRecords = (): ManagedRecord[] => [
  record('provider', 'github'),
  record('provider', 'mingle'),
  record('host', 'gocd'),
];

/** Deps over these records, in place of those of file and store. */
export const withRecords = <Given extends Ports>(ports: Given, records: readonly ManagedRecord[]) => {
  const isStored = ({ origin, leavingAt }: ManagedRecord): boolean =>
    origin === 'store' || leavingAt !== null;
  const named = ({ name, entry }: ManagedRecord) => ({ name, ...entry });
  const group = (kind: ManagedRecord['kind']) =>
    Object.fromEntries(
      records.filter((each) => each.kind === kind && !isStored(each)).map((each) => [each.id, named(each)]),
    );
  const inForce: InForce = {
    file: () => ({ file: 'oriel.yaml', hosts: group('host'), providers: group('provider') }),
    bound: () => [],
    read: () => ({ hosts: [], providers: [] }),
    faults: () => records.flatMap(({ faults }) => faults),
    refresh: async () => {},
  };
  const all = async (): Promise<readonly SetupRecord[]> =>
    records.filter(isStored).map((each) => ({
      kind: each.kind,
      id: each.id,
      version: each.version ?? 1,
      entry: each.entry === null ? null : new Secret(JSON.stringify(named(each))),
      secretsSetAt: {},
      createdAt: 0,
      updatedAt: each.updatedAt ?? 0,
      updatedBy: each.updatedBy ?? 'Ruth',
      leavingAt: each.leavingAt,
    }));
  const stores = { ...ports.stores, setup: replacing(ports.stores.setup, { all }) };
  return { ...ports, stores, inForce };
};

/** The use cases of Connections and of the overview, over these records. */
export const useCasesOver = (ports: Ports, records: readonly ManagedRecord[]) => {
  const deps = withRecords(ports, records);
  return {
    deps,
    connections: {
      list: (filter: ConnectionFilter, cursor: string | null) => listConnections(deps, filter, cursor),
      counts: () => countConnections(deps),
      get: (id: string) => getConnection(deps, id),
      revoke: (id: string, by: Actor) => revokeConnection(deps, id, by),
      endings: (of: ConnectionFilter) => listEndings(deps, of),
      revokeAll: (of: ConnectionFilter, by: Actor) => revokeConnections(deps, of, by),
    },
    refreshing: {
      troubles: () => listRefreshTroubles(deps),
      retry: (provider: string | null, by: Actor) => retryProvider(deps, provider, by),
    },
    overview: () => getOverview(deps),
  };
};

/** What administrators look after, over a connectSetup in which viewers connect. */
export const setUpAdmin = async (given: Parameters<typeof setUpConnect>[0] = {}) => {
  const connectSetup = await setUpConnect(given);
  const { ports, stores, clock } = connectSetup;
  const records = someRecords();
  const beat = (id: string, more: Partial<Instance> = {}): Promise<void> =>
    stores.instances.beat({
      id,
      startedAt: clock.now(),
      seenAt: clock.now(),
      keys: ['k'],
      reload: 0,
      problem: null,
      restart: [],
      gadgets: [],
      ...more,
    });
  return {
    ...connectSetup,
    ...stepsOf(connectSetup),
    records,
    beat,
    ...useCasesOver(ports, records),
    /** What the audit log holds, oldest first. */
    async logged() {
      const entries = await stores.audit.list({}, { before: null, limit: 100 });
      return entries.toReversed();
    },
  };
};

export type AdminSetup = Awaited<ReturnType<typeof setUpAdmin>>;
