import { SYSTEM } from '../../domain/actor.js';
import type { Withdrawal } from '../../domain/bulk-disconnect.js';
import type { Connection, ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Provider } from '../../providers/provider.js';
import { recordEvent } from '../audited-event.js';
import type { Deps } from '../connect-deps.js';
import { type DiscardDeps, discardTokens } from '../ending/discard-tokens.js';
import { revokeRetired } from '../ending/revoke-tokens.js';
import { newHolder } from '../leases.js';
import {
  type AccessOutcome,
  accessTo,
  BUSY,
  NONE,
  type OpenConnection,
  refusalOf,
} from './open-connection.js';

/** Tokens that a server granted and that could not be written down: nothing but this memory knows them. */
interface Unsaved {
  /** The Connection as it is in the store, whose tokens the server replaced. */
  readonly from: Connection;
  readonly tokens: TokenSet;
}

/**
 * Granted tokens that wait for the store to take them. The refresh lease stays with this process, and they are used as if they
 * were written down already: no one connects again because of our disk.
 */
export class UnsavedTokens {
  readonly #waiting = new Map<ConnectionId, Unsaved>();

  keep(unsaved: Unsaved): void {
    this.#waiting.set(unsaved.from.id, unsaved);
  }

  forget(id: ConnectionId): void {
    this.#waiting.delete(id);
  }

  of(id: ConnectionId): Unsaved | undefined {
    return this.#waiting.get(id);
  }

  all(): readonly Unsaved[] {
    return [...this.#waiting.values()];
  }

  /** What this Connection will be once its tokens are saved; null where none wait, or where it was made again or refreshed since. */
  openFor({ id, generation, version }: Connection): OpenConnection | null {
    const unsaved = this.#waiting.get(id);
    if (unsaved === undefined) return null;
    const { from, tokens } = unsaved;
    if (generation !== from.generation) return null;
    if (version !== from.version && version !== from.version + 1) return null;
    const { expiresAt, issuedAt } = tokens;
    const connection = { ...from, version: from.version + 1, expiresAt, refreshedAt: issuedAt };
    return { kind: 'open', connection, tokens };
  }
}

type GiveUpDeps = DiscardDeps & Deps<'audit' | 'journal'>;

/** What saving tokens needs. */
export type SavingDeps = GiveUpDeps & { readonly unsaved: UnsavedTokens };

/**
 * Writes refreshed tokens down, also those that came when the lease was over. Where the store does not take them they wait in memory and
 * are used from there; see `saveUnsaved`.
 */
export async function saveTokens(
  deps: SavingDeps,
  open: OpenConnection,
  provider: Provider,
  tokens: TokenSet,
): Promise<AccessOutcome> {
  const { clock, journal, stores, unsaved } = deps;
  const { id } = open.connection;
  const revoker = newHolder(deps);
  unsaved.keep({ from: open.connection, tokens });
  let connection: Connection | null;
  try {
    connection = await stores.connections.replace(open.connection, tokens, clock.now(), revoker);
  } catch (error) {
    journal.warn('tokens-unsaved', {
      connection: id,
      provider: provider.id,
      error: error instanceof Error ? error.message : 'unknown',
      fix: 'The database does not take writes. New tokens are kept in memory and written as soon as it does: fix that before this server is stopped.',
    });
    const kept = unsaved.openFor(open.connection);
    return kept === null ? BUSY : accessTo(kept, provider);
  }
  unsaved.forget(id);
  if (connection?.status === 'revoking') {
    await revokeOutrun(deps, connection, revoker);
    return NONE;
  }
  if (connection !== null) return accessTo({ kind: 'open', connection, tokens }, provider);
  return answerWithLatest(deps, open, provider, tokens);
}

/** The Connection was changed while we asked: what it has now counts. */
async function answerWithLatest(
  deps: GiveUpDeps,
  { connection }: OpenConnection,
  provider: Provider,
  tokens: TokenSet,
): Promise<AccessOutcome> {
  const latest = await giveUpTokens(deps, connection, tokens);
  if (latest === null) return NONE;
  const stored = await deps.stores.connections.tokens(latest);
  if (stored === null || latest.generation !== connection.generation) return refusalOf(latest) ?? BUSY;
  return accessTo({ kind: 'open', connection: latest, tokens: stored }, provider);
}

/**
 * Gives up tokens that came too late. Those of the grant that the Connection still has are left alone: another process refreshed it beside
 * this one, and to revoke them would end what it got. Returns the Connection as it is now.
 */
async function giveUpTokens(deps: GiveUpDeps, of: Connection, tokens: TokenSet): Promise<Connection | null> {
  const { journal, stores } = deps;
  const { id, provider, createdAt } = of;
  const latest = await stores.connections.byId(id);
  if (latest?.generation === of.generation && latest.status === 'active') {
    journal.note('refresh-doubled', { connection: id, provider });
    return latest;
  }
  // Its viewer ended it or made it again while we asked: these tokens belong to no Connection.
  await noteOutrun(
    deps,
    of,
    await discardTokens(deps, tokens, { ...of, since: createdAt, isRefreshed: true }),
  );
  return latest;
}

/** Its viewer ended the Connection while we asked; what we got is in its place, and no one else has asked for its revocation. */
async function revokeOutrun(deps: GiveUpDeps, ended: Connection, revoker: string): Promise<void> {
  await noteOutrun(deps, ended, await revokeRetired(deps, ended, revoker));
}

async function noteOutrun(deps: GiveUpDeps, of: Connection, revoked: Withdrawal): Promise<void> {
  deps.journal.note('refresh-outrun', { connection: of.id, provider: of.provider, revoked });
  const outcome = revoked === 'failed' || revoked === 'kept' ? 'failed' : 'done';
  await recordEvent(deps, 'connection.revoked-late', of, { outcome, by: SYSTEM, code: revoked });
}

/** Writes waiting tokens down as soon as the store takes them. Rejects as the store does. */
export async function saveUnsaved(deps: SavingDeps, waiting: readonly Unsaved[]): Promise<void> {
  const { clock, journal, stores, unsaved } = deps;
  for (const each of waiting) {
    const { from, tokens } = each;
    const revoker = newHolder(deps);
    const connection = await stores.connections.replace(from, tokens, clock.now(), revoker);
    const done = connection !== null || (await isSaved(deps, each));
    if (unsaved.of(from.id) === each) unsaved.forget(from.id);
    if (connection?.status === 'revoking') await revokeOutrun(deps, connection, revoker);
    else if (done) journal.note('tokens-saved', { connection: from.id, provider: from.provider });
    else await giveUpTokens(deps, from, tokens);
  }
}

/** A write whose answer was lost may have been done. */
async function isSaved({ stores }: Deps<never, 'connections'>, { from, tokens }: Unsaved): Promise<boolean> {
  const latest = await stores.connections.byId(from.id);
  const saved = latest === null ? null : await stores.connections.tokens(latest);
  return saved?.accessToken.reveal() === tokens.accessToken.reveal();
}

/** How often the store is asked for the last time to take tokens, and how long is waited in between, ms. */
const LAST_TRIES = 10;
const LAST_PAUSE = 500;

/** Saves what waits at the end of the process: insists for some seconds, and reports whose tokens are lost. */
export async function saveUnsavedAtLast(deps: SavingDeps): Promise<void> {
  const { clock, journal, unsaved } = deps;
  for (let tries = 1; unsaved.all().length > 0; tries += 1) {
    try {
      await saveUnsaved(deps, unsaved.all());
    } catch (error) {
      if (tries === LAST_TRIES) {
        journal.warn('tokens-lost', {
          connections: unsaved.all().map(({ from }) => from.id),
          error: error instanceof Error ? error.message : 'unknown',
          fix: 'The database took no writes until this server was stopped: the viewers of these connections must connect again.',
        });
        return;
      }
      await clock.sleep(LAST_PAUSE);
    }
  }
}
