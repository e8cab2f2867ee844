import {
  type Connection,
  type ConnectionId,
  isCompany,
  isFresh,
  type ReconnectReason,
} from '../../domain/connection.js';
import type { Format } from '../../domain/gadget.js';
import { parseUrl } from '../../domain/parse-url.js';
import type { Clock } from '../../domain/system.js';
import {
  accountRequest,
  boundOrigins,
  mayTravel,
  type Provider,
  type RejectionSign,
} from '../../providers/provider.js';
import type { Access, UpstreamOutcome } from '../../upstream/upstream-call.js';
import type { Deps } from '../connect-deps.js';
import { type AccessOutcome, endConnection, isValid, type OpenConnection } from './open-connection.js';
import type { RefreshCoordinator } from './refresh-coordinator.js';

/** A request that the provider answered, with the token of an Access. */
export interface AskedAddress {
  readonly target: string;
  readonly format: Format;
  /** The record as the API was called that it is of; absent where that is the provider's own `api`. */
  readonly at?: Provider;
}

/** An answer that rejected a token: how clearly, and what had been asked for. */
export interface RejectedAt extends AskedAddress {
  readonly sign: RejectionSign;
}

/**
 * `resource-refused`: the token is good, or there is no proof that it is not, so that the answer was the resource's own; `proven` says
 * which.
 */
export type RenewalOutcome = AccessOutcome | { readonly kind: 'resource-refused'; readonly proven: boolean };

/** Of several APIs of one provider each has addresses of its own. */
const addressOf = ({ target, at }: Pick<AskedAddress, 'target' | 'at'>): string =>
  at === undefined ? target : `${at.api} ${target}`;

const MINUTE = 60_000;

type RejectedDeps = Deps<'audit' | 'caches' | 'clock' | 'journal' | 'upstream', 'connections'>;

/** The token is good: what rejects it refuses for itself. */
const RESOURCE_REFUSED: RenewalOutcome = { kind: 'resource-refused', proven: true };

/**
 * What is known of tokens that an answer rejected before they ran out. Until it is known that the person still has their permission,
 * nothing that was kept from before the refusal is shown: a provider that is away next would not be asked.
 */
export class RejectedTokens {
  readonly #deps: RejectedDeps;
  readonly #refreshes: RefreshCoordinator;
  readonly #accepted = new AcceptedAddresses();
  readonly #proven: ProvenTokens;
  /** One judgement at a time of each Connection's token and address, shared by everything that the same address refused. */
  readonly #flights = new Map<string, Promise<Judgement>>();

  constructor(deps: RejectedDeps, refreshes: RefreshCoordinator) {
    this.#deps = deps;
    this.#refreshes = refreshes;
    this.#proven = new ProvenTokens(deps.clock);
  }

  /** The provider took this access at an address. */
  accepted(access: Access, at: AskedAddress): void {
    this.#accepted.note(access, at);
  }

  /** One refresh a minute, and never of a token just replaced, unless it has run out or is being replaced by someone else. */
  async renew(open: OpenConnection, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> {
    const { id, version } = open.connection;
    const now = this.#deps.clock.now();
    const isOut = isReplaced(open, now);
    if (!isOut && this.#proven.has(id, version)) return RESOURCE_REFUSED;
    // A company's access is asked for again in the place of a refresh.
    if (open.tokens.refreshToken === null && !isCompany(open.connection.viewer))
      return this.#endIfDead(open, provider, at);
    // By another process too: two that take turns would refresh at each answer.
    if (!isOut && isJustRefreshed(open.connection, now)) return { kind: 'resource-refused', proven: false };
    const outcome = await this.#refreshes.refresh(open.connection, provider, version);
    if (outcome.kind !== 'access') {
      this.#deps.caches.purge(id);
      return outcome;
    }
    if (outcome.access.connection.version === version) return RESOURCE_REFUSED;
    this.#proven.note(id, outcome.access.connection.version);
    return outcome;
  }

  /** A token that cannot be refreshed ends its Connection only when something beside the one resource says that it is dead. */
  async #endIfDead(open: OpenConnection, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> {
    const { connection, tokens } = open;
    const isLive = isValid(tokens, this.#deps.clock.now());
    const judgement = isLive ? await this.#judge(open, provider, at) : 'dead';
    if (judgement === 'good') this.#proven.note(connection.id, connection.version);
    if (judgement === 'unproven' && at.sign === 'certain') this.#deps.caches.purge(connection.id);
    if (judgement !== 'dead') return { kind: 'resource-refused', proven: judgement === 'good' };
    this.#accepted.forget(connection.id);
    return endConnection(this.#deps, connection, provider, reasonOf(provider, tokens, isLive));
  }

  #judge(open: OpenConnection, provider: Provider, at: RejectedAt): Promise<Judgement> {
    const { id, version } = open.connection;
    const name = JSON.stringify([id, version, addressOf(at)]);
    const running = this.#flights.get(name);
    if (running !== undefined) return running;
    const judging = judgeToken({ ...this.#deps, accepted: this.#accepted }, open, provider, at);
    const flight = judging.finally(() => this.#flights.delete(name));
    this.#flights.set(name, flight);
    return flight;
  }
}

/** Why a Connection whose token is dead has ended. */
const reasonOf = (
  { pasted }: Provider,
  { expiresAt }: OpenConnection['tokens'],
  isLive: boolean,
): ReconnectReason => {
  if (pasted !== undefined) return isLive ? 'token-rejected' : 'token-expired';
  return expiresAt !== null && isLive ? 'revoked' : 'expired';
};

/**
 * Whether a rejection says nothing of the resource: the token is due to be refreshed by now, or by a clock that has been set back since it came,
 * or someone refreshes it, and the provider has perhaps replaced it before it says so to them.
 */
const isReplaced = ({ connection, tokens }: OpenConnection, now: number): boolean =>
  connection.leaseOwner !== null ||
  !isFresh(tokens, now) ||
  (tokens.expiresAt !== null && tokens.issuedAt > now);

const isJustRefreshed = ({ refreshedAt }: Connection, now: number): boolean =>
  refreshedAt !== null && Math.abs(now - refreshedAt) < MINUTE;

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

/** A token that one answer rejected. `unproven`: nothing else was found out, so it stays in use. */
type Judgement = 'dead' | 'good' | 'unproven';

/** A token that is younger was issued for this very gadget: what rejects it does not mean that it has died, ms. */
const NEW = MINUTE;

const judgementOf = ({ kind }: UpstreamOutcome): Judgement => {
  if (kind === 'unauthorized') return 'dead';
  return kind === 'data' || kind === 'insufficient-scope' ? 'good' : 'unproven';
};

type Witness = AskedAddress & { readonly body?: string };

const witnessed = ({ at }: Witness, provider: Provider): Provider => at ?? provider;

/**
 * Finds out whether a token is dead that cannot be refreshed, after one answer rejected it, since a resource may refuse in the same words
 * for reasons of its own. What is asked, in this order: the account request; another address that took this token before. Where neither
 * settles it, the sign decides, and whether the very address took the token before.
 */
async function judgeToken(
  { accepted, clock, upstream }: Deps<'clock' | 'upstream'> & { readonly accepted: AcceptedAddresses },
  { connection, tokens }: OpenConnection,
  provider: Provider,
  at: RejectedAt,
): Promise<Judgement> {
  const token = { token: tokens.accessToken, origins: boundOrigins(tokens, provider) };
  const witnesses: readonly (Witness | null)[] = [
    accountRequest(provider.account),
    accepted.otherThan(connection, at),
  ];
  for (const witness of witnesses) {
    if (witness === null) continue;
    if (parseUrl(witness.target) !== null && !mayTravel(token.origins, witness.target)) continue;
    const answer = await upstream.ask(witnessed(witness, provider), token, witness);
    // While the provider cannot be asked, nothing is decided.
    if (answer.kind === 'down' || answer.kind === 'rate-limited') return 'unproven';
    const judgement = judgementOf(answer);
    if (judgement !== 'unproven') return judgement;
  }
  if (accepted.has(connection, at)) return 'dead';
  return at.sign === 'certain' && clock.now() - tokens.issuedAt >= NEW ? 'dead' : 'unproven';
}

/** Connections whose addresses are remembered, and addresses of each: one beside the one that may be in question. */
const MOST = 20_000;
const EACH = 2;

interface Remembered {
  /** Of the tokens that were taken; each generation starts with another. */
  readonly version: number;
  readonly generation: number;
  /** By address, the latest last. */
  readonly addresses: Map<string, AskedAddress>;
}

/**
 * Where a Connection's token was taken by the API, in this process: an address that took it before shows whether the token is dead, or
 * only one resource refuses. The Connections unused for longest are forgotten first.
 */
class AcceptedAddresses {
  readonly #known = new Map<ConnectionId, Remembered>();

  note({ connection }: Pick<Access, 'connection'>, { target, format, at }: AskedAddress): void {
    const { id, version, generation } = connection;
    const { addresses } = this.#of(connection) ?? { addresses: new Map<string, AskedAddress>() };
    const name = addressOf({ target, ...(at !== undefined && { at }) });
    addresses.delete(name);
    addresses.set(name, { target, format, ...(at !== undefined && { at }) });
    const [oldest] = addresses.keys();
    if (addresses.size > EACH && oldest !== undefined) addresses.delete(oldest);
    this.#known.delete(id);
    this.#known.set(id, { version, generation, addresses });
    const [first] = this.#known.keys();
    if (this.#known.size > MOST && first !== undefined) this.#known.delete(first);
  }

  has(connection: Connection, at: Pick<AskedAddress, 'target' | 'at'>): boolean {
    return this.#of(connection)?.addresses.has(addressOf(at)) === true;
  }

  /** The latest that is not this one. */
  otherThan(connection: Connection, at: Pick<AskedAddress, 'target' | 'at'>): AskedAddress | null {
    const others = [...(this.#of(connection)?.addresses.values() ?? [])].filter(
      (address) => addressOf(address) !== addressOf(at),
    );
    return others.at(-1) ?? null;
  }

  forget(id: ConnectionId): void {
    this.#known.delete(id);
  }

  #of({ id, version, generation }: Connection): Remembered | undefined {
    const known = this.#known.get(id);
    return known?.version === version && known.generation === generation ? known : undefined;
  }
}
