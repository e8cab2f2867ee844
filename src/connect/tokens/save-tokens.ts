import { SYSTEM } from '../../domain/actor.js';
import type { TokenSet } from '../../domain/connection.js';
import type { AccessOutcome } from '../../domain/ports.js';
import type { Provider } from '../../domain/provider.js';
import { recorder } from '../audited.js';
import { takingBack } from '../ending/take-back.js';
import type { ConnectPorts } from '../ports.js';
import { accessTo, BUSY, type Held, NONE, refusalOf } from './held.js';

/**
 * Writes refreshed tokens down under the lease. Those of a Connection that its viewer ended or made again while we asked belong to no
 * Connection, and are taken back.
 */
export const savingTokens = (
  ports: ConnectPorts,
): ((held: Held, owner: string, provider: Provider, tokens: TokenSet) => Promise<AccessOutcome>) => {
  const { clock, journal } = ports;
  const { connections } = ports.stores;
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);

  return async (held, owner, provider, tokens) => {
    const { id } = held.connection;
    const connection = await connections.replace(held.connection, owner, tokens, clock.now());
    if (connection !== null) return accessTo({ kind: 'held', connection, tokens }, provider);
    const { createdAt } = held.connection;
    const revoked = await takeBack(tokens, { ...held.connection, since: createdAt, isRefreshed: true });
    journal.note('refresh-outrun', { connection: id, provider: provider.id, revoked });
    await record(
      'connection.revoked-late',
      revoked === 'failed' || revoked === 'kept' ? 'failed' : 'done',
      SYSTEM,
      held.connection,
      revoked,
    );
    const latest = await connections.byId(id);
    return latest === null ? NONE : (refusalOf(latest) ?? BUSY);
  };
};
