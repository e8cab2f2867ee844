import type { Connection, TokenSet } from '../../domain/connection.js';
import type { ConnectPorts } from '../connect-ports.js';

const isSameSecret = (one: TokenSet['refreshToken'], other: TokenSet['refreshToken']): boolean =>
  one !== null && other !== null && one.reveal() === other.reveal();

const haveTokenInCommon = (one: TokenSet, other: TokenSet): boolean =>
  isSameSecret(one.accessToken, other.accessToken) || isSameSecret(one.refreshToken, other.refreshToken);

/** What a consent gave that came to nothing was kept on its own, and never refreshed. */
const neverConnected = ({ id, flow, version }: Connection): boolean => flow === id && version === 1;

/**
 * Whether to revoke the tokens of `retired` would end a Connection that is in use. Many servers keep one grant for each account and
 * client, and some hand out the very same token again: the viewer's own present Connection is compared by account and by token. Tokens
 * that never made a Connection also give way to another viewer's where they are the same; whoever disconnects ends the grant for all.
 */
export async function sharesGrant(
  { stores }: { readonly stores: Pick<ConnectPorts['stores'], 'connections'> },
  retired: Connection,
  tokens: TokenSet,
): Promise<boolean> {
  const { connections } = stores;
  const isIn = async (other: Connection): Promise<boolean> => {
    const inUse = await connections.tokens(other);
    return inUse !== null && haveTokenInCommon(inUse, tokens);
  };
  // Read from the store, not from memory: one that another process has just ended is in use no more.
  const present = (await connections.ofViewer(retired.viewer)).find(
    ({ provider, status }) => provider === retired.provider && status === 'active',
  );
  if (present?.clientId === retired.clientId) {
    if (retired.account !== null && present.account?.id === retired.account.id) return true;
    if (await isIn(present)) return true;
  }
  const others = neverConnected(retired) ? await connections.othersOfAccount(retired) : [];
  return (await Promise.all(others.map(isIn))).includes(true);
}
