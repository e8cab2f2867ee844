import type { Connection, TokenSet } from '../../domain/connection.js';
import type { Journal } from '../../domain/system.js';
import { boundOrigins, type Provider } from '../../providers/provider.js';
import type { ConnectionStore } from '../../store/stores.js';
import type { AccessOutcome } from './access-source.js';

/** A Connection with its tokens opened. */
export interface Held {
  readonly kind: 'held';
  readonly connection: Connection;
  readonly tokens: TokenSet;
}

export const accessTo = ({ connection, tokens }: Held, provider: Provider): AccessOutcome => ({
  kind: 'access',
  access: { connection, token: tokens.accessToken, origins: boundOrigins(tokens, provider) },
});

/** Whether the token has not run out by our clock. */
export const isValid = (tokens: TokenSet, now: number): boolean =>
  tokens.expiresAt === null || tokens.expiresAt > now;

export const NONE: AccessOutcome = { kind: 'none' };
/** Another process refreshes, and took longer than anybody waits. */
export const BUSY: AccessOutcome = { kind: 'down', reason: 'refresh-busy' };
/** Tokens of another registration cannot be refreshed: the provider would refuse or burn them. */
export const REGISTERED_ANEW: AccessOutcome = { kind: 'reconnect', reason: 'expired' };

/** What a Connection that cannot be used answers; null for one that can. */
export const refusalOf = (connection: Connection): AccessOutcome | null => {
  if (connection.status === 'revoking') return NONE;
  return connection.status === 'reconnect'
    ? { kind: 'reconnect', reason: connection.reason ?? 'expired' }
    : null;
};

/** Tokens that wait to be saved. */
interface Waiting {
  heldFor(connection: Connection): Held | null;
}

const heldIn = async (
  connections: ConnectionStore,
  connection: Connection,
  unsaved: Waiting | undefined,
): Promise<Held | null> => {
  const waiting = unsaved?.heldFor(connection);
  if (waiting) return waiting;
  const tokens = await connections.tokens(connection);
  return tokens && { kind: 'held', connection, tokens };
};

/**
 * Opens a Connection's tokens: those that wait to be saved, else those of the store. One that moved on meanwhile is read again; one whose tokens no key of the ring opens asks its viewer
 * to connect anew, but stays as it is, so that putting the key back mends it.
 */
export const opening =
  (connections: ConnectionStore, journal: Journal, unsaved?: Waiting) =>
  async (known: Connection): Promise<Held | AccessOutcome> => {
    let connection = known;
    for (;;) {
      const refusal = refusalOf(connection);
      if (refusal !== null) return refusal;
      const held = await heldIn(connections, connection, unsaved);
      if (held !== null) return held;
      const latest = await connections.byId(connection.id);
      if (latest === null) return NONE;
      if (latest.version === connection.version && latest.status === 'active') break;
      connection = latest;
    }
    journal.warn('tokens-unopenable', {
      connection: connection.id,
      provider: connection.provider,
      mend: 'No key of the key ring opens these tokens: put back the key that sealed them, or the viewer must connect again.',
    });
    return { kind: 'reconnect', reason: 'expired' };
  };
