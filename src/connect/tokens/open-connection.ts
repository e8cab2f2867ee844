import { SYSTEM } from '../../domain/actor.js';
import type { Connection, ReconnectReason, TokenSet } from '../../domain/connection.js';
import { boundOrigins, type Provider } from '../../providers/provider.js';
import type { Access } from '../../upstream/upstream-call.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { isAtHome } from './clients.js';

/** A token that works now, or why there is none. */
export type AccessOutcome =
  | { readonly kind: 'access'; readonly access: Access }
  | { readonly kind: 'none' }
  | { readonly kind: 'reconnect'; readonly reason: ReconnectReason }
  /** `refused`: the server answered, and refused to renew the token in words that leave open why. */
  | { readonly kind: 'down'; readonly reason: string; readonly refused?: true }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | { readonly kind: 'stopped'; readonly code: string };

/** A Connection with its tokens opened. */
export interface OpenConnection {
  readonly kind: 'open';
  readonly connection: Connection;
  readonly tokens: TokenSet;
}

export const accessTo = ({ connection, tokens }: OpenConnection, provider: Provider): AccessOutcome => ({
  kind: 'access',
  access: {
    ...{ connection, token: tokens.accessToken, origins: boundOrigins(tokens, provider) },
    ...(tokens.grantedBy !== undefined && { grantedBy: tokens.grantedBy }),
  },
});

/** Whether the token has not run out by our clock. */
export const isValid = (tokens: TokenSet, now: number): boolean =>
  tokens.expiresAt === null || tokens.expiresAt > now;

export const NONE: AccessOutcome = { kind: 'none' };
/** Another process refreshes, and took longer than a request waits. */
export const BUSY: AccessOutcome = { kind: 'down', reason: 'refresh-busy' };
/** Tokens of another registration cannot be refreshed: the provider would refuse or invalidate them. */
export const REGISTRATION_CHANGED: AccessOutcome = { kind: 'reconnect', reason: 'expired' };

/** What a Connection that cannot be used answers; null for one that can. */
export const refusalOf = (connection: Connection): AccessOutcome | null => {
  if (connection.status === 'revoking') return NONE;
  return connection.status === 'reconnect'
    ? { kind: 'reconnect', reason: connection.reason ?? 'expired' }
    : null;
};

/** Tokens that wait to be saved. */
interface Waiting {
  openFor(connection: Connection): OpenConnection | null;
}

type OpenDeps = Deps<'journal', 'connections'> & { readonly unsaved?: Waiting };

/**
 * Opens a Connection's tokens: those that wait to be saved, else those of the store. One that was changed in the meantime is read again;
 * one whose tokens no key of the ring opens asks its viewer to connect again, but stays as it is, so that putting the key back fixes it.
 */
export async function openConnection(
  deps: OpenDeps,
  known: Connection,
): Promise<OpenConnection | AccessOutcome> {
  const { connections } = deps.stores;
  let connection = known;
  for (;;) {
    const refusal = refusalOf(connection);
    if (refusal !== null) return refusal;
    const open = await openTokens(deps, connection);
    if (open !== null) return open;
    const latest = await connections.byId(connection.id);
    if (latest === null) return NONE;
    if (latest.version === connection.version && latest.status === 'active') break;
    connection = latest;
  }
  deps.journal.warn('tokens-unopenable', {
    connection: connection.id,
    provider: connection.provider,
    fix: 'No key of the key ring opens these tokens: put back the key that sealed them, or the viewer must connect again.',
  });
  return { kind: 'reconnect', reason: 'expired' };
}

async function openTokens(
  { stores, unsaved }: OpenDeps,
  connection: Connection,
): Promise<OpenConnection | null> {
  const waiting = unsaved?.openFor(connection);
  if (waiting) return waiting;
  const tokens = await stores.connections.tokens(connection);
  return tokens && { kind: 'open', connection, tokens };
}

/**
 * Ends a Connection whose grant is dead, with its cache, and says so; unless its tokens were replaced in between, whose outcome then
 * counts. Replaced tokens may be of a record that was moved in between too: they are for `known`, as the caller knows it, only
 * where they were granted for its origins.
 */
export async function endConnection(
  deps: Deps<'audit' | 'caches' | 'journal', 'connections'>,
  connection: Connection,
  known: Provider,
  reason: ReconnectReason,
): Promise<AccessOutcome> {
  const { caches, journal, stores } = deps;
  const { id, provider } = connection;
  if (await stores.connections.expire(connection, reason)) {
    caches.purge(id);
    journal.note('connection-ended', { connection: id, provider, reason });
    await recordEvent(deps, 'connection.ended', connection, { outcome: 'done', by: SYSTEM, code: reason });
    return { kind: 'reconnect', reason };
  }
  const latest = await stores.connections.byId(id);
  if (latest === null) return NONE;
  const open = await openConnection({ journal, stores }, latest);
  if (open.kind !== 'open') return open;
  return isAtHome(open.tokens, known) ? accessTo(open, known) : REGISTRATION_CHANGED;
}
