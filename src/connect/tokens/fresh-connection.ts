import { type Connection, type ConnectionId, isFresh, type TokenSet } from '../../domain/connection.js';
import type { Clock } from '../../domain/system.js';
import { mayTravel, type Provider } from '../../providers/provider.js';
import type { ConnectPorts } from '../connect-ports.js';
import { isAllowed } from '../consent/hindrance.js';
import { AcceptedAddresses } from './accepted-addresses.js';
import type { AccessOutcome, AccessSource, RejectedAt, RenewalOutcome } from './access-source.js';
import { clientsOf, isAtHome } from './clients.js';
import { endConnection } from './end-connection.js';
import { accessTo, type Held, isValid, NONE, opening, REGISTERED_ANEW } from './held-connection.js';
import { type Judgement, judgeToken } from './judge-token.js';
import { refresher } from './refresh.js';
import { savingAtLast, savingUnsaved } from './save-tokens.js';
import { UnsavedTokens } from './unsaved-tokens.js';
import { useNotes } from './use-notes.js';

const MINUTE = 60_000;

/** Tokens that a server granted while the store took no writes: they are kept in memory, used, and saved as soon as it can be. */
export interface SavesTokens {
  /** Saves what waits. Rejects as the store does. */
  saveTokens(): Promise<void>;
  /** As `saveTokens`, at the end of the process: insists for some seconds, and tells whose are lost. */
  saveTokensAtLast(): Promise<void>;
}

interface Opened {
  readonly provider: Provider;
  readonly tokens: TokenSet;
  readonly outcome: AccessOutcome;
}

/**
 * Gives a token that works now. A fresh one costs a look at the Connection in memory; a worn-out one is refreshed once, shared by
 * all who ask in this process and, through the store's lease, in all others. A refresh belongs to no request, so none that is
 * cancelled can cancel it.
 */
export const accessSource = (ports: ConnectPorts): AccessSource & SavesTokens => {
  const { clock, directory, journal } = ports;
  const { connections } = ports.stores;
  const unsaved = new UnsavedTokens();
  const saveUnsaved = savingUnsaved({ ...ports, unsaved });
  const open = opening(connections, journal, unsaved);
  const end = endConnection(ports);
  const noteUse = useNotes(ports);
  const refresh = sharedRefresh({ ...ports, unsaved });
  // A changed Connection is another object, so what is kept here can never be out of date.
  const opened = new WeakMap<Connection, Opened>();
  const accepted = new AcceptedAddresses();
  const renewRejected = renewing(ports, accepted, refresh);

  const consider = async (known: Connection, provider: Provider): Promise<AccessOutcome> => {
    if (!isAllowed(directory, known)) return { kind: 'stopped', code: 'provider_not_allowed' };
    const held = await open(known);
    if (held.kind !== 'held') return held;
    const { connection, tokens } = held;
    if (!isAtHome(tokens, provider)) return REGISTERED_ANEW;
    const now = clock.now();
    if (!isFresh(tokens, now)) return renewOld(held, provider);
    if (!refresh.isOurs(connection, provider)) return REGISTERED_ANEW;
    const outcome = accessTo(held, provider);
    opened.set(connection, { provider, tokens, outcome });
    noteUse(connection, now);
    return outcome;
  };

  /** A token near its end, or past it. */
  const renewOld = async (held: Held, provider: Provider): Promise<AccessOutcome> => {
    if (held.tokens.refreshToken !== null) return refresh.once(held.connection, provider, null);
    return isValid(held.tokens, clock.now())
      ? accessTo(held, provider)
      : end(held.connection, provider, 'expired');
  };

  const source: AccessSource = {
    async fresh(viewer, provider) {
      const connection = await connections.find(viewer, provider.id);
      if (connection === null) return NONE;
      const known = opened.get(connection);
      // A provider that was changed is another object too; its host may have lost it without that.
      if (known?.provider !== provider || !isAllowed(directory, connection))
        return consider(connection, provider);
      const now = clock.now();
      if (!isFresh(known.tokens, now)) return consider(connection, provider);
      noteUse(connection, now);
      return known.outcome;
    },

    async renewed({ connection }, provider, at) {
      const latest = await connections.byId(connection.id);
      if (latest === null) return NONE;
      const held = await open(latest);
      if (held.kind !== 'held') return held;
      // Replaced since: the new tokens have not been tried yet.
      if (held.connection.version !== connection.version) return consider(held.connection, provider);
      return renewRejected(held, provider, at);
    },

    accepted(access, at) {
      // What can be refreshed needs no other proof.
      if (opened.get(access.connection)?.tokens.refreshToken === null) accepted.note(access, at);
    },
  };

  return {
    fresh: async (viewer, provider) => forRecord(await source.fresh(viewer, provider), provider),
    renewed: async (rejected, provider, at) =>
      forRecord(await source.renewed(rejected, provider, at), provider),
    accepted: source.accepted,
    saveTokens: () => saveUnsaved(unsaved.all()),
    saveTokensAtLast: () => savingAtLast({ ...ports, unsaved }),
  };
};

/**
 * What becomes of tokens that an answer rejected before they ran out. Until it is known that the person still has their permission, nothing
 * that was kept from before the refusal is shown: a provider that is away next would not be asked.
 */
const renewing = (ports: ConnectPorts, accepted: AcceptedAddresses, refresh: SharedRefresh) => {
  const { caches, clock } = ports;
  const proven = new ProvenTokens(clock);
  const judge = sharedJudgement(ports, accepted);
  const end = endConnection(ports);

  /** A token that cannot be refreshed ends its Connection only when something beside the one resource says that it is dead. */
  const endIfDead = async (held: Held, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> => {
    const { connection, tokens } = held;
    const isLive = isValid(tokens, clock.now());
    const judgement = isLive ? await judge(held, provider, at) : 'dead';
    if (judgement === 'good') proven.note(connection.id, connection.version);
    if (judgement === 'unproven' && at.sign === 'certain') caches.purge(connection.id);
    if (judgement !== 'dead') return { kind: 'resource-refused', proven: judgement === 'good' };
    accepted.forget(connection.id);
    return end(connection, provider, tokens.expiresAt !== null && isLive ? 'revoked' : 'expired');
  };

  /** One refresh a minute, and never of a token just replaced. */
  return async (held: Held, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> => {
    const { id, version } = held.connection;
    if (proven.has(id, version)) return RESOURCE_REFUSED;
    if (held.tokens.refreshToken === null) return endIfDead(held, provider, at);
    // By another process too: two that take turns would refresh at each answer.
    if (isJustRefreshed(held.connection, clock.now())) return { kind: 'resource-refused', proven: false };
    const outcome = await refresh.once(held.connection, provider, version);
    if (outcome.kind !== 'access') {
      caches.purge(id);
      return outcome;
    }
    if (outcome.access.connection.version === version) return RESOURCE_REFUSED;
    proven.note(id, outcome.access.connection.version);
    return outcome;
  };
};

const isJustRefreshed = ({ refreshedAt }: Connection, now: number): boolean =>
  refreshedAt !== null && Math.abs(now - refreshedAt) < MINUTE;

/** The token is good: what rejects it refuses for itself. */
const RESOURCE_REFUSED: RenewalOutcome = { kind: 'resource-refused', proven: true };

/** Which tokens were issued in place of a rejected one, or taken by another address, within the last minute. */
class ProvenTokens {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #made = new Map<ConnectionId, { readonly version: number; readonly at: number }>();

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  note(id: ConnectionId, version: number): void {
    this.#made.set(id, { version, at: this.#clock.monotonic() });
  }

  has(id: ConnectionId, version: number): boolean {
    const now = this.#clock.monotonic();
    for (const [key, { at }] of this.#made) if (now - at >= MINUTE) this.#made.delete(key);
    return this.#made.get(id)?.version === version;
  }
}

/**
 * Whoever asks gets a token for the record as it was given, or none: a refresh that is shared was perhaps started for the record as it
 * was before or after, and its tokens are bound to where that one led.
 */
const forRecord = <Outcome extends RenewalOutcome>(
  outcome: Outcome,
  provider: Provider,
): Outcome | AccessOutcome =>
  outcome.kind !== 'access' || mayTravel(outcome.access.origins, provider.api) ? outcome : REGISTERED_ANEW;

/** One judgement at a time of each Connection's token, shared by all whom the same address refused. */
const sharedJudgement = (ports: ConnectPorts, accepted: AcceptedAddresses) => {
  const flights = new Map<string, Promise<Judgement>>();
  return (held: Held, provider: Provider, at: RejectedAt): Promise<Judgement> => {
    const { id, version } = held.connection;
    const name = JSON.stringify([id, version, at.target]);
    const running = flights.get(name);
    if (running !== undefined) return running;
    const flight = judgeToken(ports, accepted, held, provider, at).finally(() => flights.delete(name));
    flights.set(name, flight);
    return flight;
  };
};

type SharedRefresh = ReturnType<typeof sharedRefresh>;

/** One refresh at a time of each Connection in this process, shared by all who ask meanwhile. */
const sharedRefresh = (ports: ConnectPorts & { readonly unsaved: UnsavedTokens }) => {
  const clients = clientsOf(ports);
  const refresh = refresher(ports);
  const flights = new Map<ConnectionId, Promise<AccessOutcome>>();
  const clientOf = ({ viewer, clientId }: Connection, provider: Provider) =>
    clients.same(provider, viewer.host, clientId);
  return {
    isOurs: (connection: Connection, provider: Provider): boolean => clientOf(connection, provider) !== null,
    once(connection: Connection, provider: Provider, rejected: number | null) {
      const { id } = connection;
      const running = flights.get(id);
      if (running !== undefined) return running;
      const client = clientOf(connection, provider);
      if (client === null) return REGISTERED_ANEW;
      const flight = refresh(connection, { provider, client, rejected }).finally(() => flights.delete(id));
      flights.set(id, flight);
      return flight;
    },
  };
};
