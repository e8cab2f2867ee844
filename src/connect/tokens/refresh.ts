import { SYSTEM } from '../../domain/actor.js';
import {
  type Connection,
  type ConnectionId,
  isFresh,
  type ReconnectReason,
  type TokenSet,
} from '../../domain/connection.js';
import type { AccessOutcome, TokenFailure, TokenOutcome } from '../../domain/ports.js';
import type { ClientCredentials, Provider } from '../../domain/provider.js';
import { recorder } from '../audited.js';
import { sharesGrant, takingBack } from '../ending/take-back.js';
import { type ConnectPorts, redirectUriOf } from '../ports.js';
import { backOff } from './back-off.js';
import { clientsOf, isAtHome } from './clients.js';
import { endConnection } from './end-connection.js';
import { accessTo, BUSY, type Held, isValid, NONE, opening, REGISTERED_ANEW, refusalOf } from './held.js';

/** Longer than a token request may take, so that a lease is never lost by a process that is still at work. */
const LEASE = 30_000;
/** How long to wait for another process's refresh before saying so. */
const PATIENCE = 15_000;

/** One refresh of one Connection, and which version of its tokens the provider's API rejected, if that is the cause. */
interface Attempt {
  readonly provider: Provider;
  readonly client: ClientCredentials;
  readonly rejected: number | null;
}

type Settle = (held: Held, owner: string, attempt: Attempt, outcome: TokenOutcome) => Promise<AccessOutcome>;

export type Refresher = (connection: Connection, attempt: Attempt) => Promise<AccessOutcome>;

/**
 * Refreshes a Connection's tokens once, however many processes want it: whoever takes the lease row asks, the others wait and
 * read again, and never ask on their own.
 */
export const refresher = (ports: ConnectPorts): Refresher => {
  const { authorizer, clock, entropy, journal, siteOrigin } = ports;
  const { connections } = ports.stores;
  const clients = clientsOf(ports);
  const pauses = backOff(clock, entropy);
  const open = opening(connections, journal);
  const settle = settlement(ports, pauses);

  /** Whether these tokens answer the question: fresh ones, or, where some were rejected, any later ones. */
  const answers = ({ connection, tokens }: Held, { rejected }: Attempt): boolean =>
    rejected === null
      ? isFresh(tokens, clock.now())
      : connection.version !== rejected && isValid(tokens, clock.now());

  const hindrance = async (attempt: Attempt): Promise<AccessOutcome | null> =>
    (await clients.isStopped(attempt.provider, attempt.client))
      ? { kind: 'stopped', code: 'client_stopped' }
      : pauses.hindrance(attempt);

  /** Null when another process holds the lease. */
  const tryOnce = async (
    id: ConnectionId,
    owner: string,
    attempt: Attempt,
  ): Promise<AccessOutcome | null> => {
    const latest = await connections.byId(id);
    if (latest === null) return NONE;
    const held = await open(latest);
    if (held.kind !== 'held') return held;
    if (!isAtHome(held.tokens, attempt.provider)) return REGISTERED_ANEW;
    if (answers(held, attempt)) return accessTo(held, attempt.provider);
    const hindered = await hindrance(attempt);
    if (hindered !== null) return oldOr(held, attempt, clock.now(), hindered);
    const now = clock.now();
    if (!(await connections.claim(held.connection, owner, now, now + LEASE))) return null;
    const { provider, client } = attempt;
    const redirectUri = redirectUriOf(siteOrigin, provider.id);
    return settle(held, owner, attempt, await authorizer.refresh(provider, client, held.tokens, redirectUri));
  };

  return async (connection, attempt) => {
    const owner = entropy.id();
    const patience = clock.now() + PATIENCE;
    for (;;) {
      const outcome = await tryOnce(connection.id, owner, attempt);
      if (outcome !== null) return outcome;
      if (clock.now() >= patience) return BUSY;
      await clock.sleep(50 + entropy.fraction() * 200);
    }
  };
};

/** What is still valid stays in use while the provider cannot give better, unless its API has rejected it. */
const oldOr = (
  held: Held,
  { provider, rejected }: Attempt,
  now: number,
  otherwise: AccessOutcome,
): AccessOutcome =>
  held.connection.version !== rejected && isValid(held.tokens, now) ? accessTo(held, provider) : otherwise;

/** Writes down what became of a refresh. A grant that is invalid ends the Connection; nothing else does. */
const settlement = (ports: ConnectPorts, pauses: ReturnType<typeof backOff>): Settle => {
  const { clock, journal } = ports;
  const { connections } = ports.stores;
  const clients = clientsOf(ports);
  const end = endConnection(ports);
  const record = recorder(ports.audit);
  const takeBack = takingBack(ports);

  const endReason = async ({ connection, tokens }: Held, attempt: Attempt): Promise<ReconnectReason> => {
    if (connection.refreshIntentAt !== null) return 'interrupted';
    if (attempt.provider.oneGrantPerAccount && (await connections.hasNewerOfClient(connection)))
      return 'expired-or-connected-elsewhere';
    return attempt.rejected !== null && isValid(tokens, clock.now()) ? 'revoked' : 'expired';
  };

  const save = async (held: Held, owner: string, { provider }: Attempt, tokens: TokenSet) => {
    const { id } = held.connection;
    const connection = await connections.replace(held.connection, owner, tokens, clock.now());
    if (connection !== null) return accessTo({ kind: 'held', connection, tokens }, provider);
    // The viewer disconnected or connected anew while we asked: these tokens belong to nobody.
    const { viewer, account, createdAt } = held.connection;
    const shared = sharesGrant(account, await connections.find(viewer, provider.id));
    const revoked = shared ? 'shared' : await takeBack(tokens, { ...held.connection, since: createdAt });
    journal.note('refresh-outrun', { connection: id, provider: provider.id, revoked });
    await record(
      'connection.revoked-late',
      revoked === 'failed' || revoked === 'kept' ? 'failed' : 'done',
      SYSTEM,
      held.connection,
      revoked,
    );
    const latest = await connections.byId(id);
    return latest === null ? NONE : (refusalOf(latest) ?? BUSY);
  };

  /** The provider did not answer the question. */
  const bear = async (held: Held, owner: string, attempt: Attempt, failure: TokenFailure) => {
    const { provider, client } = attempt;
    // A server may have replaced the tokens already when its answer is lost, now or the last time.
    if (held.connection.refreshIntentAt === null && nothingDone(failure))
      await connections.release(held.connection, owner);
    else await connections.interrupt(held.connection, owner);
    const outcome = outcomeOf(failure);
    if (failure.kind === 'invalid-client') await clients.stop(provider, client, failure.code);
    else {
      pauses.failed(attempt, outcome, failure.kind === 'rate-limited' ? failure.retryAfter : null);
      journal.warn('refresh-failed', { provider: provider.id, ...failure });
    }
    const code = 'code' in failure ? failure.code : failure.kind;
    await record('connection.refresh-failed', 'failed', SYSTEM, held.connection, code);
    return oldOr(held, attempt, clock.now(), outcome);
  };

  return async (held, owner, attempt, outcome) => {
    ports.meter.refreshed(attempt.provider.id, outcome.kind === 'tokens' ? 'ok' : 'failed');
    if (outcome.kind === 'tokens' || outcome.kind === 'invalid-grant') pauses.succeeded(attempt);
    if (outcome.kind === 'tokens') return save(held, owner, attempt, boundLike(held.tokens, outcome.tokens));
    if (outcome.kind === 'invalid-grant')
      return end(held.connection, attempt.provider, await endReason(held, attempt));
    return bear(held, owner, attempt, outcome);
  };
};

/** New tokens go where the old ones went, and nowhere else. */
const boundLike = ({ origins }: TokenSet, tokens: TokenSet): TokenSet =>
  origins === undefined ? tokens : { ...tokens, origins };

/** Failures before the request was sent. */
const UNSENT = new Set(['connection-refused', 'name-unknown', 'certificate', 'address-refused']);

const nothingDone = (failure: TokenFailure): boolean =>
  failure.kind === 'rate-limited' || ('code' in failure && UNSENT.has(failure.code));

const outcomeOf = (failure: TokenFailure): AccessOutcome => {
  switch (failure.kind) {
    case 'rate-limited':
      return failure;
    case 'invalid-client':
      return { kind: 'stopped', code: 'client_stopped' };
    case 'refused':
      return { kind: 'stopped', code: failure.code };
    default:
      return { kind: 'down', reason: failure.code };
  }
};
