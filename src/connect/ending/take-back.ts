import type { Account, Connection, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Flow } from '../../domain/flow.js';
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

/** Many servers keep one grant for each account and client: to take such tokens back would end the viewer's present Connection too. */
export const sharesGrant = (account: Account | null, present: Connection | null): boolean =>
  account !== null && present?.status === 'active' && present.account?.id === account.id;

/** Writes tokens down as a Connection on its way out; for `ours` milliseconds nobody else asks its provider. */
const keeping =
  ({ clock, entropy, stores }: ConnectPorts) =>
  (tokens: TokenSet, { since, ...of }: Unwanted, ours: number) => {
    const now = clock.now();
    return stores.connections.keep({
      ...of,
      id: entropy.id() as ConnectionId,
      scopes: tokens.scopes ?? of.scopes,
      tokens,
      createdAt: since,
      now,
      until: now + ours,
    });
  };

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

const unwanted = ({ viewer, provider, clientId, account, scopes, startedAt }: Flow): Unwanted => ({
  ...{ viewer, provider, clientId, account, scopes, since: startedAt },
});

/** Takes back what an ended flow holds; `nothing` where it holds nothing. */
export const takingFlowBack = (ports: ConnectPorts): ((flow: Flow) => Promise<Withdrawal | 'nothing'>) => {
  const { flows } = ports.stores;
  const takeBack = takingBack(ports);
  return async (flow) => {
    const tokens = await flows.tokens(flow);
    const outcome = tokens === null ? 'nothing' : await takeBack(tokens, unwanted(flow));
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
    if (tokens !== null) await keep(tokens, unwanted(flow), 0);
    await flows.forget(flow.id);
  };
};
