import type { Withdrawal } from '../../domain/bulk-disconnect.js';
import type { Account, Connection, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import type { RevocationLease } from '../../store/connections/revocation-queries.js';
import type { UnwantedTokens } from '../../store/connections/unwanted-tokens.js';
import type { Deps } from '../connect-deps.js';
import { type RevokeDeps, revocationLease, revokeRetired } from './revoke-tokens.js';

/** What discarding tokens needs. */
export type DiscardDeps = RevokeDeps;

/** Who was granted the unwanted tokens, and when what brought them was started. */
export interface Unwanted {
  readonly viewer: Viewer;
  readonly provider: string;
  readonly clientId: string;
  readonly account: Account | null;
  readonly scopes: readonly string[];
  readonly since: number;
  /** Whether they replaced others at a refresh. */
  readonly isRefreshed?: boolean;
}

/** Tokens as a Connection on its way out, which the holder of the lease asks its provider to revoke; without one, the first to find it due. */
export const toUnwanted = (
  { clock, entropy }: Deps<'clock' | 'entropy'>,
  tokens: TokenSet,
  { viewer, provider, clientId, account, scopes, since, isRefreshed = false }: Unwanted,
  lease: RevocationLease | null,
): UnwantedTokens => {
  const now = clock.now();
  return {
    ...{ viewer, provider, clientId, account, isRefreshed, tokens },
    id: entropy.id() as ConnectionId,
    scopes: tokens.scopes ?? scopes,
    createdAt: since,
    now,
    lease,
  };
};

/**
 * Revokes tokens that no Connection uses: of a consent that was declined, came too late, or was replaced. They are written down
 * first as a Connection on its way out, so that a provider that cannot be asked now is asked later, as after a Disconnect.
 */
export async function discardTokens(deps: DiscardDeps, tokens: TokenSet, of: Unwanted): Promise<Withdrawal> {
  const lease = revocationLease(deps);
  return revokeRetired(deps, await keepTokens(deps, tokens, of, lease), lease.holder);
}

async function keepTokens(
  deps: Deps<'clock' | 'entropy', 'connections'>,
  tokens: TokenSet,
  of: Unwanted,
  lease: RevocationLease | null,
): Promise<Connection> {
  return deps.stores.connections.keep(toUnwanted(deps, tokens, of, lease));
}

/** Who was granted the tokens that a flow holds. */
export const unwantedOf = ({ viewer, provider, clientId, account, scopes, startedAt }: Flow): Unwanted => ({
  ...{ viewer, provider, clientId, account, scopes, since: startedAt },
});

/** Revokes what an ended flow holds; `nothing` where it holds nothing. */
export async function discardFlowTokens(
  deps: DiscardDeps & Deps<never, 'flows'>,
  flow: Flow,
): Promise<Withdrawal> {
  const { flows } = deps.stores;
  const tokens = await flows.tokens(flow);
  const outcome = tokens === null ? 'nothing' : await discardTokens(deps, tokens, unwantedOf(flow));
  await flows.forget(flow.id);
  return outcome;
}

/** Leaves what an ended flow holds to be revoked in the background, where a silent provider keeps no one waiting. */
export async function discardFlowTokensLater(
  deps: Deps<'clock' | 'entropy', 'connections' | 'flows'>,
  flow: Flow,
): Promise<void> {
  const { flows } = deps.stores;
  const tokens = await flows.tokens(flow);
  if (tokens !== null) await keepTokens(deps, tokens, unwantedOf(flow), null);
  await flows.forget(flow.id);
}
