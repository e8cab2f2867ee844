import type { Account, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Viewer } from '../../domain/viewer.js';
import type { ConnectPorts } from '../ports.js';
import { ASKING, type Withdrawal, withdrawal } from './revocation.js';

/** Whose unwanted tokens they are, and since when what brought them was under way. */
export interface Unwanted {
  readonly viewer: Viewer;
  readonly provider: string;
  readonly clientId: string;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly since: number;
}

/**
 * Takes back tokens that no Connection uses: of a consent that was declined, came too late, or was replaced. They are written down
 * first as a Connection on its way out, so that a provider that cannot be told now is told later, like after a Disconnect.
 */
export const takingBack = (
  ports: ConnectPorts,
): ((tokens: TokenSet, of: Unwanted) => Promise<Withdrawal>) => {
  const { clock, entropy } = ports;
  const { connections } = ports.stores;
  const withdraw = withdrawal(ports);
  return async (tokens, { viewer, provider, clientId, account, scopes, since }) => {
    const now = clock.now();
    const kept = await connections.keep({
      id: entropy.id() as ConnectionId,
      viewer,
      provider,
      clientId,
      account,
      scopes: tokens.scopes ?? scopes,
      tokens,
      createdAt: since,
      now,
      until: now + ASKING,
    });
    return withdraw(kept);
  };
};
