import type { FileEntries } from '../../config/read-entries.js';
import { AppError } from '../../domain/errors.js';
import type { Fault } from '../../domain/fault.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import {
  type Entry,
  GROUP,
  isReservedId,
  type SetupKind,
  type SetupRecord,
} from '../../domain/setup-record.js';
import { CONSOLE, type Declared, declared } from './declared.js';
import { type Given, keptSecretFaults } from './kept-secrets.js';
import type { RecordPorts } from './record-types.js';
import { faultsOf, isOf, readTolerantly } from './tolerant-reading.js';

const tell = ({ path, problem }: Fault): string => `${path} ${problem}`;

const wrongId = (kind: SetupKind, id: string, problem: string): Fault => ({
  file: CONSOLE,
  path: id === '__proto__' ? GROUP[kind] : `${GROUP[kind]}.${id}`,
  line: null,
  problem,
  expected: 'another lower-case word like “my-app”: a letter first, then letters, digits and hyphens',
  example: null,
});

/** What may be saved: nothing that the server could not serve by, or that would break what it serves by. */
export const recordChecks = ({ inForce }: Pick<RecordPorts, 'inForce'>) => {
  const keptFaults = keptSecretFaults(inForce.read);

  /** What readers look at only where nothing else is wrong: so this record is read beside those that are right. */
  const betweenOthers = (kind: SetupKind, id: string, file: FileEntries, all: Declared): readonly Fault[] => {
    const { inFile, inStore } = readTolerantly(inForce.read, file, all);
    return [...inFile, ...inStore].filter((fault) => isOf(kind, id, fault));
  };

  /** What is wrong with the entry, or would become wrong with others by it. `given`: a changed one, before its masks were taken back. */
  const wrongWith = (
    kind: SetupKind,
    id: string,
    entry: Entry,
    records: readonly SetupRecord[],
    given?: Given,
  ): readonly Fault[] => {
    // Readers drop a key of that name, so that nothing would be checked.
    if (id === '__proto__') return [wrongId(kind, id, '“__proto__” is no id')];
    const file = inForce.file();
    const isNew = !records.some((record) => record.kind === kind && record.id === id);
    if (isNew && isReservedId(id) && !Object.hasOwn(file[GROUP[kind]], id))
      return [wrongId(kind, id, `“${id}” is a word in the addresses of console and API`)];
    const group = GROUP[kind];
    const others = declared(
      file,
      records.filter((record) => record.kind !== kind || record.id !== id),
    );
    const before = declared(file, records);
    const after = { ...others, known: before.known, [group]: { ...others[group], [id]: entry } };
    const known = new Set(faultsOf(inForce.read, file, before).map(tell));
    const found = faultsOf(inForce.read, file, after).filter(
      (fault) => isOf(kind, id, fault) || !known.has(tell(fault)),
    );
    if (found.length === 0 && known.size > 0) found.push(...betweenOthers(kind, id, file, after));
    return given === undefined ? found : [...found, ...keptFaults({ kind, id }, given, entry, before)];
  };

  return {
    wrongWith,

    /** Throws `InvalidRecord` with every mistake there is. */
    insistOn(
      kind: SetupKind,
      id: string,
      entry: Entry,
      records: readonly SetupRecord[],
      given?: Given,
    ): void {
      const faults = wrongWith(kind, id, entry, records, given);
      if (faults.length > 0) throw new InvalidRecord(faults);
    },

    /** Throws `record_in_file` for what the file declares. */
    refuseOfFile(kind: SetupKind, id: string): void {
      const file = inForce.file();
      if (Object.hasOwn(file[GROUP[kind]], id))
        throw new AppError(
          'record_in_file',
          `The ${kind} ${id} is declared in the configuration file, and only there it can be changed.`,
          `See ${GROUP[kind]}.${id} in ${file.file}; “oriel reload” takes up what was changed there.`,
        );
    },
  };
};
