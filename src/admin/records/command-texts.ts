import { yamlText } from '../../config/read-entry.js';
import type { Departure } from '../../domain/departure.js';
import type { Entry } from '../../domain/setup-record.js';
import { isMasked, maskText } from './masking.js';
import type { ManagedRecord } from './record-types.js';

const readable = (value: unknown): unknown => {
  if (isMasked(value)) return `(${maskText(value)})`;
  if (Array.isArray(value)) return value.map(readable);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, readable(each)]));
};

const entryText = (entry: Entry): string => yamlText(readable(entry)).trimEnd();

const stateOf = ({ leavingAt, entry, faults }: ManagedRecord): string => {
  if (leavingAt !== null) return 'being removed';
  if (entry === null) return 'no key of the key ring opens it';
  return faults.length > 0 ? 'serves nobody: it has mistakes' : '';
};

const placeOf = ({ origin, version }: ManagedRecord): string =>
  origin === 'file' ? 'file' : `console, version ${version}`;

/** Records as a table for people. */
export const recordTable = (records: readonly ManagedRecord[]): string => {
  const rows = records.map((record) => [record.id, record.name, placeOf(record), stateOf(record)]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
};

/** One record in full, secrets masked. */
export const recordText = (record: ManagedRecord): string => {
  const { kind, id, updatedAt, updatedBy } = record;
  const changed =
    updatedAt === null ? [] : [`# changed ${new Date(updatedAt).toISOString()} by ${updatedBy}`];
  const state = stateOf(record);
  return [
    `# ${kind} ${id} (${placeOf(record)})`,
    ...changed,
    ...(state === '' ? [] : [`# ${state}`]),
    ...record.faults.map(({ path, problem, expected }) => `# ${path}: ${problem}; expected ${expected}`),
    ...(record.entry === null ? [] : [entryText(record.entry)]),
  ].join('\n');
};

/** What follows from saving it, and of a provider what must be registered there. */
export const savedText = ({ kind, id, version }: ManagedRecord, siteOrigin: string): string => {
  const taken = `${id} is saved as version ${version}. Running servers take it up within two seconds.`;
  return kind === 'provider'
    ? `${taken}\nRegister this redirect URI there: ${siteOrigin}/connect/callback/${id}`
    : taken;
};

/** What becomes of a removed record's Connections. */
export const removalText = (id: string, { finishedAt, total }: Departure): string => {
  if (finishedAt !== null) return `${id} is given up to the configuration file, with its connections.`;
  const many = total === 1 ? 'One connection' : `${total} connections`;
  return total === 0
    ? `${id} serves nobody from now on. Nobody was connected.`
    : `${id} serves nobody from now on. ${many} ${total === 1 ? 'shows' : 'show'} nothing any more; a running server, or the next one to start, asks the providers that offer it to revoke.`;
};
