import { SYSTEM } from '../../domain/actor.js';
import type { Connection, TokenSet } from '../../domain/connection.js';
import type { Provider } from '../../providers/provider.js';
import { recorder } from '../audited-event.js';
import type { ConnectPorts } from '../connect-ports.js';
import { takingBack } from '../ending/take-back.js';
import type { AccessOutcome } from './access-source.js';
import { accessTo, BUSY, type Held, NONE, refusalOf } from './held-connection.js';
import type { Unsaved, UnsavedTokens } from './unsaved-tokens.js';

type SavingPorts = ConnectPorts & { readonly unsaved: UnsavedTokens };

/** Takes back tokens of a Connection that its viewer ended or made again while we asked: they belong to no Connection. */
const takingOutrunBack = (ports: ConnectPorts): ((of: Connection, tokens: TokenSet) => Promise<void>) => {
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);
  return async (of, tokens) => {
    const { id, provider, createdAt } = of;
    const revoked = await takeBack(tokens, { ...of, since: createdAt, isRefreshed: true });
    ports.journal.note('refresh-outrun', { connection: id, provider, revoked });
    const outcome = revoked === 'failed' || revoked === 'kept' ? 'failed' : 'done';
    await record('connection.revoked-late', outcome, SYSTEM, of, revoked);
  };
};

/**
 * Gives up tokens that came too late. Those of the grant that the Connection still has are left alone: another process refreshed it beside
 * this one, and to revoke them would end what it got.
 */
const givingUp = (
  ports: ConnectPorts,
): ((of: Connection, tokens: TokenSet) => Promise<Connection | null>) => {
  const takeOutrunBack = takingOutrunBack(ports);
  const { connections } = ports.stores;
  return async (of, tokens) => {
    const latest = await connections.byId(of.id);
    const isSameGrant = latest?.generation === of.generation && latest.status === 'active';
    if (!isSameGrant) await takeOutrunBack(of, tokens);
    else ports.journal.note('refresh-doubled', { connection: of.id, provider: of.provider });
    return latest;
  };
};

/**
 * Writes refreshed tokens down, also those that came when the lease was over. Where the store does not take them they wait in memory and
 * are used from there; see `savingUnsaved`.
 */
export const savingTokens = (
  ports: SavingPorts,
): ((held: Held, provider: Provider, tokens: TokenSet) => Promise<AccessOutcome>) => {
  const { clock, journal, unsaved } = ports;
  const { connections } = ports.stores;
  const giveUp = givingUp(ports);

  const inTheEnd = async (held: Held, provider: Provider, tokens: TokenSet): Promise<AccessOutcome> => {
    const latest = await giveUp(held.connection, tokens);
    if (latest === null) return NONE;
    const stored = await connections.tokens(latest);
    if (stored === null || latest.generation !== held.connection.generation) return refusalOf(latest) ?? BUSY;
    return accessTo({ kind: 'held', connection: latest, tokens: stored }, provider);
  };

  return async (held, provider, tokens) => {
    const { id } = held.connection;
    unsaved.keep({ from: held.connection, tokens });
    let connection: Connection | null;
    try {
      connection = await connections.replace(held.connection, tokens, clock.now());
    } catch (error) {
      journal.warn('tokens-unsaved', {
        connection: id,
        provider: provider.id,
        error: error instanceof Error ? error.message : 'unknown',
        mend: 'The database does not take writes. New tokens are kept in memory and written as soon as it does: mend that before this server is stopped.',
      });
      const kept = unsaved.heldFor(held.connection);
      return kept === null ? BUSY : accessTo(kept, provider);
    }
    unsaved.forget(id);
    if (connection !== null) return accessTo({ kind: 'held', connection, tokens }, provider);
    return inTheEnd(held, provider, tokens);
  };
};

/** Writes waiting tokens down as soon as the store takes them: those of one Connection, or all. Rejects as the store does. */
export const savingUnsaved = (ports: SavingPorts) => {
  const { clock, journal, unsaved } = ports;
  const { connections } = ports.stores;
  const giveUp = givingUp(ports);

  /** A write whose answer was lost may have been done. */
  const isSaved = async ({ from, tokens }: Unsaved): Promise<boolean> => {
    const latest = await connections.byId(from.id);
    const saved = latest === null ? null : await connections.tokens(latest);
    return saved?.accessToken.reveal() === tokens.accessToken.reveal();
  };

  const save = async (waiting: Unsaved): Promise<void> => {
    const { from, tokens } = waiting;
    const connection = await connections.replace(from, tokens, clock.now());
    const done = connection !== null || (await isSaved(waiting));
    if (unsaved.of(from.id) === waiting) unsaved.forget(from.id);
    if (done) journal.note('tokens-saved', { connection: from.id, provider: from.provider });
    else await giveUp(from, tokens);
  };

  return async (waiting: readonly Unsaved[]): Promise<void> => {
    for (const each of waiting) await save(each);
  };
};

/** How often the store is asked for the last time to take tokens, and how long is waited in between, ms. */
const LAST_TRIES = 10;
const LAST_PAUSE = 500;

/** Saves what waits at the end of the process: insists for some seconds, and tells whose tokens are lost. */
export const savingAtLast = async (ports: SavingPorts): Promise<void> => {
  const { clock, journal, unsaved } = ports;
  const save = savingUnsaved(ports);
  for (let tries = 1; unsaved.all().length > 0; tries += 1) {
    try {
      await save(unsaved.all());
    } catch (error) {
      if (tries === LAST_TRIES) {
        journal.warn('tokens-lost', {
          connections: unsaved.all().map(({ from }) => from.id),
          error: error instanceof Error ? error.message : 'unknown',
          mend: 'The database took no writes until this server was stopped: the viewers of these connections must connect again.',
        });
        return;
      }
      await clock.sleep(LAST_PAUSE);
    }
  }
};
