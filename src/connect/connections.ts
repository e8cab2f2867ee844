import type { Account, Connection, ReconnectReason } from '../domain/connection.js';
import { AppError } from '../domain/errors.js';
import { TICKET_LIFE } from '../domain/flow.js';
import type { Secret } from '../domain/secret.js';
import type { Viewer } from '../domain/viewer.js';
import type { ConnectPorts } from './ports.js';

/** One line of My connections. Times are epoch milliseconds. */
export interface ListedConnection {
  readonly id: string;
  readonly provider: { readonly name: string; readonly accountPage: string | null };
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly status: Connection['status'];
  readonly reason: ReconnectReason | null;
  readonly createdAt: number;
  readonly lastUsedAt: number;
}

/** All Connections of one viewer, also those that need the viewer or are on their way out. */
export const connections =
  (ports: ConnectPorts) =>
  async (viewer: Viewer): Promise<readonly ListedConnection[]> =>
    (await ports.stores.connections.ofViewer(viewer)).map((connection) => {
      const provider = ports.directory.provider(connection.provider);
      const { id, account, scopes, status, reason, createdAt, lastUsedAt } = connection;
      return {
        id,
        provider: { name: provider?.name ?? connection.provider, accountPage: provider?.accountPage ?? null },
        account,
        scopes,
        status,
        reason,
        createdAt,
        lastUsedAt,
      };
    });

/** A ticket that opens My connections for this viewer: good once, for two minutes, and for nothing else. */
export const issueTicket = (ports: ConnectPorts) => {
  const { clock, digest, entropy, stores } = ports;
  return async (
    viewer: Viewer,
    name: string | null,
  ): Promise<{ readonly ticket: Secret; readonly expiresIn: number }> => {
    const ticket = entropy.secret();
    await stores.tickets.put(digest.sha256(ticket.reveal()), viewer, name, clock.now() + TICKET_LIFE);
    return { ticket, expiresIn: TICKET_LIFE / 1000 };
  };
};

/** Trades a ticket for whom it names; a used, old or foreign one is refused. */
export const takeTicket = (ports: ConnectPorts) => {
  const { clock, digest, stores } = ports;
  return async (ticket: Secret): Promise<{ readonly viewer: Viewer; readonly name: string | null }> => {
    const taken = await stores.tickets.take(digest.sha256(ticket.reveal()), clock.now());
    if (taken === null)
      throw new AppError(
        'ticket_invalid',
        'This window can no longer be used. Please close it and choose My connections in the gadget again.',
      );
    return taken;
  };
};
