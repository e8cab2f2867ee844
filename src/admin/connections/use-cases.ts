import { type Outlook, outlookAt, outlookOf } from '../../connect/ending/revocation-outlook.js';
import type { Actor } from '../../domain/actor.js';
import type { Account, Connection, ConnectionId, ReconnectReason } from '../../domain/connection.js';
import type { Departure, Leaver, Withdrawal } from '../../domain/departure.js';
import { AppError } from '../../domain/errors.js';
import { CONSOLE_HOST } from '../../hosts/console-host.js';
import type { ConnectionFilter } from '../../store/setup-stores.js';
import type { ManagePorts } from '../admin-ports.js';
import { cursorOf, positionIn } from '../page-cursor.js';
import type { Records } from '../records/record-types.js';

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
  readonly account: Account | null;
  readonly scopes: readonly string[];
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
export type ConnectionCounts = Awaited<ReturnType<ManagePorts['stores']['connectionLists']['counts']>>;

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

/** Who is connected, and the end of it. */
export interface ConnectionAdmin {
  /** Fifty by id, from a cursor on as the page before gave it; `next` is null at the end. Throws `parameter_invalid`. */
  list(
    filter: ConnectionFilter,
    cursor: string | null,
  ): Promise<{ readonly connections: readonly SeenConnection[]; readonly next: string | null }>;
  counts(): Promise<ConnectionCounts>;
  /** Throws `connection_unknown`. */
  get(id: string): Promise<SeenConnection>;
  /** Throws `connection_unknown`, also of one that is being revoked already. */
  revoke(id: string, by: Actor): Promise<Revocation>;
  /** What would end with all of a provider, a host, or a provider on a host, by provider; what has ended already is left out. */
  endings(of: Pick<ConnectionFilter, 'provider' | 'host'>): Promise<readonly Ending[]>;
  /** Throws `provider_unknown` or `host_unknown` where nothing here, nor any Connection, is called so. */
  requireKnown(named: Pick<ConnectionFilter, 'provider' | 'host'>): Promise<void>;
  /**
   * Begins the end of all Connections of a provider, a host, or a provider on a host. Throws `body_invalid` when neither is named, and as
   * `requireKnown` does.
   */
  revokeAll(of: Pick<ConnectionFilter, 'provider' | 'host'>, by: Actor): Promise<Departure>;
}

export interface ConnectionAdminPorts extends Pick<ManagePorts, 'stores' | 'directory' | 'audit' | 'digest'> {
  readonly records: Pick<Records, 'list'>;
  /** Ends a Connection, tells the provider, and writes it to the audit log. */
  readonly disconnect: (
    connection: Connection,
    by: Actor,
  ) => Promise<{ readonly revoked: Revocation['outcome'] }>;
  readonly startDeparture: (leaver: Leaver, by: Actor) => Promise<Departure>;
}

const PAGE = 50;

const sentenceOf = (outcome: Withdrawal, name: string): string => {
  switch (outcome) {
    case 'revoked':
      return `It is ended, and ${name} revoked its permission.`;
    case 'asked':
      return `It is ended here, and ${name} was asked to revoke its permission. ${name} does not let us confirm that; the person can check there.`;
    case 'nothing':
      return `It is ended. Nothing was left here to revoke; what ${name} still allows, the person can see there.`;
    case 'shared':
      return `It is ended. The person connected the same account again since, so ${name} was not asked to revoke the permission.`;
    case 'unsupported':
      return `It is ended here. ${name} offers no way to revoke a permission; only the person can delete it there.`;
    case 'kept':
      return `It is ended here, and shows nothing any more. ${name} cannot be asked to revoke its permission just now; it is asked again for a week.`;
    case 'failed':
      return `It is ended here. ${name} could not be asked to revoke its permission, since our registration or key ring changed; only the person can delete it there.`;
  }
};

/** Throws where neither a record nor a Connection is called so. */
const requireKnown = async (
  { records, stores }: Pick<ConnectionAdminPorts, 'records' | 'stores'>,
  named: Pick<ConnectionFilter, 'provider' | 'host'>,
): Promise<void> => {
  for (const kind of ['provider', 'host'] as const) {
    const id = named[kind];
    if (id === undefined || (kind === 'host' && id === CONSOLE_HOST)) continue;
    const ids = [...new Set((await records.list(kind)).map((record) => record.id))];
    // Connections can be left of what is declared nowhere any more.
    if (ids.includes(id) || (await stores.connectionLists.counts()).some((each) => each[kind] === id))
      continue;
    throw new AppError(
      `${kind}_unknown`,
      `There is no ${kind} ${id}; there is ${ids.toSorted().join(', ') || 'none'}.`,
    );
  }
};

const endingsOf = async (
  { directory, stores }: Pick<ConnectionAdminPorts, 'directory' | 'stores'>,
  of: Pick<ConnectionFilter, 'provider' | 'host'>,
): Promise<readonly Ending[]> => {
  const live = new Map<string, number>();
  for (const { provider, host, status, count } of await stores.connectionLists.counts())
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
};

export const connectionAdmin = (ports: ConnectionAdminPorts): ConnectionAdmin => {
  const { stores, directory } = ports;
  const { connectionLists } = stores;
  const providerName = (id: string): string => (directory.provider(id) ?? directory.leaving(id))?.name ?? id;

  const seen = (connection: Connection, uses: readonly GadgetUse[]): SeenConnection => {
    const { id, viewer, account, scopes, status, reason, createdAt, lastUsedAt } = connection;
    return {
      id,
      provider: { id: connection.provider, name: providerName(connection.provider) },
      host: { id: viewer.host, name: directory.host(viewer.host)?.name ?? viewer.host },
      sub: viewer.sub,
      account,
      scopes,
      status,
      reason,
      createdAt,
      lastUsedAt,
      atEnd: outlookOf(directory, connection),
      uses,
    };
  };

  const withUses = async (connections: readonly Connection[]): Promise<readonly SeenConnection[]> => {
    const uses = await connectionLists.usesOf(connections.map(({ id }) => id));
    return connections.map((each) =>
      seen(
        each,
        uses
          .filter(({ connection }) => connection === each.id)
          .map(({ gadget, lastUsedAt }) => ({
            gadget,
            title: directory.gadget(gadget)?.title ?? gadget,
            lastUsedAt,
          })),
      ),
    );
  };

  const known = async (id: string): Promise<Connection> => {
    const connection = await stores.connections.byId(id as ConnectionId);
    if (connection === null)
      throw new AppError('connection_unknown', 'There is no such connection any more.');
    return connection;
  };

  return {
    requireKnown: (named) => requireKnown(ports, named),
    async list(filter, cursor) {
      const after = cursor === null ? null : positionIn(ports.digest, 'connections', cursor);
      const found = await connectionLists.page(filter, { after, limit: PAGE + 1 });
      const page = found.slice(0, PAGE);
      const last = found.length > PAGE ? page.at(-1) : undefined;
      const next = last === undefined ? null : cursorOf(ports.digest, 'connections', last.id);
      return { connections: await withUses(page), next };
    },
    counts: () => connectionLists.counts(),
    endings: (of) => endingsOf(ports, of),
    async get(id) {
      const [one] = await withUses([await known(id)]);
      if (one === undefined) throw new Error('a Connection that is and is not');
      return one;
    },
    async revoke(id, by) {
      const connection = await known(id);
      if (connection.status === 'revoking')
        throw new AppError(
          'connection_unknown',
          'This connection was ended already; its provider is being told.',
        );
      const { revoked } = await ports.disconnect(connection, by);
      return { outcome: revoked, message: sentenceOf(revoked, providerName(connection.provider)) };
    },
    async revokeAll({ provider, host }, by) {
      if (provider === undefined && host === undefined)
        throw new AppError('body_invalid', 'Name the provider or the host whose connections shall end.');
      await requireKnown(ports, {
        ...(provider !== undefined && { provider }),
        ...(host !== undefined && { host }),
      });
      const leaver = { kind: 'connections', provider: provider ?? null, host: host ?? null } as const;
      const departure = await ports.startDeparture(leaver, by);
      await ports.audit.record({
        action: 'connection.all-disconnected',
        by,
        outcome: 'done',
        subject: departure.id,
        ...(provider !== undefined && { provider }),
        ...(host !== undefined && { host }),
      });
      return departure;
    },
  };
};
