import { type CommandLine, group, type Told, telling, withJson } from '../../cli/command.js';
import type { ConnectionStatus } from '../../domain/connection.js';
import type { Managed } from '../../server/management-at.js';
import type { ConnectionFilter } from '../../store/setup-stores.js';
import { connectionsText, departureText, retriedText, troublesText } from './command-texts.js';

interface Options {
  readonly provider?: string;
  readonly host?: string;
  readonly status?: string;
  readonly cursor?: string;
}

const STATUSES: readonly ConnectionStatus[] = ['active', 'reconnect', 'revoking'];

const filterIn = ({ provider, host, status }: Options): ConnectionFilter => {
  const known = STATUSES.find((each) => each === status);
  if (status !== undefined && known === undefined)
    throw new Error(`There is no status ${status}; there is ${STATUSES.join(', ')}.`);
  return {
    ...(provider !== undefined && { provider }),
    ...(host !== undefined && { host }),
    ...(known !== undefined && { status: known }),
  };
};

const list = async ({ management }: Managed, options: Options): Promise<Told> => {
  const filter = filterIn(options);
  await management.connections.requireKnown(filter);
  const page = await management.connections.list(filter, options.cursor ?? null);
  const { connections: items, next } = page;
  return { json: { items, next }, text: connectionsText(items, next) };
};

const revoke = async (
  { management, by }: Managed,
  _: Options,
  [id = '']: readonly string[],
): Promise<Told> => {
  const revocation = await management.connections.revoke(id, by);
  return { json: revocation, text: revocation.message };
};

const revokeAll = async ({ management, by }: Managed, options: Options): Promise<Told> => {
  const departure = await management.connections.revokeAll(filterIn(options), by);
  const progress = await management.departures.of(departure);
  const going =
    'They show nothing from now on. The running servers ask the providers that offer it to revoke, one after the other.';
  return { json: progress, text: `${going}\n${departureText(progress)}` };
};

const departures = async ({ management }: Managed): Promise<Told> => {
  const items = await management.departures.latest();
  const lines = items.map(departureText);
  return { json: { items }, text: lines.join('\n') || 'Nothing was ended in this way yet.' };
};

const troubles = async ({ management }: Managed): Promise<Told> => {
  const items = await management.refreshing.troubles();
  return { json: { items }, text: troublesText(items) };
};

const retry = async (
  { management, by }: Managed,
  _: Options,
  [provider = '']: readonly string[],
): Promise<Told> => {
  const id = provider === '' ? null : provider;
  const stopped = await management.refreshing.retry(id, by);
  return { json: { stopped }, text: retriedText(id, stopped) };
};

/** `oriel connection list | revoke | revoke-all | departures | trouble`, and `oriel provider retry` */
export const connectionCommands = ({ oriel, root }: CommandLine): void => {
  const commands = group(oriel, 'connection');
  withJson(commands.command('list'))
    .description('who is connected, fifty at a time: never tokens, never data')
    .option('--provider <id>', 'of one provider')
    .option('--host <id>', 'of one host')
    .option('--status <status>', STATUSES.join(', '))
    .option('--cursor <next>', 'the page after that one: its `next`')
    .action(telling(root, list));
  withJson(commands.command('revoke'))
    .description('end one, and ask its provider to revoke the permission, where it offers that')
    .argument('<id>', 'as list tells it')
    .action(telling(root, revoke));
  withJson(commands.command('revoke-all'))
    .description(
      'end all of a provider, a host, or a provider on a host; providers are asked to revoke, where they offer that',
    )
    .option('--provider <id>', 'of this provider')
    .option('--host <id>', 'of this host')
    .action(telling(root, revokeAll));
  withJson(commands.command('departures'))
    .description('where many connections end at once, and how far that is')
    .action(telling(root, departures));
  withJson(commands.command('trouble'))
    .description('why tokens are not renewed')
    .action(telling(root, troubles));
  withJson(group(oriel, 'provider').command('retry'))
    .description('ask again with clients that a provider had refused; running servers see it at once')
    .argument('[id]', 'one provider (default: all)')
    .action(telling(root, retry));
};
