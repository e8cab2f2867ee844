import { type Managed, withManagement } from '../compose/management-at.js';
import type { ConnectionStatus } from '../domain/connection.js';
import type { ConnectionFilter } from '../domain/setup-stores.js';
import { type CommandLine, group, running, withJson } from './command.js';
import { connectionsText, departureText, retriedText, troublesText } from './connection-texts.js';

interface Options {
  readonly json?: boolean;
  readonly provider?: string;
  readonly host?: string;
  readonly status?: string;
  readonly after?: string;
}

interface Told {
  readonly json: unknown;
  readonly text: string;
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
  const page = await management.connections.list(filterIn(options), options.after ?? null);
  return { json: page, text: connectionsText(page.connections, page.next) };
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
  const progress = await management.departures.byId(departure.id);
  const going =
    'They show nothing from now on. The running servers take the permissions back, one after the other.';
  return { json: progress, text: `${going}\n${departureText(progress)}` };
};

const departures = async ({ management }: Managed): Promise<Told> => {
  const latest = await management.departures.latest();
  const lines = latest.map(departureText);
  return { json: latest, text: lines.join('\n') || 'Nothing was ended in this way yet.' };
};

const troubles = async ({ management }: Managed): Promise<Told> => {
  const found = await management.refreshing.troubles();
  return { json: found, text: troublesText(found) };
};

const retry = async (
  { management, by }: Managed,
  _: Options,
  [provider = '']: readonly string[],
): Promise<Told> => {
  const id = provider === '' ? null : provider;
  const count = await management.refreshing.retry(id, by);
  return { json: { provider: id, clients: count }, text: retriedText(id, count) };
};

/** `oriel connection list | revoke | revoke-all | departures | trouble`, and `oriel provider retry` */
export const connectionCommands = ({ oriel, root }: CommandLine): void => {
  const telling = (work: (managed: Managed, options: Options, args: readonly string[]) => Promise<Told>) =>
    running<Options>((file, options, args) =>
      withManagement(file, root, async (managed) => {
        const { json, text } = await work(managed, options, args);
        console.log(options.json ? JSON.stringify(json) : text);
      }),
    );
  const commands = group(oriel, 'connection', 'who is connected');
  withJson(commands.command('list'))
    .description('who is connected, fifty at a time: never tokens, never data')
    .option('--provider <id>', 'of one provider')
    .option('--host <id>', 'of one host')
    .option('--status <status>', STATUSES.join(', '))
    .option('--after <id>', 'those after this one')
    .action(telling(list));
  withJson(commands.command('revoke'))
    .description('end one, and ask its provider to take the permission back')
    .argument('<id>', 'as list tells it')
    .action(telling(revoke));
  withJson(commands.command('revoke-all'))
    .description('end all of a provider, of a host, or of a provider on a host')
    .option('--provider <id>', 'of this provider')
    .option('--host <id>', 'of this host')
    .action(telling(revokeAll));
  withJson(commands.command('departures'))
    .description('where many connections end at once, and how far that is')
    .action(telling(departures));
  withJson(commands.command('trouble')).description('why tokens are not renewed').action(telling(troubles));
  withJson(group(oriel, 'provider', 'the remote applications').command('retry'))
    .description('ask again with clients that a provider had refused; running servers see it at once')
    .argument('[id]', 'one provider (default: all)')
    .action(telling(retry));
};
