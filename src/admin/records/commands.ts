import type { Command } from 'commander';
import type { z } from 'zod';
import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  withFields,
  withJson,
} from '../../cli/command.js';
import { type EntryFile, readEntry, readValue, yamlText } from '../../config/read-entry.js';
import type { BulkDisconnect } from '../../domain/bulk-disconnect.js';
import { InvalidRecord } from '../../domain/invalid-record.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import type { CommandContext } from '../../server/command-context.js';
import { misfitsOf } from '../checked.js';
import { bulkDisconnectProgress } from '../connections/bulk-disconnects.js';
import { createHostWithSecret, type HostWithSecret, renewHostSecret } from '../hosts/use-cases.js';
import { isPastedEntry } from '../providers/provider-form.js';
import { isMasked, maskText, secretsIn } from './masking.js';
import { entryOptions, newSecretOptions, versionOptions } from './schema.js';
import {
  changeRecord,
  createRecord,
  getRecord,
  listRecords,
  type ManagedRecord,
  removeRecord,
} from './use-cases.js';

const isGroup = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const without = (entry: Entry, key: string): Entry =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => name !== key));

/** The entry with another value at a path of keys; without one, where the value is undefined. */
const changedAt = (entry: Entry, [key, ...rest]: readonly string[], value: unknown): Entry => {
  if (key === undefined) return entry;
  const old = Object.hasOwn(entry, key) ? entry[key] : undefined;
  const next = rest.length === 0 ? value : changedAt(isGroup(old) ? old : {}, rest, value);
  return next === undefined ? without(entry, key) : { ...without(entry, key), [key]: next };
};

/** Everyone on this machine can see the words of a command, and the shell keeps them. */
const refuseSecrets = (kind: SetupKind, key: string, text: string, value: unknown): void => {
  const secrets = [...secretsIn(kind, changedAt({}, key.split('.'), value))];
  const literal = secrets.find(([, secret]) => typeof secret === 'string' && !text.includes('${'));
  if (literal !== undefined)
    throw new Error(
      `Don’t put a secret on the command line, where others can see it. Name a variable or a file that holds it, in single quotes: --set '${literal[0]}=\${NAME}' or '${literal[0]}=\${file:path}'.`,
    );
};

const assignment = (kind: SetupKind, text: string): readonly [path: readonly string[], value: unknown] => {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  if (key === undefined || value === undefined)
    throw new Error(`--set takes KEY=VALUE, such as --set name=Wiki, not: ${text.slice(0, 20)}`);
  const read = readValue(value, `--set ${key}`);
  refuseSecrets(kind, key, value, read);
  return [key.split('.'), read];
};

/** What a command is to save or to try. */
export interface GivenEntry {
  readonly entry: Entry;
  /** Does `work` with it; mistakes are reported with the lines of the file it was read from. */
  placing<T>(id: string, work: () => Promise<T>): Promise<T>;
}

const placing =
  (kind: SetupKind, read: EntryFile | null): GivenEntry['placing'] =>
  async (id, work) => {
    try {
      return await work();
    } catch (error) {
      if (read === null || !(error instanceof InvalidRecord)) throw error;
      throw new InvalidRecord(read.located(error.faults, `${kind}s.${id}`));
    }
  };

/**
 * What the options make of an entry: `--file` takes its place, then `--set` and `--unset` change single keys of it. Throws
 * `ConfigFaults`, and an Error with a sentence.
 */
export const entryFrom = (
  kind: SetupKind,
  before: Entry,
  { file, set = [], unset = [] }: z.output<typeof entryOptions>,
): GivenEntry => {
  const read = file === undefined ? null : readEntry(file, kind);
  const start = read?.entry ?? before;
  const changed = set
    .map((text) => assignment(kind, text))
    .reduce((entry, [path, value]) => changedAt(entry, path, value), start);
  return {
    entry: unset.reduce((entry, key) => changedAt(entry, key.split('.'), undefined), changed),
    placing: placing(kind, read),
  };
};

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
  return faults.length > 0 ? 'not in use: it has mistakes' : '';
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

/** What happens after saving it, and for a provider what must be registered there. */
export const savedText = ({ kind, id, version, entry }: ManagedRecord, siteOrigin: string): string => {
  const taken = `Saved ${id} as version ${version}. Running servers use it within two seconds.`;
  return kind === 'provider' && !isPastedEntry(entry)
    ? `${taken}\nRegister this redirect URI at the provider: ${siteOrigin}/connect/callback/${id}`
    : taken;
};

/** What becomes of a removed record's Connections. */
export const removalText = (id: string, { finishedAt, total }: BulkDisconnect): string => {
  if (finishedAt !== null) return `Handed ${id} over to the configuration file, with its connections.`;
  const many = total === 1 ? 'One connection' : `${total} connections`;
  return total === 0
    ? `Removed ${id}. No one was connected.`
    : `Removed ${id}. ${many} ${total === 1 ? 'is' : 'are'} disconnected; a running server, or the next one to start, asks the providers to revoke where they support that.`;
};

type Options = z.output<typeof entryOptions> &
  z.output<typeof versionOptions> &
  z.output<typeof newSecretOptions>;

type Commanding = (
  work: (context: CommandContext, options: Options, id: string) => Promise<CommandAnswer>,
) => ReturnType<typeof answering<Options>>;

const withEntry = (command: Command): Command =>
  withFields(
    withJson(command),
    entryOptions,
    { file: '-f, --file <file>', set: '-s, --set <key=value>', unset: '-u, --unset <key>' },
    ['set', 'unset'],
  );

const withVersion = (command: Command): Command => withFields(command, versionOptions, { from: 'version' });

const versionOf = (given: string | undefined, record: ManagedRecord): number => {
  if (given === undefined) return record.version ?? 0;
  const [misfit] = misfitsOf(versionOptions, { from: given });
  if (misfit !== undefined) throw new Error(misfit.message);
  return Number(given);
};

/** What a command says of a record that it saved. */
export const savedAnswer = (record: ManagedRecord, { config }: CommandContext): CommandAnswer => ({
  json: record,
  text: savedText(record, config.siteOrigin),
});

const savedWithSecret = ({ record, secret }: HostWithSecret, context: CommandContext): CommandAnswer => {
  const { json, text } = savedAnswer(record, context);
  const shown = secret.reveal();
  return {
    json: { record: json, secret: shown },
    text: `${text}\nThe secret it signs with, shown only once: ${shown}`,
  };
};

/** `oriel host new-secret`; the same of a new host by an option. */
const secretCommands = (commands: Command, add: Command, command: Commanding): void => {
  withFields(add, newSecretOptions, { newSecret: '--new-secret' });
  withVersion(withJson(commands.command('new-secret')))
    .description('generate a new secret that it signs with, and show it once; the previous one stops working')
    .argument('<id>')
    .action(
      command(async (context, options, id) => {
        const { deps, by } = context;
        const version = versionOf(options.from, await getRecord(deps, 'host', id));
        return savedWithSecret(await renewHostSecret(deps, id, version, by), context);
      }),
    );
};

/** Asks the person at the terminal for a record, saves it, and returns what there is to say; null where no one is there. */
export type AskRecord = (context: CommandContext, id: string) => Promise<CommandAnswer | null>;

const saysNothing = ({
  file,
  set = [],
  unset = [],
  json,
  newSecret,
}: Options & Readonly<{ json?: boolean }>) =>
  file === undefined && set.length === 0 && unset.length === 0 && json !== true && newSecret !== true;

/** `oriel provider | host` `list | show | add | edit | remove`, and `oriel host new-secret`. Without options, `add` asks by `ask`. */
export const recordCommands = (
  { oriel, root }: CommandLine,
  kind: SetupKind,
  ask: AskRecord = async () => null,
): void => {
  const commands = group(oriel, kind);

  const command: Commanding = (work) =>
    answering<Options>(root, (context, options, [id = '']) => work(context, options, id));

  withJson(commands.command('list'))
    .description(`list ${kind}s, of file and console`)
    .action(
      command(async ({ deps }) => {
        const items = await listRecords(deps, kind);
        return {
          json: { items },
          text: items.length === 0 ? `There are no ${kind}s yet.` : recordTable(items),
        };
      }),
    );

  withJson(commands.command('show'))
    .description('show its entry, secrets masked')
    .argument('<id>')
    .action(
      command(async ({ deps }, _options, id) => {
        const record = await getRecord(deps, kind, id);
        return { json: record, text: recordText(record) };
      }),
    );

  const add = withEntry(commands.command('add'))
    .description(
      kind === 'provider'
        ? 'create a provider, as in oriel.yaml; without options it asks at the terminal'
        : 'create a host, as in oriel.yaml',
    )
    .argument('<id>')
    .action(
      command(async (context, options, id) => {
        const { deps, by } = context;
        const asked = saysNothing(options) ? await ask(context, id) : null;
        if (asked !== null) return asked;
        const { entry, placing } = entryFrom(kind, {}, options);
        return placing(id, async () =>
          options.newSecret === true
            ? savedWithSecret(await createHostWithSecret(deps, id, entry, by), context)
            : savedAnswer(await createRecord(deps, kind, id, entry, by), context),
        );
      }),
    );
  if (kind === 'host') secretCommands(commands, add, command);

  withVersion(withEntry(commands.command('edit')))
    .description('change some keys, or all of it; a masked secret that is sent back is kept')
    .argument('<id>')
    .action(
      command(async (context, options, id) => {
        const { deps, by } = context;
        const before = await getRecord(deps, kind, id);
        const { entry, placing } = entryFrom(kind, before.entry ?? {}, options);
        const version = versionOf(options.from, before);
        return placing(id, async () =>
          savedAnswer(await changeRecord(deps, { kind, id, version }, entry, by), context),
        );
      }),
    );

  withJson(commands.command('remove'))
    .description('remove it and end its connections; providers are asked to revoke where they support that')
    .argument('<id>')
    .action(
      command(async ({ deps, by }, _options, id) => {
        const found = (await listRecords(deps, kind)).filter((record) => record.id === id);
        const version = found.find(({ origin }) => origin === 'store')?.version ?? 0;
        const bulkDisconnect = await removeRecord(deps, { kind, id, version }, by);
        return {
          json: await bulkDisconnectProgress(deps, bulkDisconnect),
          text: removalText(id, bulkDisconnect),
        };
      }),
    );
};
