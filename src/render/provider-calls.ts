import type { Directory } from '../config/directory.js';
import type { AccessTokens } from '../connect/tokens/access-tokens.js';
import type { AccessOutcome } from '../connect/tokens/open-connection.js';
import type { RejectedAt, RenewalOutcome } from '../connect/tokens/rejected-tokens.js';
import { type Connection, factValuesOf, isCompany } from '../domain/connection.js';
import type { Data } from '../domain/data.js';
import type { Gadget, ParameterValues, RequestPlan } from '../domain/gadget.js';
import type { Obstacle } from '../domain/rendering.js';
import type { Viewer } from '../domain/viewer.js';
import { type Facts, secondsLeftOfDay } from '../gadgets/computed-values.js';
import { type Context, resolveTarget } from '../gadgets/expand-request.js';
import { furtherPages } from '../gadgets/request-plan.js';
import { factsIn } from '../providers/facts.js';
import { baseOf, mayTravel, type Provider, placeOf, providerAt } from '../providers/provider.js';
import { lackingScopes, scopesInWords, scopesOfGadget } from '../providers/scopes.js';
import type { ConnectionStore } from '../store/connections/connection-store.js';
import type { Upstream } from '../upstream/upstream.js';
import type { Access, UpstreamOutcome, UpstreamRequest } from '../upstream/upstream-call.js';
import {
  refusedByResource,
  undiscovered,
  withCompanyAccess,
  withoutAccess,
  withoutData,
} from './obstacles.js';

export interface CallDeps {
  readonly access: Pick<AccessTokens, 'fresh' | 'renewed' | 'accepted'>;
  readonly connections: Pick<ConnectionStore, 'find'>;
  /** Must give each provider as it was when the rendering started, whatever is reloaded in between. */
  readonly directory: Pick<Directory, 'provider'>;
  readonly upstream: Pick<Upstream, 'get' | 'kept'>;
}

/** What a request is made with. */
export interface Inputs {
  /** Of parameters, and of what was taken from other answers, by name. */
  readonly values: ParameterValues;
  /** The item of another answer that it is made for. */
  readonly item?: Data;
  /** The Connections whose answers these values are from; absent where they are from none. */
  readonly basis?: string;
}

export type DataOutcome = Extract<UpstreamOutcome, { kind: 'data' }>;

/**
 * An answer, or why there is none, the Connection as it was when the provider was asked (null when it was not) and the place that its
 * record led to then (`placeOf`).
 */
export type Called =
  | { readonly answer: DataOutcome; readonly connection: Connection | null; readonly api: string }
  | { readonly obstacle: Obstacle; readonly connection: Connection | null; readonly api: string };

/** So many tokens of one provider are tried for a request: each but the first was put in place of one that was rejected, perhaps by another server. */
const MOST_TOKENS = 4;

/** One viewer's access to one provider: asked for once, and each token that is rejected renewed once, however many requests there are. */
class ViewerAccess {
  readonly #source: CallDeps['access'];
  readonly #connections: CallDeps['connections'];
  readonly #viewer: Viewer;
  readonly #provider: Provider;
  #held: Promise<Connection | null> | undefined;
  #latest: Promise<AccessOutcome> | undefined;
  /** By the version of the tokens that were rejected. */
  readonly #renewals = new Map<number, Promise<RenewalOutcome>>();

  constructor({ access, connections }: CallDeps, viewer: Viewer, provider: Provider) {
    this.#source = access;
    this.#connections = connections;
    this.#viewer = viewer;
    this.#provider = provider;
  }

  async fresh(): Promise<AccessOutcome> {
    this.#held ??= this.#connections.find(this.#viewer, this.#provider.id);
    await this.#held;
    this.#latest ??= this.#source.fresh(this.#viewer, this.#provider);
    return this.#latest;
  }

  /** The person's own Connection before access was asked for, of which an outcome without a token is said; null for a company's. */
  async triedWith(outcome: AccessOutcome): Promise<Connection | null> {
    const held = outcome.kind === 'none' || outcome.kind === 'reconnect' ? null : await this.#held;
    return held && !isCompany(held.viewer) ? held : null;
  }

  async renewed(rejected: Access, at: RejectedAt): Promise<RenewalOutcome> {
    const { version } = rejected.connection;
    const before = this.#renewals.get(version);
    const renewal = before ?? this.#source.renewed(rejected, this.#provider, at);
    this.#renewals.set(version, renewal);
    let outcome = await renewal;
    // What one resource refused for itself says nothing of another.
    if (outcome.kind === 'resource-refused' && before !== undefined)
      outcome = await this.#source.renewed(rejected, this.#provider, at);
    if (outcome.kind === 'access' || outcome.kind === 'none' || outcome.kind === 'reconnect')
      this.#latest = Promise.resolve(outcome);
    return outcome;
  }
}

/** Whether the provider could not be asked for a token, and refused none: then what was kept may be shown, as after a 5xx. */
const isAway = (outcome: AccessOutcome): boolean =>
  outcome.kind === 'rate-limited' || (outcome.kind === 'down' && outcome.refused !== true);

/** Whether a Connection has every fact that a request's templates name. */
const hasFacts = (plan: RequestPlan, facts: Readonly<Record<string, string>>): boolean =>
  plan.facts.every((name) => Object.hasOwn(facts, name));

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** When a rendering is made, and for which zone and language. */
export type Moment = Omit<Facts, 'account' | 'facts'>;

/**
 * Calls providers as one viewer, for one rendering: an answer that rejects the token renews that provider's access, and is tried again with
 * the token that took its place, a few times at most, since another server may have replaced that one before it was used; what then comes is
 * the resource's own answer. While no token can be had because the provider is away, what was kept of
 * this Connection is shown.
 */
export class ProviderCalls {
  readonly #deps: CallDeps;
  readonly #gadget: Gadget;
  readonly #viewer: Viewer;
  readonly #moment: Moment;
  readonly #accesses = new Map<string, ViewerAccess>();

  constructor(deps: CallDeps, gadget: Gadget, viewer: Viewer, moment: Moment) {
    this.#deps = deps;
    this.#gadget = gadget;
    this.#viewer = viewer;
    this.#moment = moment;
  }

  /**
   * Makes a gadget's request with these inputs and at most so many further pages. Throws `parameter_invalid`, and `UnusableValue` where
   * another answer has what cannot be used.
   */
  async call(plan: RequestPlan, inputs: Inputs, pages: number): Promise<Called> {
    const id = plan.provider;
    const provider = this.#deps.directory.provider(id);
    if (provider === undefined) return { obstacle: undiscovered(id), connection: null, api: '' };
    const base = baseOf(provider, plan.api ?? null);
    if (base === undefined) {
      const obstacle = {
        state: 'misconfigured',
        provider: id,
        code: 'api-unknown',
        detail: plan.api ?? null,
      } as const;
      return { obstacle, connection: null, api: placeOf(provider) };
    }
    // What can be refused without asking for a token is.
    const isPersonal = plan.namesAccount || factsIn(base).length > 0;
    const asked = isPersonal ? null : this.#asked(provider, plan, inputs, pages, null);
    const access = this.#accessTo(provider);
    const granted = await access.fresh();
    if (granted.kind === 'access') {
      const { connection, origins } = granted.access;
      const lacking = this.#lackingOf(provider, connection);
      if (lacking.length > 0) {
        const needed = scopesInWords(provider, lacking);
        const obstacle = {
          state: 'reconnect',
          provider: id,
          reason: 'more-scopes',
          lacking: needed,
        } as const;
        return { obstacle, connection, api: placeOf(provider) };
      }
      const request = asked ?? this.#asked(provider, plan, inputs, pages, connection);
      // The record names a fact or an origin that was not there when this person agreed: they are asked again.
      if (request === null || !mayTravel(origins, request.provider.api))
        return {
          obstacle: { state: 'reconnect', provider: id, reason: 'expired' },
          connection,
          api: placeOf(provider),
        };
      return this.#callWith(granted.access, request, provider, MOST_TOKENS);
    }
    const kept = isAway(granted) ? await this.#keptFor(provider, plan, inputs, pages, asked) : null;
    const connection = await access.triedWith(granted);
    return kept ?? { obstacle: withoutAccess(id, granted), connection, api: placeOf(provider) };
  }

  #asked(
    provider: Provider,
    plan: RequestPlan,
    { values, item, basis }: Inputs,
    allowed: number,
    connection: Connection | null,
  ): UpstreamRequest | null {
    const { format, refused, pages } = plan.answer;
    const account = connection?.account?.id ?? null;
    const known = connection === null ? {} : factValuesOf(connection);
    const at = providerAt(provider, plan.api ?? null, known);
    if (at === null || !hasFacts(plan, known)) return null;
    const { now, locale, timeZone } = this.#moment;
    const facts = { now, locale, timeZone, account, facts: known };
    const context: Context = item === undefined ? { facts } : { facts, item };
    const { target, prefix, body } = resolveTarget(at.api, this.#gadget, plan, values, context);
    const request: Writable<UpstreamRequest> = {
      provider: at,
      target,
      prefix,
      accept: plan.accept,
      format,
      refused,
      ttl: plan.namesDay ? Math.min(plan.ttl, secondsLeftOfDay(this.#moment)) : plan.ttl,
      pages: pages && { ...pages, further: furtherPages(pages, values), allowed },
      gadgetVersion: this.#gadget.version,
    };
    // Set one by one: several spreads into one literal take longer than all the rest here.
    if (basis !== undefined) request.basis = basis;
    if (plan.headers !== null) request.headers = plan.headers;
    if (body !== undefined) request.body = body;
    return request;
  }

  /** What this gadget needs that the person was not asked for, or did not grant. A company's scopes are its record's. */
  #lackingOf(provider: Provider, { scopes, viewer }: Connection): readonly string[] {
    if (isCompany(viewer)) return [];
    return lackingScopes(provider, scopes, scopesOfGadget(this.#gadget.scopes, provider));
  }

  #accessTo(provider: Provider): ViewerAccess {
    const known = this.#accesses.get(provider.id);
    if (known !== undefined) return known;
    const made = new ViewerAccess(this.#deps, this.#viewer, provider);
    this.#accesses.set(provider.id, made);
    return made;
  }

  async #callWith(
    granted: Access,
    asked: UpstreamRequest,
    provider: Provider,
    tokens: number,
  ): Promise<Called> {
    const { connection } = granted;
    const { target, format, provider: of } = asked;
    const { id } = provider;
    const api = placeOf(provider);
    const outcome = await this.#deps.upstream.get(granted, asked);
    if (outcome.kind === 'data') {
      if (!outcome.stale) this.#deps.access.accepted(granted, { target, format, at: of });
      return { answer: outcome, connection, api };
    }
    const own = isCompany(connection.viewer) ? withCompanyAccess : (obstacle: Obstacle) => obstacle;
    if (outcome.kind !== 'unauthorized' || tokens === 1)
      return { obstacle: own(withoutData(id, outcome)), connection, api };
    const at = { target, format, at: of, sign: outcome.sign };
    const renewed = await this.#accessTo(provider).renewed(granted, at);
    if (renewed.kind === 'access') return this.#callWith(renewed.access, asked, provider, tokens - 1);
    if (renewed.kind === 'resource-refused')
      return { obstacle: own(refusedByResource(id, outcome, renewed.proven)), connection, api };
    const tried = isCompany(connection.viewer) ? null : connection;
    return { obstacle: withoutAccess(id, renewed), connection: tried, api };
  }

  /** What is kept for the viewer of an answer, where their Connection stands; null where nothing is. */
  async #keptFor(
    provider: Provider,
    plan: RequestPlan,
    inputs: Inputs,
    pages: number,
    asked: UpstreamRequest | null,
  ): Promise<Called | null> {
    const connection = await this.#deps.connections.find(this.#viewer, provider.id);
    if (connection?.status !== 'active') return null;
    const request = asked ?? this.#asked(provider, plan, inputs, pages, connection);
    const answer = request && (await this.#deps.upstream.kept(connection, request));
    return answer && { answer, connection, api: placeOf(provider) };
  }
}
