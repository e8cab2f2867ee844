import type { Connection, TokenSet } from '../../domain/connection.js';
import type { EndOutcome, Withdrawal } from '../../domain/departure.js';
import { mayTravel } from '../../providers/provider.js';
import type { RevocationOutcome } from '../../providers/token-outcome.js';
import type { ConnectPorts } from '../connect-ports.js';
import { clientsOf } from '../tokens/clients.js';
import { type Granted, makeRevocable, type Registered } from './revocable.js';
import { sharesGrant } from './shared-grant.js';

/** For how long whoever retired a Connection has its provider to themselves, ms: longer than all the requests that it may take. */
export const ASKING = 90_000;

/** Takes tokens back at the provider (RFC 7009), where it can be done. */
const revoker = (ports: ConnectPorts): ((tokens: TokenSet, of: Connection) => Promise<Withdrawal>) => {
  const { directory } = ports;
  const clients = clientsOf(ports);
  return async (tokens, retired) => {
    const { viewer, provider: id, clientId } = retired;
    const provider = directory.provider(id) ?? directory.leaving(id);
    if (provider === undefined) return 'kept';
    if (provider.revocation.kind === 'none') return 'unsupported';
    const client = clients.same(provider, viewer.host, clientId);
    if (client === null || !mayTravel(tokens.origins, provider.revocation.endpoint)) return 'failed';
    if (await clients.isStopped(provider, client)) return 'kept';
    return askToRevoke(ports, { retired, tokens }, { provider, client });
  };
};

async function askToRevoke(ports: ConnectPorts, granted: Granted, by: Registered): Promise<Withdrawal> {
  const revocable = await makeRevocable(ports, granted, by);
  if (revocable.kind === 'later') return 'kept';
  if (revocable.kind === 'dead') return 'nothing';
  const [outcome = 'failed'] = await revokeEach(ports.authorizer, by, revocable.tokens);
  if (outcome === 'failed') return 'kept';
  return outcome === 'revoked' && !revocable.isCertain ? 'asked' : outcome;
}

/** One after the other: a server may burn what is asked about twice at once. */
async function revokeEach(
  authorizer: ConnectPorts['authorizer'],
  { provider, client }: Registered,
  tokens: readonly TokenSet[],
): Promise<readonly RevocationOutcome[]> {
  const outcomes: RevocationOutcome[] = [];
  for (const each of tokens) outcomes.push(await authorizer.revoke(provider, client, each));
  return outcomes;
}

const countedAs = (revoked: Withdrawal): EndOutcome =>
  revoked === 'revoked' || revoked === 'asked' || revoked === 'nothing' ? revoked : 'unrevoked';

/** Told what became of a Connection's tokens before the last trace of it is gone; not when they are kept. */
export type BeforeRemoval = (revoked: Withdrawal) => Promise<void>;

/** Revokes a retired Connection's tokens and forgets it, unless the provider is to be asked again later. */
export const withdrawal = (
  ports: ConnectPorts,
): ((retired: Connection, before?: BeforeRemoval) => Promise<Withdrawal>) => {
  const { connections } = ports.stores;
  const revoke = revoker(ports);
  const withdraw = async (retired: Connection, tokens: TokenSet): Promise<Withdrawal> =>
    (await sharesGrant(ports, retired, tokens)) ? 'shared' : revoke(tokens, retired);
  return async (retired, before) => {
    const tokens = await connections.tokens(retired);
    const revoked = tokens === null ? 'failed' : await withdraw(retired, tokens);
    if (revoked === 'kept') return revoked;
    await before?.(revoked);
    await connections.remove(retired.id, countedAs(revoked));
    return revoked;
  };
};
