import type { Connection, TokenSet } from '../../domain/connection.js';
import type { EndOutcome } from '../../domain/departure.js';
import { mayTravel } from '../../domain/provider.js';
import type { ConnectPorts } from '../ports.js';
import { clientsOf } from '../tokens/clients.js';

/**
 * What became of tokens that nobody shall use any more. `revoked`: the provider took them back. `unsupported`: it has no way to
 * (a person can, on its account page). `kept`: it cannot be asked just now. `failed`: it cannot be asked at all, because our
 * registration changed, its way to take tokens back leads elsewhere than they were granted, or the tokens cannot be opened.
 */
export type Withdrawal = 'revoked' | 'unsupported' | 'kept' | 'failed';

/** For how long whoever retired a Connection has its provider to themselves, ms: longer than two requests may take. */
export const ASKING = 30_000;

/** Takes tokens back at the provider (RFC 7009), where it can be done. */
const revoker = (ports: ConnectPorts): ((tokens: TokenSet, of: Connection) => Promise<Withdrawal>) => {
  const clients = clientsOf(ports);
  return async (tokens, { viewer, provider: id, clientId }) => {
    const provider = ports.directory.provider(id) ?? ports.directory.leaving(id);
    if (provider === undefined) return 'kept';
    if (provider.revocation.kind === 'none') return 'unsupported';
    const client = clients.same(provider, viewer.host, clientId);
    if (client === null || !mayTravel(tokens.origins, provider.revocation.endpoint)) return 'failed';
    if (await clients.isStopped(provider, client)) return 'kept';
    const outcome = await ports.authorizer.revoke(provider, client, tokens);
    return outcome === 'failed' ? 'kept' : outcome;
  };
};

const countedAs = (revoked: Withdrawal): EndOutcome => (revoked === 'revoked' ? 'revoked' : 'unrevoked');

/** Told what became of a Connection's tokens before the last trace of it is gone; not when they are kept. */
export type BeforeRemoval = (revoked: Withdrawal) => Promise<void>;

/** Revokes a retired Connection's tokens and forgets it, unless the provider is to be asked again later. */
export const withdrawal = (
  ports: ConnectPorts,
): ((retired: Connection, before?: BeforeRemoval) => Promise<Withdrawal>) => {
  const { connections } = ports.stores;
  const revoke = revoker(ports);
  return async (retired, before) => {
    const tokens = await connections.tokens(retired);
    const revoked = tokens === null ? 'failed' : await revoke(tokens, retired);
    if (revoked === 'kept') return revoked;
    await before?.(revoked);
    await connections.remove(retired.id, countedAs(revoked));
    return revoked;
  };
};
