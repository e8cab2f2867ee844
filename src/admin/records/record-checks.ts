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
import type { AdminDeps } from '../admin-deps.js';
import { CONSOLE, type Declared, declared, faultsOf, isOf, readTolerantly } from './declared.js';
import { type Given, keptSecretFaults } from './kept-secrets.js';

type CheckDeps = Pick<AdminDeps, 'inForce'>;

/** An entry that is to be saved. `given`: a changed one, before its masked secrets were put back. */
interface Wanted {
  readonly kind: SetupKind;
  readonly id: string;
  readonly entry: Entry;
  readonly given?: Given;
}

const lineOf = ({ path, problem }: Fault): string => `${path} ${problem}`;

const wrongId = (kind: SetupKind, id: string, problem: string): Fault => ({
  file: CONSOLE,
  path: id === '__proto__' ? GROUP[kind] : `${GROUP[kind]}.${id}`,
  line: null,
  problem,
  expected: 'another lower-case word like “my-app”: a letter first, then letters, digits and hyphens',
  example: null,
});

/** What readers check only where nothing else is wrong: so this record is read beside those that are right. */
const amongOthers = (
  { inForce }: CheckDeps,
  { kind, id }: Wanted,
  file: FileEntries,
  all: Declared,
): readonly Fault[] => {
  const { inFile, inStore } = readTolerantly(inForce.read, file, all);
  return [...inFile, ...inStore].filter((fault) => isOf(kind, id, fault));
};

/** What is wrong with an entry, or would become wrong with others because of it: what the server could not work with. */
export const faultsWith = (
  deps: CheckDeps,
  wanted: Wanted,
  records: readonly SetupRecord[],
): readonly Fault[] => {
  const { inForce } = deps;
  const { kind, id, entry, given } = wanted;
  // Readers drop a key with that name, so that nothing would be checked.
  if (id === '__proto__') return [wrongId(kind, id, '“__proto__” can’t be an id')];
  const file = inForce.file();
  const isNew = !records.some((record) => record.kind === kind && record.id === id);
  if (isNew && isReservedId(id) && !Object.hasOwn(file[GROUP[kind]], id))
    return [wrongId(kind, id, `“${id}” is used in the addresses of console and API`)];
  const group = GROUP[kind];
  const others = declared(
    file,
    records.filter((record) => record.kind !== kind || record.id !== id),
  );
  const before = declared(file, records);
  const after = { ...others, known: before.known, [group]: { ...others[group], [id]: entry } };
  const known = new Set(faultsOf(inForce.read, file, before).map(lineOf));
  const found = faultsOf(inForce.read, file, after).filter(
    (fault) => isOf(kind, id, fault) || !known.has(lineOf(fault)),
  );
  if (found.length === 0 && known.size > 0) found.push(...amongOthers(deps, wanted, file, after));
  return given === undefined
    ? found
    : [...found, ...keptSecretFaults(inForce.read, { kind, id, given, next: entry }, before)];
};

/** Throws `InvalidRecord` with every mistake there is. */
export const requireSound = (deps: CheckDeps, wanted: Wanted, records: readonly SetupRecord[]): void => {
  const faults = faultsWith(deps, wanted, records);
  if (faults.length > 0) throw new InvalidRecord(faults);
};

/** Throws `record_in_file` for what the file declares. */
export const refuseOfFile = ({ inForce }: CheckDeps, kind: SetupKind, id: string): void => {
  const file = inForce.file();
  if (Object.hasOwn(file[GROUP[kind]], id))
    throw new AppError(
      'record_in_file',
      `The ${kind} ${id} is declared in the configuration file, and can be changed only there.`,
      `See ${GROUP[kind]}.${id} in ${file.file}; after a change run “oriel reload”.`,
    );
};
