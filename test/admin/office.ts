import { startDeparture } from '../../src/admin/connections/departures.js';
import { refreshing } from '../../src/admin/connections/refresh-trouble.js';
import { connectionAdmin } from '../../src/admin/connections/use-cases.js';
import { overview } from '../../src/admin/overview/use-cases.js';
import type { ManagedRecord } from '../../src/admin/records/record-types.js';
import { disconnectAsAdministrator } from '../../src/connect/ending/disconnect.js';
import type { Actor } from '../../src/domain/actor.js';
import type { Instance } from '../../src/store/setup-stores.js';
import { stepsOf } from '../connect/steps.js';
import { makeWorld, type World } from '../connect/world.js';

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
  entry: {},
  updatedAt: null,
  updatedBy: null,
  leavingAt: null,
  faults: [],
  ...given,
});

type Ports = World['ports'];

/** Records as they stand: tests put others in their place. */
export const someRecords = (): ManagedRecord[] => [
  record('provider', 'github'),
  record('provider', 'mingle'),
  record('host', 'gocd'),
];

/** The stories of looking after Connections, over these records. */
export const storiesOver = (
  ports: Ports,
  records: readonly ManagedRecord[],
  certificateEnd: (pem: string) => number | null = () => null,
) => {
  const list = async (kind: ManagedRecord['kind']) => records.filter((each) => each.kind === kind);
  const looking = { ...ports, records: { list }, certificateEnd };
  return {
    looking,
    connections: connectionAdmin({
      ...ports,
      records: { list },
      disconnect: (connection, by) => disconnectAsAdministrator(ports, connection, by),
      startDeparture: startDeparture(ports),
    }),
    refreshing: refreshing(looking),
    overview: overview(looking),
  };
};

/** What administrators look after, over a world in which viewers connect. */
export const anOffice = async (given: Parameters<typeof makeWorld>[0] = {}) => {
  const world = await makeWorld(given);
  const { ports, stores, clock } = world;
  const records = someRecords();
  const certificates = new Map<string, number>();
  const beat = (id: string, more: Partial<Instance> = {}): Promise<void> =>
    stores.instances.beat({
      id,
      startedAt: clock.now(),
      seenAt: clock.now(),
      keys: ['k'],
      reload: 0,
      problem: null,
      restart: [],
      ...more,
    });
  return {
    ...world,
    ...stepsOf(world),
    records,
    certificates,
    beat,
    ...storiesOver(ports, records, (pem) => certificates.get(pem) ?? null),
    /** What the audit log holds, oldest first. */
    async logged() {
      const entries = await stores.audit.list({}, { before: null, limit: 100 });
      return entries.toReversed();
    },
  };
};

export type Office = Awaited<ReturnType<typeof anOffice>>;
