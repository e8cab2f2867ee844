import type { Account, Connection, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Withdrawal } from '../../domain/departure.js';
import type { Flow } from '../../domain/flow.js';
import type { Viewer } from '../../domain/viewer.js';
import type { UnwantedTokens } from '../../store/connections/unwanted-tokens.js';
import type { ConnectPorts } from '../connect-ports.js';
import { ASKING, withdrawal } from './revoke-tokens.js';

/** Whose unwanted tokens they are, and since when what brought them was under way. */
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

/** Tokens as a Connection on its way out; for `ours` milliseconds nothing else asks its provider. */
export const asUnwanted = (
  { clock, entropy }: Pick<ConnectPorts, 'clock' | 'entropy'>,
  tokens: TokenSet,
  { viewer, provider, clientId, account, scopes, since, isRefreshed = false }: Unwanted,
  ours: number,
): UnwantedTokens => {
  const now = clock.now();
  return {
    ...{ viewer, provider, clientId, account, isRefreshed, tokens },
    id: entropy.id() as ConnectionId,
    scopes: tokens.scopes ?? scopes,
    createdAt: since,
    now,
    until: now + ours,
  };
};

const keeping =
  (ports: ConnectPorts) =>
  (tokens: TokenSet, of: Unwanted, ours: number): Promise<Connection> =>
    ports.stores.connections.keep(asUnwanted(ports, tokens, of, ours));

/**
 * Takes back tokens that no Connection uses: of a consent that was declined, came too late, or was replaced. They are written down
 * first as a Connection on its way out, so that a provider that cannot be told now is told later, like after a Disconnect.
 */
export const takingBack = (
  ports: ConnectPorts,
): ((tokens: TokenSet, of: Unwanted) => Promise<Withdrawal>) => {
  const keep = keeping(ports);
  const withdraw = withdrawal(ports);
  return async (tokens, of) => withdraw(await keep(tokens, of, ASKING));
};

/** Whose the tokens are that a flow holds. */
export const unwantedOf = ({ viewer, provider, clientId, account, scopes, startedAt }: Flow): Unwanted => ({
  ...{ viewer, provider, clientId, account, scopes, since: startedAt },
});

/** Takes back what an ended flow holds; `nothing` where it holds nothing. */
export const takingFlowBack = (ports: ConnectPorts): ((flow: Flow) => Promise<Withdrawal | 'nothing'>) => {
  const { flows } = ports.stores;
  const takeBack = takingBack(ports);
  return async (flow) => {
    const tokens = await flows.tokens(flow);
    const outcome = tokens === null ? 'nothing' : await takeBack(tokens, unwantedOf(flow));
    await flows.forget(flow.id);
    return outcome;
  };
};

/** Leaves what an ended flow holds to be taken back in the background, where a provider that is silent keeps nobody waiting. */
export const settingFlowAside = (ports: ConnectPorts): ((flow: Flow) => Promise<void>) => {
  const { flows } = ports.stores;
  const keep = keeping(ports);
  return async (flow) => {
    const tokens = await flows.tokens(flow);
    if (tokens !== null) await keep(tokens, unwantedOf(flow), 0);
    await flows.forget(flow.id);
  };
};
