import { disconnectAsAdministrator } from '../../connect/ending/disconnect.js';
import { type Outlook, outlookAt, outlookOf } from '../../connect/ending/revocation-outlook.js';
import type { Actor } from '../../domain/actor.js';
import type { BulkDisconnect, Withdrawal } from '../../domain/bulk-disconnect.js';
import {
  type Account,
  type Connection,
  type ConnectionId,
  isCompany,
  type ReconnectReason,
} from '../../domain/connection.js';
import { AppError } from '../../domain/errors.js';
import { gadgetNamed } from '../../hosts/bound-gadget.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import type { ConnectionFilter } from '../../store/connections/connection-lists.js';
import type { AdminDeps, Deps } from '../admin-deps.js';
import { cursorOf, positionIn } from '../page-cursor.js';
import { type ListingDeps, listRecords } from '../records/use-cases.js';
import { startBulkDisconnect } from './bulk-disconnects.js';

/** Connections of a provider, a host, or a provider on a host. */
export type ConnectionsOf = Pick<ConnectionFilter, 'provider' | 'host'>;

type CountingDeps = Deps<never, 'connectionLists'>;
type ShowingDeps = Deps<'directory', 'connectionLists'>;

/** When a gadget last showed something through a Connection. */
export interface GadgetUse {
  readonly gadget: string;
  readonly title: string;
  readonly lastUsedAt: number;
}

/**
 * A Connection as administrators see it: never its tokens, never data. The person is who the host says they are: its own opaque
 * `sub`, which is all that is known here for certain.
 */
export interface SeenConnection {
  readonly id: string;
  readonly provider: { readonly id: string; readonly name: string };
  readonly host: { readonly id: string; readonly name: string };
  readonly sub: string;
  /** Whose it is, where it is a company's and everyone on the host is shown it; then there is no `sub`. */
  readonly company: string | null;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  /** What was fixed when it was connected, by the names of the provider's record. */
  readonly facts: Readonly<Record<string, { readonly value: string; readonly label: string | null }>>;
  readonly status: Connection['status'];
  readonly reason: ReconnectReason | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** What its provider will do when it is revoked. */
  readonly atEnd: Outlook;
  /** Latest first. */
  readonly uses: readonly GadgetUse[];
}

/** How many Connections there are, by provider, host, status and reason. */
export type ConnectionCounts = Awaited<ReturnType<AdminDeps['stores']['connectionLists']['counts']>>;

/** Connections of one provider that would end together, and what the provider will do about them. */
export interface Ending {
  readonly provider: { readonly name: string; readonly accountPage: string | null };
  readonly count: number;
  readonly atEnd: Exclude<Outlook, 'nothing'>;
}

/** What became of a permission at its provider, in a word and in a sentence. */
export interface Revocation {
  readonly outcome: Withdrawal;
  readonly message: string;
}

const PAGE = 50;

const sentenceOf = (outcome: Withdrawal, name: string): string => {
  switch (outcome) {
    case 'revoked':
      return `Disconnected, and ${name} revoked the permission.`;
    case 'asked':
      return `Disconnected here, and ${name} was asked to revoke the permission. ${name} doesn’t confirm that; the person can check there.`;
    case 'nothing':
      return `Disconnected. There was nothing left here to revoke; the person can see at ${name} what it still allows.`;
    case 'shared':
      return `Disconnected. The person has connected the same account again, so ${name} was not asked to revoke the permission.`;
    case 'unsupported':
      return `Disconnected here. ${name} has no way to revoke a permission; only the person can delete it there.`;
    case 'kept':
      return `Disconnected here; no data is shown any more. ${name} can’t be reached to revoke the permission; we’ll retry for a week.`;
    case 'failed':
      return `Disconnected here. ${name} could not be asked to revoke the permission because our registration or key ring changed; only the person can delete it there.`;
  }
};

const providerName = ({ directory }: Pick<AdminDeps, 'directory'>, id: string): string =>
  (directory.provider(id) ?? directory.leaving(id))?.name ?? id;

const companyName = ({ directory }: Pick<AdminDeps, 'directory'>, id: string): string =>
  directory.provider(id)?.clientCredentials?.company ?? providerName({ directory }, id);

const toSeenConnection = (
  deps: Pick<AdminDeps, 'directory'>,
  connection: Connection,
  uses: readonly GadgetUse[],
): SeenConnection => {
  const { id, viewer, account, scopes, status, reason, createdAt, lastUsedAt } = connection;
  return {
    id,
    provider: { id: connection.provider, name: providerName(deps, connection.provider) },
    host: { id: viewer.host, name: deps.directory.host(viewer.host)?.name ?? viewer.host },
    sub: viewer.sub,
    company: isCompany(viewer) ? companyName(deps, connection.provider) : null,
    account,
    scopes,
    facts: Object.fromEntries(
      Object.entries(connection.facts).map(([name, { value, label }]) => [name, { value, label }]),
    ),
    status,
    reason,
    createdAt,
    lastUsedAt,
    atEnd: outlookOf(deps.directory, connection),
    uses,
  };
};

async function withUses(
  deps: ShowingDeps,
  connections: readonly Connection[],
): Promise<readonly SeenConnection[]> {
  const { directory, stores } = deps;
  const uses = await stores.connectionLists.usesOf(connections.map(({ id }) => id));
  const usesOf = ({ id, viewer }: Connection): readonly GadgetUse[] =>
    uses
      .filter(({ connection }) => connection === id)
      .map(({ gadget, lastUsedAt }) => ({
        gadget,
        title: gadgetNamed(directory, directory.host(viewer.host), gadget)?.title ?? gadget,
        lastUsedAt,
      }));
  return connections.map((each) => toSeenConnection(deps, each, usesOf(each)));
}

/** Fifty by id, from a cursor on as the previous page gave it; `next` is null at the end. Throws `parameter_invalid`. */
export async function listConnections(
  deps: ShowingDeps & Deps<'digest'>,
  filter: ConnectionFilter,
  cursor: string | null,
): Promise<{ readonly connections: readonly SeenConnection[]; readonly next: string | null }> {
  const after = cursor === null ? null : positionIn(deps.digest, 'connections', cursor);
  const found = await deps.stores.connectionLists.page(filter, { after, limit: PAGE + 1 });
  const page = found.slice(0, PAGE);
  const last = found.length > PAGE ? page.at(-1) : undefined;
  const next = last === undefined ? null : cursorOf(deps.digest, 'connections', last.id);
  return { connections: await withUses(deps, page), next };
}

export function countConnections({ stores }: CountingDeps): Promise<ConnectionCounts> {
  return stores.connectionLists.counts();
}

async function known({ stores }: Deps<never, 'connections'>, id: string): Promise<Connection> {
  const connection = await stores.connections.byId(id as ConnectionId);
  if (connection === null) throw new AppError('connection_unknown', 'This connection no longer exists.');
  return connection;
}

/** Throws `connection_unknown`. */
export async function getConnection(
  deps: ShowingDeps & Deps<never, 'connections'>,
  id: string,
): Promise<SeenConnection> {
  const [one] = await withUses(deps, [await known(deps, id)]);
  if (one === undefined) throw new Error('A Connection that was found is not shown.');
  return one;
}

/** Disconnects a viewer, and asks the provider to revoke. Throws `connection_unknown`, also for one that is already being revoked. */
export async function revokeConnection(deps: AdminDeps, id: string, by: Actor): Promise<Revocation> {
  const connection = await known(deps, id);
  if (connection.status === 'revoking')
    throw new AppError(
      'connection_unknown',
      'This connection was already disconnected; its provider is being asked to revoke the permission.',
    );
  const { revoked } = await disconnectAsAdministrator(deps, connection, by);
  return { outcome: revoked, message: sentenceOf(revoked, providerName(deps, connection.provider)) };
}

/** What would end with all of a provider, a host, or a provider on a host, by provider; what has already ended is left out. */
export async function listEndings(deps: ShowingDeps, of: ConnectionsOf): Promise<readonly Ending[]> {
  const { directory } = deps;
  const live = new Map<string, number>();
  for (const { provider, host, status, count } of await countConnections(deps))
    if (status === 'active' && (of.provider ?? provider) === provider && (of.host ?? host) === host)
      live.set(provider, (live.get(provider) ?? 0) + count);
  return [...live].toSorted().map(([id, count]) => ({
    provider: {
      name: directory.providerName(id),
      accountPage: (directory.provider(id) ?? directory.leaving(id))?.accountPage ?? null,
    },
    count,
    atEnd: outlookAt(directory, id),
  }));
}

/** Throws `provider_unknown` or `host_unknown` where neither a record nor a Connection has that id. */
export async function requireKnown(deps: ListingDeps & CountingDeps, named: ConnectionsOf): Promise<void> {
  for (const kind of ['provider', 'host'] as const) {
    const id = named[kind];
    if (id === undefined || (kind === 'host' && id === CONSOLE_HOST)) continue;
    const ids = [...new Set((await listRecords(deps, kind)).map((record) => record.id))];
    // Connections can be left of what is no longer declared anywhere.
    if (ids.includes(id) || (await countConnections(deps)).some((each) => each[kind] === id)) continue;
    throw new AppError(
      `${kind}_unknown`,
      `There is no ${kind} ${id}. Known ${kind}s: ${ids.toSorted().join(', ') || 'none'}.`,
    );
  }
}

/**
 * Starts to disconnect everyone of a provider, a host, or a provider on a host. Throws `body_invalid` when neither is named, and as
 * `requireKnown` does.
 */
export async function revokeConnections(
  deps: ListingDeps & Deps<'audit' | 'clock' | 'entropy', 'connectionLists' | 'bulkDisconnects'>,
  { provider, host }: ConnectionsOf,
  by: Actor,
): Promise<BulkDisconnect> {
  if (provider === undefined && host === undefined)
    throw new AppError('body_invalid', 'Name the provider or the host whose connections should end.');
  const named = { ...(provider !== undefined && { provider }), ...(host !== undefined && { host }) };
  await requireKnown(deps, named);
  const leaver = { kind: 'connections', provider: provider ?? null, host: host ?? null } as const;
  const bulkDisconnect = await startBulkDisconnect(deps, leaver, by);
  await deps.audit.record({
    action: 'connection.all-disconnected',
    by,
    outcome: 'done',
    subject: bulkDisconnect.id,
    ...named,
  });
  return bulkDisconnect;
}
