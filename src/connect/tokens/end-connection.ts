import { SYSTEM } from '../../domain/actor.js';
import type { Connection, ReconnectReason } from '../../domain/connection.js';
import type { AccessOutcome } from '../../domain/ports.js';
import { recorder } from '../audited.js';
import type { ConnectPorts } from '../ports.js';
import { accessTo, NONE, opening } from './held.js';

/**
 * Ends a Connection whose grant is dead, with its cache, and says so; unless somebody replaced its tokens meanwhile, whose outcome
 * then counts.
 */
export const endConnection = (
  ports: Pick<ConnectPorts, 'stores' | 'caches' | 'journal' | 'audit'>,
): ((connection: Connection, reason: ReconnectReason) => Promise<AccessOutcome>) => {
  const { caches, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const open = opening(connections, journal);
  return async (connection, reason) => {
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
    return found.kind === 'held' ? accessTo(found) : found;
  };
};
