import type { Command } from 'commander';
import { type CommandLine, group, type Told, telling, withJson } from '../../cli/command.js';
import type { SetupKind } from '../../domain/setup-record.js';
import type { Managed } from '../../server/management-at.js';
import type { HostWithSecret } from '../hosts/host-secrets.js';
import { type EntryOptions, entryFrom } from './command-entry.js';
import { recordTable, recordText, removalText, savedText } from './command-texts.js';
import type { ManagedRecord } from './record-types.js';

interface Options extends EntryOptions {
  readonly newSecret?: boolean;
  /** The version that was looked at. */
  readonly from?: string;
}

type Commanding = (
  work: (managed: Managed, options: Options, id: string) => Promise<Told>,
) => ReturnType<typeof telling<Options>>;

const each = (value: string, before: readonly string[] = []): readonly string[] => [...before, value];

const withEntry = (command: Command): Command =>
  withJson(command)
    .option(
      '-f, --file <file>',
      'the entry as it would stand in oriel.yaml, YAML or JSON; - reads standard input',
    )
    .option('-s, --set <key=value>', 'one key of it: --set name=Wiki --set client.id=oriel', each)
    .option('-u, --unset <key>', 'leave a key out', each);

const versionOf = (given: string | undefined, record: ManagedRecord): number => {
  if (given === undefined) return record.version ?? 0;
  if (!/^[1-9]\d{0,14}$/.test(given)) throw new Error('--from is the version of a record, a number.');
  return Number(given);
};

const saved = (record: ManagedRecord, { config }: Managed) => ({
  json: record,
  text: savedText(record, config.siteOrigin),
});

const savedWithSecret = ({ record, secret }: HostWithSecret, managed: Managed): Told => {
  const { json, text } = saved(record, managed);
  const shown = secret.reveal();
  return {
    json: { record: json, secret: shown },
    text: `${text}\nThe secret it signs with, shown this once: ${shown}`,
  };
};

/** `oriel host new-secret`; the same of a new host by an option. */
const secretCommands = (commands: Command, add: Command, command: Commanding): void => {
  add.option('--new-secret', 'make the secret that it signs with, and show it once');
  withJson(commands.command('new-secret'))
    .description(
      'make a new secret that it signs with, and show it once; the one before is worth nothing then',
    )
    .argument('<id>')
    .option('--from <version>', 'only if this is still its version')
    .action(
      command(async (managed, options, id) => {
        const { records, hostSecrets } = managed.management;
        const version = versionOf(options.from, await records.get('host', id));
        return savedWithSecret(await hostSecrets.renew(id, version, managed.by), managed);
      }),
    );
};

/** `oriel provider | host` `list | show | add | edit | remove`, and `oriel host new-secret` */
export const recordCommands = ({ oriel, root }: CommandLine, kind: SetupKind): void => {
  const commands = group(oriel, kind);

  const command: Commanding = (work) =>
    telling<Options>(root, (managed, options, [id = '']) => work(managed, options, id));

  withJson(commands.command('list'))
    .description(`every ${kind}, of file and console`)
    .action(
      command(async ({ management }) => {
        const items = await management.records.list(kind);
        return {
          json: { items },
          text: items.length === 0 ? `There is no ${kind} yet.` : recordTable(items),
        };
      }),
    );

  withJson(commands.command('show'))
    .description('its entry, secrets masked')
    .argument('<id>')
    .action(
      command(async ({ management }, _options, id) => {
        const record = await management.records.get(kind, id);
        return { json: record, text: recordText(record) };
      }),
    );

  const add = withEntry(commands.command('add'))
    .description(`make a ${kind}, as oriel.yaml would declare it`)
    .argument('<id>')
    .action(
      command(async (managed, options, id) => {
        const { records, hostSecrets } = managed.management;
        const { entry, placing } = entryFrom(kind, {}, options);
        return placing(id, async () =>
          options.newSecret === true
            ? savedWithSecret(await hostSecrets.create(id, entry, managed.by), managed)
            : saved(await records.create(kind, id, entry, managed.by), managed),
        );
      }),
    );
  if (kind === 'host') secretCommands(commands, add, command);

  withEntry(commands.command('edit'))
    .description('change keys of it, or all of it; a masked secret given back stays as it is')
    .argument('<id>')
    .option('--from <version>', 'only if this is still its version')
    .action(
      command(async (managed, options, id) => {
        const { records } = managed.management;
        const before = await records.get(kind, id);
        const { entry, placing } = entryFrom(kind, before.entry ?? {}, options);
        const version = versionOf(options.from, before);
        return placing(id, async () =>
          saved(await records.change(kind, id, entry, version, managed.by), managed),
        );
      }),
    );

  withJson(commands.command('remove'))
    .description(
      'remove it and end its connections; providers are asked to revoke them, where they offer that',
    )
    .argument('<id>')
    .action(
      command(async ({ management, by }, _options, id) => {
        const { records, departures } = management;
        const found = (await records.list(kind)).filter((record) => record.id === id);
        const version = found.find(({ origin }) => origin === 'store')?.version ?? 0;
        const departure = await records.remove(kind, id, version, by);
        return { json: await departures.of(departure), text: removalText(id, departure) };
      }),
    );
};
