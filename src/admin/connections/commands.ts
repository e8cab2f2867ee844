import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  plain,
  withFields,
  withJson,
} from '../../cli/command.js';
import { doneOf } from '../../domain/bulk-disconnect.js';
import type { CommandContext } from '../../server/command-context.js';
import type { ConnectionFilter } from '../../store/connections/connection-lists.js';
import {
  type BulkDisconnectProgress,
  bulkDisconnectProgress,
  listBulkDisconnects,
} from './bulk-disconnects.js';
import { listRefreshTroubles, type RefreshTrouble, retryProvider } from './refresh-trouble.js';
import { connectionStatus, connectionsOf, connectionsQuery } from './schema.js';
import {
  listConnections,
  requireKnown,
  revokeConnection,
  revokeConnections,
  type SeenConnection,
} from './use-cases.js';

const when = (time: number): string => new Date(time).toISOString();

const connectionText = (connection: SeenConnection): string => {
  const { id, provider, host, sub, company, account, scopes, status, reason, lastUsedAt, uses } = connection;
  const facts = Object.entries(connection.facts).map(
    ([name, { value, label }]) => `${name} ${plain(label ?? value)}`,
  );
  const used = uses.map(({ gadget, lastUsedAt: at }) => `${gadget} ${when(at)}`);
  return [
    id,
    company === null
      ? `  person   ${plain(sub)} on ${host.id}`
      : `  company  ${plain(company)}, for everyone on ${host.id}`,
    `  account  ${provider.id}: ${account === null ? 'not known' : plain(account.label)}`,
    `  may      ${scopes.join(' ') || 'what the provider decides'}`,
    ...(facts.length === 0 ? [] : [`  for      ${facts.join(', ')}`]),
    `  state    ${reason === null ? status : `${status} (${reason})`}`,
    `  used     ${used.join(', ') || when(lastUsedAt)}`,
  ].join('\n');
};

/** Connections for people. */
export const connectionsText = (connections: readonly SeenConnection[], next: string | null): string =>
  connections.length === 0
    ? 'No connection matches.'
    : [...connections.map(connectionText), ...(next === null ? [] : [`For more: --cursor ${next}`])].join(
        '\n',
      );

/** The progress of a bulk disconnect, in a line. */
export const bulkDisconnectText = ({ bulkDisconnect, left }: BulkDisconnectProgress): string => {
  const { id, leaver, total, revoked, asked, nothing, unrevoked, finishedAt } = bulkDisconnect;
  const whose =
    leaver.kind === 'provider'
      ? `provider ${leaver.provider}`
      : leaver.kind === 'connections'
        ? [leaver.provider, leaver.host].filter((each) => each !== null).join(' on ')
        : `${leaver.kind === 'viewer' ? 'one person on' : 'host'} ${leaver.host}`;
  const outcomes = [
    `${revoked} revoked`,
    ...(asked === 0 ? [] : [`${asked} asked to revoke, not confirmed`]),
    ...(nothing === 0 ? [] : [`${nothing} with nothing left to revoke`]),
    ...(unrevoked === 0 ? [] : [`${unrevoked} disconnected only here`]),
  ].join(', ');
  const rest = finishedAt === null ? `, ${left} left` : ', done';
  return `${id}  ${whose}: ${doneOf(bulkDisconnect)} of ${total} ended (${outcomes})${rest}`;
};

const troubleText = ({ provider, stoppedAt, reconnect, failures }: RefreshTrouble): string =>
  [
    provider.id,
    ...(stoppedAt === null
      ? []
      : [
          `  has rejected our client since ${when(stoppedAt)}: correct id and secret, then run oriel provider retry ${provider.id}`,
        ]),
    ...reconnect.map(({ reason, count }) => `  ${count} must connect again: ${reason}`),
    ...failures.map(({ at, what, code, times, requestId }) => {
      const often = times === 1 ? '' : ` (${times} times)`;
      const deed = what === 'renewing' ? '' : ` (${what})`;
      return `  failed ${when(at)}: ${code}${often}${deed}${requestId === null ? '' : `, request ${requestId}`}`;
    }),
  ].join('\n');

/** Why tokens are not renewed, for people. */
export const troublesText = (troubles: readonly RefreshTrouble[]): string =>
  troubles.length === 0 ? 'Every provider renews its tokens.' : troubles.map(troubleText).join('\n');

/** The result of a retry. */
export const retriedText = (provider: string | null, count: number): string => {
  const whose = provider ?? 'any provider';
  return count === 0
    ? `No client of ${whose} was stopped.`
    : `${count === 1 ? 'One client' : `${count} clients`} of ${whose} can request tokens again.`;
};

interface Options {
  readonly provider?: string;
  readonly host?: string;
  readonly status?: string;
  readonly cursor?: string;
}

const STATUSES = connectionStatus.options;

const filterIn = ({ provider, host, status }: Options): ConnectionFilter => {
  const known = STATUSES.find((each) => each === status);
  if (status !== undefined && known === undefined)
    throw new Error(`There is no status ${status}. Use one of: ${STATUSES.join(', ')}.`);
  return {
    ...(provider !== undefined && { provider }),
    ...(host !== undefined && { host }),
    ...(known !== undefined && { status: known }),
  };
};

const list = async ({ deps }: CommandContext, options: Options): Promise<CommandAnswer> => {
  const filter = filterIn(options);
  await requireKnown(deps, filter);
  const page = await listConnections(deps, filter, options.cursor ?? null);
  const { connections: items, next } = page;
  return { json: { items, next }, text: connectionsText(items, next) };
};

const revoke = async (
  { deps, by }: CommandContext,
  _: Options,
  [id = '']: readonly string[],
): Promise<CommandAnswer> => {
  const revocation = await revokeConnection(deps, id, by);
  return { json: revocation, text: revocation.message };
};

const revokeAll = async ({ deps, by }: CommandContext, options: Options): Promise<CommandAnswer> => {
  const bulkDisconnect = await revokeConnections(deps, filterIn(options), by);
  const progress = await bulkDisconnectProgress(deps, bulkDisconnect);
  const going =
    'They are disconnected. The running servers ask the providers to revoke, one after the other, where they support that.';
  return { json: progress, text: `${going}\n${bulkDisconnectText(progress)}` };
};

const bulkDisconnects = async ({ deps }: CommandContext): Promise<CommandAnswer> => {
  const items = await listBulkDisconnects(deps);
  const lines = items.map(bulkDisconnectText);
  return { json: { items }, text: lines.join('\n') || 'There are no bulk disconnects yet.' };
};

const troubles = async ({ deps }: CommandContext): Promise<CommandAnswer> => {
  const items = await listRefreshTroubles(deps);
  return { json: { items }, text: troublesText(items) };
};

const retry = async (
  { deps, by }: CommandContext,
  _: Options,
  [provider = '']: readonly string[],
): Promise<CommandAnswer> => {
  const id = provider === '' ? null : provider;
  const stopped = await retryProvider(deps, id, by);
  return { json: { stopped }, text: retriedText(id, stopped) };
};

/** `oriel connection list | revoke | revoke-all | bulk-disconnects | trouble`, and `oriel provider retry` */
export const connectionCommands = ({ oriel, root }: CommandLine): void => {
  const commands = group(oriel, 'connection');
  withFields(withJson(commands.command('list')), connectionsQuery, {
    provider: 'id',
    host: 'id',
    status: 'status',
    cursor: 'next',
  })
    .description('list connections, 50 at a time: never tokens, never data')
    .action(answering(root, list));
  withJson(commands.command('revoke'))
    .description('disconnect a viewer; the provider is asked to revoke the permission where it supports that')
    .argument('<id>', 'id, as shown by list')
    .action(answering(root, revoke));
  withFields(withJson(commands.command('revoke-all')), connectionsOf, { provider: 'id', host: 'id' })
    .description(
      'disconnect everyone of a provider, a host, or a provider on a host; providers are asked to revoke where they support that',
    )
    .action(answering(root, revokeAll));
  withJson(commands.command('bulk-disconnects'))
    .description('list bulk disconnects and their progress')
    .action(answering(root, bulkDisconnects));
  withJson(commands.command('trouble'))
    .description('show why tokens are not renewed')
    .action(answering(root, troubles));
  withJson(group(oriel, 'provider').command('retry'))
    .description(
      'retry token requests with clients that a provider rejected; running servers notice immediately',
    )
    .argument('[id]', 'one provider (default: all)')
    .action(answering(root, retry));
};
