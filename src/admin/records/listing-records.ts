import { AppError } from '../../domain/errors.js';
import type { Entry, SetupKind, SetupRecord } from '../../domain/setup-record.js';
import { GROUP } from '../../domain/setup-record.js';
import { entryOf } from './declared.js';
import { dated, masking } from './masking.js';
import type { ManagedRecord, RecordPorts, Records } from './record-types.js';
import { isOf } from './tolerant-reading.js';

const nameIn = (entry: Entry | null, id: string): string =>
  typeof entry?.name === 'string' ? entry.name : id;

const byId = (one: ManagedRecord, other: ManagedRecord): number => (one.id < other.id ? -1 : 1);

/** Records as administrators see them. */
export const recordViews = ({ inForce, stores }: Pick<RecordPorts, 'inForce' | 'stores'>) => {
  const { mask } = masking(stores.fingerprints);

  const ofStore = (record: SetupRecord): ManagedRecord => {
    const { kind, id, version, updatedAt, updatedBy, leavingAt } = record;
    const entry = entryOf(record);
    return {
      kind,
      id,
      name: nameIn(entry, id),
      origin: 'store',
      version,
      entry: entry && dated(kind, mask(kind, entry), record.secretsSetAt),
      updatedAt,
      updatedBy,
      leavingAt,
      faults: leavingAt === null ? inForce.faults().filter((fault) => isOf(kind, id, fault)) : [],
    };
  };

  const ofFile = (kind: SetupKind): readonly ManagedRecord[] =>
    Object.entries(inForce.file()[GROUP[kind]]).map(([id, entry]) => ({
      kind,
      id,
      name: nameIn(entry, id),
      origin: 'file',
      version: null,
      entry: mask(kind, entry),
      updatedAt: null,
      updatedBy: null,
      leavingAt: null,
      faults: [],
    }));

  return { ofStore, ofFile };
};

/** Lists the records of file and store together, by id. Where the file declares an id that is leaving, both are told. */
export const listingRecords = (ports: RecordPorts): Pick<Records, 'list' | 'get' | 'bound'> => {
  const { ofStore, ofFile } = recordViews(ports);

  const list: Records['list'] = async (kind) => {
    const made = (await ports.stores.setup.all()).filter((record) => record.kind === kind);
    return [...ofFile(kind), ...made.map(ofStore)].sort(byId);
  };

  return {
    list,
    bound: () => ports.inForce.bound(),
    async get(kind, id) {
      const record = (await list(kind)).find((each) => each.id === id);
      if (record === undefined) throw unknownRecord(kind, id);
      return record;
    },
  };
};

export const unknownRecord = (kind: SetupKind, id: string): AppError =>
  new AppError('record_unknown', `There is no ${kind} ${id}.`);
