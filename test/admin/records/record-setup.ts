import {
  changeRecord,
  checkRecord,
  createRecord,
  getRecord,
  listRecords,
  removeRecord,
} from '../../../src/admin/records/use-cases.js';
import type { Actor } from '../../../src/domain/actor.js';
import { Secret } from '../../../src/domain/secret.js';
import type { Entry, SetupKind } from '../../../src/domain/setup-record.js';
import { LiveSetup } from '../../../src/server/live-setup.js';
import { systemDigest, systemEntropy } from '../../../src/server/node-system.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { SealingKey } from '../../../src/store/sealing/sealing-key.js';
import { configOf, sample } from '../../config/sample.js';
import { gadget } from '../../support/a-gadget.js';
import { TestClock } from '../../support/test-clock.js';

export const ruth: Actor = { kind: 'admin', id: 'r', name: 'Ruth' };
export const CLIENT_SECRET = 'canary-client-secret-of-the-wiki';
export const HOST_SECRET = 'canary-host-secret-of-enough-bytes';

export const wiki = (given: Readonly<Record<string, unknown>> = {}) => ({
  name: 'Wiki',
  authorizationEndpoint: 'https://wiki.example.com/authorize',
  tokenEndpoint: 'https://wiki.example.com/token',
  api: 'https://wiki.example.com/api',
  client: { id: 'oriel', secret: CLIENT_SECRET },
  ...given,
});

export const portal = (given: Readonly<Record<string, unknown>> = {}) => ({
  origins: ['https://portal.example.com'],
  key: { algorithm: 'HS256', secret: HOST_SECRET },
  ...given,
});

export const key = (letter: string): SealingKey => ({
  id: letter,
  key: new Secret(Buffer.alloc(32, letter).toString('base64url')),
});

/** One process on a database: what its file declares, and the use cases of its records. */
export const setUpRecords = async (
  given: {
    readonly url?: string;
    readonly data?: object;
    readonly keys?: readonly SealingKey[];
    readonly strict?: boolean;
  } = {},
) => {
  const clock = new TestClock();
  const logged: { event: string; [field: string]: unknown }[] = [];
  const note = (event: string, fields: object): void => void logged.push({ ...fields, event });
  const system = {
    clock,
    entropy: systemEntropy,
    digest: systemDigest,
    journal: { note, warn: note },
  };
  const stores = await openStores({
    url: given.url ?? 'sqlite::memory:',
    keys: given.keys ?? [key('k')],
    clock,
  });
  const config = configOf(given.data ?? sample(), undefined, 'beside-store');
  const gadgets = ['mingle-cards', 'wiki-pages'].map((id) =>
    gadget({ id, providers: id === 'wiki-pages' ? ['wiki'] : ['mingle'] }),
  );
  const setup = await LiveSetup.open(
    {
      config,
      gadgets,
      stores,
      discovery: { complete: async () => ({ failure: 'there is no one to ask here' }) },
      ...system,
    },
    { strict: given.strict ?? true },
  ).catch(async (error: unknown) => {
    await stores.close();
    throw error;
  });
  const ports = { ...system, stores, inForce: setup.inForce };
  const records = {
    list: (kind: SetupKind) => listRecords(ports, kind),
    get: (kind: SetupKind, id: string) => getRecord(ports, kind, id),
    check: (kind: SetupKind, id: string, entry: Entry) => checkRecord(ports, kind, id, entry),
    create: (kind: SetupKind, id: string, entry: Entry, by: Actor) =>
      createRecord(ports, kind, id, entry, by),
    change: (kind: SetupKind, id: string, entry: Entry, version: number, by: Actor) =>
      changeRecord(ports, { kind, id, version }, entry, by),
    remove: (kind: SetupKind, id: string, version: number, by: Actor) =>
      removeRecord(ports, { kind, id, version }, by),
  };
  const found = {
    ...{ gadgets, entries: [], faulty: [], folderFaults: [] },
    leftOut: new Set<string>(),
  };
  /** For reloads that are about the file alone: the same gadgets whenever they are read. */
  const sameGadgets = { served: found, read: async () => found, take: () => [] };
  const log = () => stores.audit.since({}, { after: 0, limit: 100 });
  return {
    stores,
    setup,
    directory: setup.directory,
    records,
    ports,
    clock,
    logged,
    log,
    config,
    sameGadgets,
  };
};

export type RecordSetup = Awaited<ReturnType<typeof setUpRecords>>;
