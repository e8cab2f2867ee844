import type { Account, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Viewer } from '../../domain/viewer.js';

/** Tokens that were given up before they became a Connection: of a consent that was declined, or that came too late. */
export interface UnwantedTokens {
  readonly id: ConnectionId;
  readonly viewer: Viewer;
  readonly provider: string;
  readonly clientId: string;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly tokens: TokenSet;
  /** Whether they replaced others at a refresh, and so may not be the only ones of their grant that still work. */
  readonly isRefreshed: boolean;
  /** When whatever brought them was started. */
  readonly createdAt: number;
  readonly now: number;
  /** Until then the one who keeps them asks the provider to revoke them. */
  readonly until: number;
}
