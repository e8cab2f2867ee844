import { SYSTEM } from '../../domain/actor.js';
import {
  type Connection,
  type ConnectionId,
  isFresh,
  type ReconnectReason,
  type TokenSet,
} from '../../domain/connection.js';
import type { Peers } from '../../domain/system.js';
import type { ClientCredentials, Provider } from '../../providers/provider.js';
import type { TokenOutcome } from '../../providers/token-outcome.js';
import { recorder } from '../audited-event.js';
import { type ConnectPorts, redirectUriOf } from '../connect-ports.js';
import type { AccessOutcome } from './access-source.js';
import { ServerCalm } from './calm.js';
import { clientKey, clientsOf, isAtHome } from './clients.js';
import { endConnection } from './end-connection.js';
import { accessTo, BUSY, type Held, isValid, NONE, opening, REGISTERED_ANEW } from './held-connection.js';
import { savingTokens, savingUnsaved } from './save-tokens.js';
import { hindranceIn, judgeSetback, outcomeOf, type Setback } from './setback.js';
import type { UnsavedTokens } from './unsaved-tokens.js';

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

/** A refresh that was tried: which tokens, under which lease, and when the server was asked. */
interface Tried {
  readonly held: Held;
  readonly owner: string;
  readonly askedAt: number;
}

type Settle = (tried: Tried, attempt: Attempt, outcome: TokenOutcome) => Promise<AccessOutcome>;

export type Refresher = (connection: Connection, attempt: Attempt) => Promise<AccessOutcome>;

/**
 * Refreshes a Connection's tokens once, however many processes want it: whoever takes the lease row asks, the others wait and
 * read again, and never ask on their own. A lease that a dead process left is taken over at once.
 */
export const refresher = (ports: ConnectPorts & { readonly unsaved: UnsavedTokens }): Refresher => {
  const { authorizer, clock, entropy, journal, peers, siteOrigin, unsaved } = ports;
  const { connections } = ports.stores;
  const clients = clientsOf(ports);
  const calm = new ServerCalm(clock, entropy);
  const open = opening(connections, journal, unsaved);
  const saveUnsaved = savingUnsaved(ports);
  const settle = settlement(ports, calm);

  /** Whether these tokens answer the question: fresh ones, or, where some were rejected, any later ones. */
  const answers = ({ connection, tokens }: Held, { rejected }: Attempt): boolean =>
    rejected === null
      ? isFresh(tokens, clock.now())
      : connection.version !== rejected && isValid(tokens, clock.now());

  const hindrance = async ({ id, setback }: Connection, attempt: Attempt): Promise<AccessOutcome | null> => {
    const { provider, client } = attempt;
    // The lease is ours still, and the store takes nothing.
    if (unsaved.of(id) !== undefined) return { kind: 'down', reason: 'tokens-unsaved' };
    if (await clients.isStopped(provider, client)) return { kind: 'stopped', code: 'client_stopped' };
    const key = clientKey(ports, provider, client);
    const own = hindranceIn(setback, key, clock.now());
    if (own !== null) return own;
    return calm.hindrance(key, await ports.stores.clientStops.retriedAt(provider.id));
  };

  /** Null when another process holds the lease. */
  const tryOnce = async (
    id: ConnectionId,
    owner: string,
    attempt: Attempt,
  ): Promise<AccessOutcome | null> => {
    await saveUnsaved(unsaved.all().filter(({ from }) => from.id === id)).catch(toldBefore);
    const latest = await connections.byId(id);
    if (latest === null) return NONE;
    const held = await open(latest);
    if (held.kind !== 'held') return held;
    if (!isAtHome(held.tokens, attempt.provider)) return REGISTERED_ANEW;
    if (answers(held, attempt)) return accessTo(held, attempt.provider);
    const hindered = await hindrance(latest, attempt);
    if (hindered !== null) return oldOr(held, attempt, clock.now(), hindered);
    const now = clock.now();
    const dead = deadHolder(peers, held.connection, now);
    if (!(await connections.claim(held.connection, owner, now, now + LEASE, dead))) return null;
    const { provider, client } = attempt;
    if (dead !== null)
      journal.note('lease-taken-over', { connection: id, provider: provider.id, from: dead });
    const redirectUri = redirectUriOf(siteOrigin, provider.id);
    const outcome = await authorizer.refresh(provider, client, held.tokens, redirectUri);
    return settle({ held, owner, askedAt: now }, attempt, outcome);
  };

  return async (connection, attempt) => {
    const owner = `${peers.own} ${entropy.id()}`;
    const patience = clock.monotonic() + PATIENCE;
    for (;;) {
      const outcome = await tryOnce(connection.id, owner, attempt);
      if (outcome !== null) return outcome;
      if (clock.monotonic() >= patience) return BUSY;
      await clock.sleep(50 + entropy.fraction() * 200);
    }
  };
};

/** Who holds a lease that is not over, and is known to be dead. A process is named in it before the blank. */
const deadHolder = (peers: Peers, { leaseOwner, leaseUntil }: Connection, now: number): string | null => {
  if (leaseOwner === null || leaseUntil === null || leaseUntil <= now) return null;
  const [process = ''] = leaseOwner.split(' ');
  return peers.isDead(process) ? leaseOwner : null;
};

/** That the store takes no writes was told when the tokens were kept. */
const toldBefore = (): void => undefined;

/** What is still valid stays in use while the provider cannot give better, unless its API has rejected it. */
const oldOr = (
  held: Held,
  { provider, rejected }: Attempt,
  now: number,
  otherwise: AccessOutcome,
): AccessOutcome =>
  held.connection.version !== rejected && isValid(held.tokens, now) ? accessTo(held, provider) : otherwise;

/** Writes down what became of a refresh, on its own Connection and on no other. */
const settlement = (ports: ConnectPorts & { readonly unsaved: UnsavedTokens }, calm: ServerCalm): Settle => {
  const { clock, entropy, journal } = ports;
  const { connections } = ports.stores;
  const clients = clientsOf(ports);
  const end = endConnection(ports);
  const record = recorder(ports.audit);
  const save = savingTokens(ports);

  /** `lost`: an answer was lost before, so that it may be we who used the refresh token up. */
  const endReason = async (
    { connection, tokens }: Held,
    attempt: Attempt,
    lost: boolean,
  ): Promise<ReconnectReason> => {
    if (lost) return 'interrupted';
    if (attempt.provider.oneGrantPerAccount && (await connections.hasNewerOfClient(connection)))
      return 'expired-or-connected-elsewhere';
    return attempt.rejected !== null && isValid(tokens, clock.now()) ? 'revoked' : 'expired';
  };

  /** Whether the server said so to this client, or only to this Connection. */
  const isStopped = async (
    { held, askedAt }: Tried,
    { provider, client }: Attempt,
    failure: Setback,
  ): Promise<boolean> => {
    if (failure.kind !== 'invalid-client' || !PROOF.has(failure.code)) return false;
    const { id } = held.connection;
    return clients.doubt(provider, client, { connection: id, code: failure.code, askedAt });
  };

  /** The refresh gave no tokens, and the grant may still be good. */
  const bear = async (tried: Tried, attempt: Attempt, failure: Setback): Promise<AccessOutcome> => {
    const { held, owner, askedAt } = tried;
    const { connection } = held;
    const { provider, client } = attempt;
    const now = clock.now();
    const key = clientKey(ports, provider, client);
    const judged = judgeSetback(connection.setback, key, failure, now, entropy.fraction());
    if (
      judged.verdict === 'end' ||
      (judged.verdict === 'end-if-others-do-well' &&
        (await connections.othersRefreshed(connection, judged.setback.unusable?.since ?? now)))
    )
      return end(connection, provider, await endReason(held, attempt, false));
    const isProven = await isStopped(tried, attempt, failure);
    // Whoever said “ask again” while this was under way meant this too.
    const isOutdated = ((await ports.stores.clientStops.retriedAt(provider.id)) ?? 0) >= askedAt;
    const setback = isOutdated ? { ...judged.setback, until: now } : judged.setback;
    // A server may have replaced the tokens already when its answer is lost, now or the last time.
    if (connection.refreshIntentAt === null && nothingDone(failure))
      await connections.release(connection, owner, setback);
    else await connections.interrupt(connection, owner, setback);
    calm.failed(key, connection.id, failure);
    journal.warn('refresh-failed', { provider: provider.id, connection: connection.id, ...failure });
    await record('connection.refresh-failed', 'failed', SYSTEM, connection, setback.code);
    const otherwise: AccessOutcome = isProven
      ? { kind: 'stopped', code: 'client_stopped' }
      : outcomeOf(setback, now);
    return oldOr(held, attempt, now, otherwise);
  };

  return async (tried, attempt, outcome) => {
    const { held } = tried;
    const { provider, client } = attempt;
    ports.meter.refreshed(provider.id, outcome.kind === 'tokens' ? 'ok' : 'failed');
    if (outcome.kind !== 'tokens' && outcome.kind !== 'invalid-grant') return bear(tried, attempt, outcome);
    calm.succeeded(clientKey(ports, provider, client));
    if (outcome.kind === 'invalid-grant') {
      const lost = held.connection.refreshIntentAt !== null;
      return end(held.connection, provider, await endReason(held, attempt, lost));
    }
    const saved = await save(held, provider, boundLike(held.tokens, outcome.tokens));
    await clients.trust(provider, client);
    return saved;
  };
};

/** The codes by which a server says that it does not know our client, or that its secret is wrong. */
const PROOF: ReadonlySet<string> = new Set(['invalid_client', 'http-401']);

/** New tokens go where the old ones went, and nowhere else. */
const boundLike = ({ origins }: TokenSet, tokens: TokenSet): TokenSet =>
  origins === undefined ? tokens : { ...tokens, origins };

/** Failures before the request was sent. */
const UNSENT = new Set(['connection-refused', 'name-unknown', 'certificate', 'address-refused']);

/** Whether the server certainly replaced no tokens: it was not asked, or it refused. */
const nothingDone = (failure: Setback): boolean => {
  if (failure.kind === 'unreachable') return failure.refusal === true || UNSENT.has(failure.code);
  return failure.kind !== 'protocol-error';
};
