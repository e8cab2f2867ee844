import { SYSTEM } from '../../domain/actor.js';
import type { Connection, ReconnectReason } from '../../domain/connection.js';
import type { Provider } from '../../providers/provider.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import type { AccessOutcome } from './access-source.js';
import { isAtHome } from './clients.js';
import { accessTo, NONE, opening, REGISTERED_ANEW } from './held-connection.js';

/**
 * Ends a Connection whose grant is dead, with its cache, and says so; unless its tokens were replaced in between, whose outcome then
 * counts. Replaced tokens may be of a record that was moved in between too: they are for `provider`, as the caller knows it, only
 * where they were granted for its origins.
 */
export const endConnection = (
  ports: Pick<ConnectPorts, 'stores' | 'caches' | 'journal' | 'audit'>,
): ((connection: Connection, provider: Provider, reason: ReconnectReason) => Promise<AccessOutcome>) => {
  const { caches, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const open = opening(connections, journal);
  return async (connection, known, reason) => {
    const { id, provider } = connection;
    if (await connections.expire(connection, reason)) {
      caches.purge(id);
      journal.note('connection-ended', { connection: id, provider, reason });
      await record('connection.ended', 'done', SYSTEM, connection, reason);
      return { kind: 'reconnect', reason };
    }
    const latest = await connections.byId(id);
    if (latest === null) return NONE;
    const found = await open(latest);
    if (found.kind !== 'held') return found;
    return isAtHome(found.tokens, known) ? accessTo(found, known) : REGISTERED_ANEW;
  };
};
