import type { Account, Connection, ReconnectReason } from '../domain/connection.js';
import { AppError } from '../domain/errors.js';
import { TICKET_LIFE } from '../domain/flow.js';
import type { Secret } from '../domain/secret.js';
import type { Viewer } from '../domain/viewer.js';
import { mayTravel, type Provider } from '../providers/provider.js';
import type { ConnectPorts } from './connect-ports.js';
import { connectable, requireMade } from './consent/begin.js';
import { type Outlook, outlookOf } from './ending/revocation-outlook.js';

/** Who is looking at My connections in one browser. */
export interface Visitor {
  readonly viewer: Viewer;
  readonly name: string | null;
  /** Where the page is that led here; absent where it did not say. */
  readonly origin?: string;
  /** The locale of the gadget that led here, BCP 47. */
  readonly locale?: string;
}

/** What a scope allows, in the administrator's words, or as the provider calls it. */
export interface ScopeInWords {
  readonly scope: string;
  readonly words: string | null;
}

/** One line of My connections. Times are epoch milliseconds. */
export interface ListedConnection {
  readonly id: string;
  readonly provider: { readonly name: string; readonly accountPage: string | null };
  readonly account: Account | null;
  readonly scopes: readonly ScopeInWords[];
  readonly status: Connection['status'];
  readonly reason: ReconnectReason | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
  /** Gadgets that showed something of it, the latest first; all of them on the viewer's own host. */
  readonly uses: readonly { readonly gadget: string; readonly lastUsedAt: number }[];
  /** Whether it can be connected anew, as another account or the same: the host may still use the provider. */
  readonly canConnect: boolean;
  /** What its provider will do when it is disconnected. */
  readonly atEnd: Outlook;
  /** The provider keeps one grant for each account: connecting anew ends an older one. */
  readonly oneGrantPerAccount: boolean;
}

const inWords = (provider: Provider | undefined, scope: string): ScopeInWords => {
  const all = provider?.scopeDescriptions ?? {};
  return { scope, words: (Object.hasOwn(all, scope) ? all[scope] : undefined) ?? null };
};

/** As `outlookOf`; a record that was moved leads to where these tokens are never sent. */
const outlookIn = async (
  { directory, stores }: Pick<ConnectPorts, 'directory' | 'stores'>,
  connection: Connection,
): Promise<Outlook> => {
  const outlook = outlookOf(directory, connection);
  const provider = directory.provider(connection.provider) ?? directory.leaving(connection.provider);
  if (outlook !== 'asked' || provider?.revocation.kind !== 'rfc7009') return outlook;
  const tokens = await stores.connections.tokens(connection);
  return tokens === null || mayTravel(tokens.origins, provider.revocation.endpoint) ? outlook : 'unknown';
};

/** All Connections of one viewer, also those that need the viewer or are on their way out. */
export const connections = (ports: ConnectPorts) => {
  const { directory, stores } = ports;

  const canConnect = ({ viewer, provider }: Connection): boolean => {
    try {
      const { host } = connectable(directory, viewer.host, provider);
      return host.gadgets.some((id) => directory.gadget(id)?.providers.includes(provider) === true);
    } catch (error) {
      if (error instanceof AppError) return false;
      throw error;
    }
  };

  return async (viewer: Viewer): Promise<readonly ListedConnection[]> => {
    const own = await stores.connections.ofViewer(viewer);
    const used = await stores.connectionLists.usesOf(own.map(({ id }) => id));
    const outlooks = await Promise.all(own.map((connection) => outlookIn(ports, connection)));
    return own.map((connection, index) => {
      const provider = directory.provider(connection.provider) ?? directory.leaving(connection.provider);
      const { id, account, scopes, status, reason, createdAt, lastUsedAt } = connection;
      return {
        id,
        provider: {
          name: directory.providerName(connection.provider),
          accountPage: provider?.accountPage ?? null,
        },
        account,
        scopes: scopes.map((scope) => inWords(provider, scope)),
        status,
        reason,
        createdAt,
        lastUsedAt,
        uses: used
          .filter((use) => use.connection === id)
          .map((use) => ({
            gadget: directory.gadget(use.gadget)?.title ?? use.gadget,
            lastUsedAt: use.lastUsedAt,
          })),
        canConnect: canConnect(connection),
        atEnd: outlooks[index] ?? 'unknown',
        oneGrantPerAccount: provider?.oneGrantPerAccount ?? false,
      };
    });
  };
};

/** Whether a window that a gadget opened leads to My connections: in the other modes a link does, and nothing else (T11). */
const isOpened = ({ directory }: ConnectPorts, viewer: Viewer): boolean =>
  directory.host(viewer.host)?.connectMode === 'opener';

/** A ticket that opens My connections for this viewer: good once, for two minutes, and for nothing else. */
export const issueTicket = (ports: ConnectPorts) => {
  const { clock, digest, entropy, stores } = ports;
  return async (
    viewer: Viewer,
    name: string | null,
    { origin, locale }: Pick<Visitor, 'origin' | 'locale'> = {},
  ): Promise<{ readonly ticket: Secret; readonly expiresIn: number }> => {
    if (!isOpened(ports, viewer)) throw new AppError('flow_step', { as: 'flow_step_by_link' });
    const ticket = entropy.secret();
    const ticketHash = digest.sha256(ticket.reveal());
    const now = clock.now();
    const at = { ...(origin !== undefined && { origin }), ...(locale !== undefined && { locale }) };
    const given = { ticketHash, viewer, name, now, expiresAt: now + TICKET_LIFE, ...at };
    requireMade(await stores.tickets.put(given, ports.limits));
    return { ticket, expiresIn: TICKET_LIFE / 1000 };
  };
};

/** Trades a ticket for whom it names; a used, old or foreign one is refused. */
export const takeTicket = (ports: ConnectPorts) => {
  const { clock, digest, stores } = ports;
  return async (ticket: Secret): Promise<Visitor> => {
    const taken = await stores.tickets.take(digest.sha256(ticket.reveal()), clock.now());
    if (taken === null || !isOpened(ports, taken.viewer))
      throw new AppError('ticket_invalid', { as: 'ticket_invalid_connections' });
    return taken;
  };
};
