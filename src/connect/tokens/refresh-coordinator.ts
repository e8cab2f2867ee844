import { SYSTEM } from '../../domain/actor.js';
import {
  type Connection,
  type ConnectionId,
  isCompany,
  isFresh,
  type ReconnectReason,
  type TokenSet,
} from '../../domain/connection.js';
import type { Provider } from '../../providers/provider.js';
import type { TokenOutcome } from '../../providers/token-outcome.js';
import { recordEvent } from '../audited-event.js';
import { type ConnectDeps, redirectUriOf } from '../connect-deps.js';
import { LONGEST_REFRESH, lateHolder, newHolder } from '../leases.js';
import { Sightings } from '../sightings.js';
import {
  clientKey,
  doubtClient,
  isAtHome,
  isClientStopped,
  ownClient,
  type Registration,
  trustClient,
} from './clients.js';
import {
  type AccessOutcome,
  accessTo,
  BUSY,
  endConnection,
  isValid,
  NONE,
  type OpenConnection,
  openConnection,
  REGISTRATION_CHANGED,
} from './open-connection.js';
import {
  judgeSetback,
  noteSetback,
  obstacleIn,
  outcomeOf,
  type SeenFor,
  ServerPauses,
  type Setback,
} from './setback.js';
import { type SavingDeps, saveTokens, saveUnsaved } from './unsaved-tokens.js';

/** How long to wait for another process's refresh before saying so. */
const PATIENCE = 15_000;

/** One refresh of one Connection, and which version of its tokens the provider's API rejected, if that is the cause. */
interface Attempt extends Registration {
  readonly rejected: number | null;
}

type RefreshDeps = ConnectDeps &
  SavingDeps & { readonly pauses: ServerPauses; readonly sightings: Sightings };

/** The refreshes that are under way in this process: one at a time of each Connection, shared by everything that asks for it. */
export class RefreshCoordinator {
  readonly #deps: RefreshDeps;
  readonly #flights = new Map<ConnectionId, Promise<AccessOutcome>>();

  constructor(deps: ConnectDeps & SavingDeps) {
    this.#deps = { ...deps, pauses: new ServerPauses(deps), sightings: new Sightings(deps.clock) };
  }

  /** `rejected`: the version of the tokens that the provider's API rejected; null where none were. */
  async refresh(connection: Connection, provider: Provider, rejected: number | null): Promise<AccessOutcome> {
    const { id, viewer, clientId } = connection;
    const running = this.#flights.get(id);
    if (running !== undefined) return running;
    const client = ownClient(provider, viewer.host, clientId);
    if (client === null) return REGISTRATION_CHANGED;
    const refresh = refreshConnection(this.#deps, connection, { provider, client, rejected });
    const flight = refresh.finally(() => this.#flights.delete(id));
    this.#flights.set(id, flight);
    return flight;
  }
}

/**
 * Refreshes a Connection's tokens once, however many processes want it: the one that takes the lease row asks, the others wait and
 * read again, and never ask on their own. A lease that a dead process left is taken over at once.
 */
async function refreshConnection(
  deps: RefreshDeps,
  { id }: Connection,
  attempt: Attempt,
): Promise<AccessOutcome> {
  const { clock, entropy } = deps;
  const owner = newHolder(deps);
  const patience = clock.monotonic() + PATIENCE;
  for (;;) {
    const outcome = await tryRefresh(deps, id, owner, attempt);
    if (outcome !== null) return outcome;
    if (clock.monotonic() >= patience) return BUSY;
    await clock.sleep(50 + entropy.fraction() * 200);
  }
}

/** Null when another process holds the lease. */
async function tryRefresh(
  deps: RefreshDeps,
  id: ConnectionId,
  owner: string,
  attempt: Attempt,
): Promise<AccessOutcome | null> {
  const { authorizer, clock, journal, siteOrigin, stores, unsaved } = deps;
  const { connections } = stores;
  const { provider, client } = attempt;
  await saveUnsaved(
    deps,
    unsaved.all().filter(({ from }) => from.id === id),
  ).catch(reportedBefore);
  const latest = await connections.byId(id);
  if (latest === null) return NONE;
  const open = await openConnection(deps, latest);
  if (open.kind !== 'open') return open;
  if (!isAtHome(open.tokens, provider)) return REGISTRATION_CHANGED;
  if (isAnswer(open, attempt, clock.now())) return accessTo(open, provider);
  const obstacle = await findObstacle(deps, latest, attempt);
  if (obstacle !== null) return oldOr(open, attempt, clock.now(), obstacle);
  const now = clock.now();
  const over = lateHolder(deps, open.connection, LONGEST_REFRESH);
  if (!(await connections.claim(open.connection, owner, now, now + LONGEST_REFRESH, over))) return null;
  if (over !== null) journal.note('lease-taken-over', { connection: id, provider: provider.id, from: over });
  const redirectUri = redirectUriOf(siteOrigin, provider.id);
  // A company's access has no refresh token (RFC 6749 §4.4.3): it is asked for again.
  const outcome = isCompany(open.connection.viewer)
    ? await authorizer.grantToClient(provider, client)
    : await authorizer.refresh(provider, client, open.tokens, redirectUri);
  return settleRefresh(deps, { open, owner, askedAt: now }, attempt, outcome);
}

/** That the store takes no writes was reported when the tokens were kept. */
const reportedBefore = (): void => undefined;

/** Whether these tokens are what was asked for: fresh ones, or, where some were rejected, any later ones. */
const isAnswer = ({ connection, tokens }: OpenConnection, { rejected }: Attempt, now: number): boolean =>
  rejected === null ? isFresh(tokens, now) : connection.version !== rejected && isValid(tokens, now);

/** Why the provider is not asked at present; null where it may be. */
async function findObstacle(
  deps: RefreshDeps,
  { id, setback }: Connection,
  attempt: Attempt,
): Promise<AccessOutcome | null> {
  // The lease is still ours, and the store takes no writes.
  if (deps.unsaved.of(id) !== undefined) return { kind: 'down', reason: 'tokens-unsaved' };
  if (await isClientStopped(deps, attempt)) return { kind: 'stopped', code: 'client_stopped' };
  const key = clientKey(deps, attempt);
  noteSetback(setback, key, seenOf(deps, id));
  const own = obstacleIn(setback, key, deps.clock.now());
  if (own !== null) return own;
  return deps.pauses.obstacle(key, await deps.stores.clientStops.retriedAt(attempt.provider.id));
}

const seenOf =
  ({ sightings }: RefreshDeps, id: ConnectionId): SeenFor =>
  (what, since) =>
    sightings.seenFor(`${id} ${what}`, since);

/** What is still valid stays in use while the provider cannot give better, unless its API has rejected it. */
const oldOr = (
  open: OpenConnection,
  { provider, rejected }: Attempt,
  now: number,
  otherwise: AccessOutcome,
): AccessOutcome =>
  open.connection.version !== rejected && isValid(open.tokens, now) ? accessTo(open, provider) : otherwise;

/** A refresh that was tried: which tokens, under which lease, and when the server was asked. */
interface Tried {
  readonly open: OpenConnection;
  readonly owner: string;
  readonly askedAt: number;
}

/** Writes down what became of a refresh, on its own Connection and on no other. */
async function settleRefresh(
  deps: RefreshDeps,
  tried: Tried,
  attempt: Attempt,
  outcome: TokenOutcome,
): Promise<AccessOutcome> {
  const { open } = tried;
  const { provider } = attempt;
  const counted = outcome.kind === 'tokens' ? 'ok' : 'failed';
  deps.meter.refreshed(provider.id, counted);
  deps.meter.renewed(provider.id, counted, deps.clock.now() - tried.askedAt);
  if (outcome.kind !== 'tokens' && outcome.kind !== 'invalid-grant')
    return settleSetback(deps, tried, attempt, outcome);
  deps.pauses.succeeded(clientKey(deps, attempt));
  if (outcome.kind === 'invalid-grant') {
    const lost = open.connection.refreshIntentAt !== null;
    return endRefreshed(deps, tried, attempt, await findEndReason(deps, open, attempt, lost));
  }
  const saved = await saveTokens(deps, open, provider, boundLike(open.tokens, outcome.tokens));
  await trustClient(deps, attempt);
  return saved;
}

/** Ends the Connection, or, where it is on its way out already, leaves what it has to who revokes it. */
async function endRefreshed(
  deps: RefreshDeps,
  { open: { connection }, owner }: Tried,
  { provider }: Attempt,
  reason: ReconnectReason,
): Promise<AccessOutcome> {
  const ended = await endConnection(deps, connection, provider, reason);
  if (ended.kind === 'none') await deps.stores.connections.interrupt(connection, owner);
  return ended;
}

/** New tokens go where the old ones went, and nowhere else; and they are of the same consent. */
const boundLike = ({ origins, grantedBy }: TokenSet, tokens: TokenSet): TokenSet => ({
  ...tokens,
  ...(origins !== undefined && { origins }),
  ...(grantedBy !== undefined && { grantedBy }),
});

/** `lost`: an answer was lost before, so that it may be we who used the refresh token up. */
async function findEndReason(
  { clock, stores }: RefreshDeps,
  { connection, tokens }: OpenConnection,
  { provider, rejected }: Attempt,
  lost: boolean,
): Promise<ReconnectReason> {
  if (lost) return 'interrupted';
  if (provider.oneGrantPerAccount && (await stores.connections.hasNewerOfClient(connection)))
    return 'expired-or-connected-elsewhere';
  return rejected !== null && isValid(tokens, clock.now()) ? 'revoked' : 'expired';
}

/** The refresh gave no tokens, and the grant may still be good. */
async function settleSetback(
  deps: RefreshDeps,
  tried: Tried,
  attempt: Attempt,
  failure: Setback,
): Promise<AccessOutcome> {
  const { clock, entropy, journal, pauses, stores } = deps;
  const { connections, clientStops } = stores;
  const { open, owner, askedAt } = tried;
  const { connection } = open;
  const { provider } = attempt;
  const now = clock.now();
  const key = clientKey(deps, attempt);
  const judging = { now, fraction: entropy.fraction(), seenFor: seenOf(deps, connection.id) };
  const judged = judgeSetback(connection.setback, key, failure, judging);
  if (
    judged.verdict === 'end' ||
    (judged.verdict === 'end-if-others-do-well' &&
      (await connections.othersRefreshed(connection, judged.setback.unusable?.since ?? now)))
  )
    return endRefreshed(deps, tried, attempt, await findEndReason(deps, open, attempt, false));
  const isStopped = await doubtAfter(deps, tried, attempt, failure);
  // A “retry” that was asked for while this was under way meant this too.
  const isOutdated = ((await clientStops.retriedAt(provider.id)) ?? 0) >= askedAt;
  const setback = isOutdated ? { ...judged.setback, until: now } : judged.setback;
  // A server may have replaced the tokens already when its answer is lost, now or the last time.
  if (connection.refreshIntentAt === null && isNothingReplaced(failure))
    await connections.release(connection, owner, setback);
  else await connections.interrupt(connection, owner, setback);
  pauses.failed(key, connection.id, failure);
  journal.warn('refresh-failed', { provider: provider.id, connection: connection.id, ...failure });
  const event = { outcome: 'failed', by: SYSTEM, code: setback.code } as const;
  await recordEvent(deps, 'connection.refresh-failed', connection, event);
  const otherwise: AccessOutcome = isStopped
    ? { kind: 'stopped', code: 'client_stopped' }
    : outcomeOf(setback, now);
  return oldOr(open, attempt, now, otherwise);
}

/** The codes by which a server says that it does not know our client, or that its secret is wrong. */
const PROOF: ReadonlySet<string> = new Set(['invalid_client', 'http-401']);

/** Whether the client is now stopped: the server said so to this client, and not only to this Connection. */
async function doubtAfter(
  deps: RefreshDeps,
  { open, askedAt }: Tried,
  attempt: Attempt,
  failure: Setback,
): Promise<boolean> {
  if (failure.kind !== 'invalid-client' || !PROOF.has(failure.code)) return false;
  return doubtClient(deps, attempt, { connection: open.connection.id, code: failure.code, askedAt });
}

/** Failures before the request was sent. */
const UNSENT = new Set(['connection-refused', 'name-unknown', 'certificate', 'address-refused']);

/** Whether the server certainly replaced no tokens: it was not asked, or it refused. */
const isNothingReplaced = (failure: Setback): boolean => {
  if (failure.kind === 'unreachable') return failure.refusal === true || UNSENT.has(failure.code);
  return failure.kind !== 'protocol-error';
};
