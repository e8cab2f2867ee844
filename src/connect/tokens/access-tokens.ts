import { type Connection, isCompany, isFresh, type TokenSet } from '../../domain/connection.js';
import type { Viewer } from '../../domain/viewer.js';
import { mayTravel, type Provider } from '../../providers/provider.js';
import type { Access } from '../../upstream/upstream-call.js';
import type { ConnectDeps } from '../connect-deps.js';
import { isAllowed } from '../consent/flow-checks.js';
import { isAtHome, ownClient } from './clients.js';
import { COMPANY_REFUSED, CompanyGrants, holderOf } from './company-access.js';
import {
  type AccessOutcome,
  accessTo,
  endConnection,
  isValid,
  NONE,
  type OpenConnection,
  openConnection,
  REGISTRATION_CHANGED,
} from './open-connection.js';
import { RefreshCoordinator } from './refresh-coordinator.js';
import {
  type AskedAddress,
  type RejectedAt,
  RejectedTokens,
  type RenewalOutcome,
} from './rejected-tokens.js';
import { saveUnsaved, saveUnsavedAtLast, UnsavedTokens } from './unsaved-tokens.js';
import { ConnectionUses } from './use-notes.js';

interface Opened {
  readonly provider: Provider;
  readonly tokens: TokenSet;
  readonly outcome: AccessOutcome;
}

/**
 * The access tokens of all viewers, as this process knows them; one for the whole server. A fresh one costs a look at the Connection in
 * memory; a worn-out one is refreshed once, shared by all who ask in this process and, through the store's lease, in all others. A
 * refresh belongs to no request, so none that is cancelled can cancel it.
 */
export class AccessTokens {
  readonly #deps: ConnectDeps & { readonly unsaved: UnsavedTokens };
  readonly #refreshes: RefreshCoordinator;
  readonly #rejected: RejectedTokens;
  readonly #uses: ConnectionUses;
  readonly #companies: CompanyGrants;
  /** A changed Connection is another object, so what is kept here can never be out of date. */
  readonly #opened = new WeakMap<Connection, Opened>();

  constructor(deps: ConnectDeps) {
    this.#deps = { ...deps, unsaved: new UnsavedTokens() };
    this.#refreshes = new RefreshCoordinator(this.#deps);
    this.#rejected = new RejectedTokens(deps, this.#refreshes);
    this.#uses = new ConnectionUses(deps);
    this.#companies = new CompanyGrants(deps);
  }

  /**
   * A token that works now, refreshed first where it is near its end. Where a company's access is in force it is the company's, and the
   * viewer's own Connection is not looked at.
   */
  async fresh(viewer: Viewer, provider: Provider): Promise<AccessOutcome> {
    const holder = holderOf(this.#deps.directory, viewer, provider.id);
    const connection = await this.#deps.stores.connections.find(holder, provider.id);
    if (isCompany(holder)) return this.#freshOfCompany(holder, connection, provider);
    return connection === null ? NONE : this.#freshOf(connection, provider);
  }

  async #freshOf(connection: Connection, provider: Provider): Promise<AccessOutcome> {
    const known = this.#opened.get(connection);
    // A provider that was changed is another object too; its host may have lost it without that.
    if (known?.provider === provider && isAllowed(this.#deps.directory, connection)) {
      const now = this.#deps.clock.now();
      if (isFresh(known.tokens, now)) {
        this.#uses.note(connection, now);
        return known.outcome;
      }
    }
    return forRecord(await this.#consider(connection, provider), provider);
  }

  /** Where a company's Connection has ended, or is of another registration or place, the provider is asked for a new one. */
  async #freshOfCompany(
    holder: Viewer,
    connection: Connection | null,
    provider: Provider,
  ): Promise<AccessOutcome> {
    const outcome = connection === null ? NONE : await this.#freshOf(connection, provider);
    if (outcome.kind !== 'none' && outcome.kind !== 'reconnect') return outcome;
    if (connection?.status === 'active') await endConnection(this.#deps, connection, provider, 'expired');
    return forRecord(await this.#companies.grant(holder, provider), provider);
  }

  /**
   * The provider rejected this access: refreshes once a minute at most, unless it was refreshed already. The Connection ends only where
   * the grant is proven dead, never because one resource refused.
   */
  async renewed({ connection }: Access, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> {
    const outcome = forRecord(await this.#renew(connection, provider, at), provider);
    const hasEnded = outcome.kind === 'none' || outcome.kind === 'reconnect';
    return hasEnded && isCompany(connection.viewer) ? COMPANY_REFUSED : outcome;
  }

  /** The provider took this access at an address, which may be asked again to find out whether the token is dead. */
  accepted(access: Access, at: AskedAddress): void {
    // What can be refreshed needs no other proof.
    if (this.#opened.get(access.connection)?.tokens.refreshToken === null)
      this.#rejected.accepted(access, at);
  }

  /** Saves tokens that a server granted while the store took no writes. Rejects as the store does. */
  saveTokens(): Promise<void> {
    return saveUnsaved(this.#deps, this.#deps.unsaved.all());
  }

  /** As `saveTokens`, at the end of the process: insists for some seconds, and reports which are lost. */
  saveTokensAtLast(): Promise<void> {
    return saveUnsavedAtLast(this.#deps);
  }

  async #consider(known: Connection, provider: Provider): Promise<AccessOutcome> {
    const deps = this.#deps;
    if (!isAllowed(deps.directory, known)) return { kind: 'stopped', code: 'provider_not_allowed' };
    const open = await openConnection(deps, known);
    if (open.kind !== 'open') return open;
    const { connection, tokens } = open;
    if (!isAtHome(tokens, provider)) return REGISTRATION_CHANGED;
    const now = deps.clock.now();
    if (!isFresh(tokens, now)) return this.#renewOld(open, provider);
    if (ownClient(provider, connection.viewer.host, connection.clientId) === null)
      return REGISTRATION_CHANGED;
    const outcome = accessTo(open, provider);
    this.#opened.set(connection, { provider, tokens, outcome });
    this.#uses.note(connection, now);
    return outcome;
  }

  /** A token near its end, or past it. */
  async #renewOld(open: OpenConnection, provider: Provider): Promise<AccessOutcome> {
    if (open.tokens.refreshToken !== null || isCompany(open.connection.viewer))
      return this.#refreshes.refresh(open.connection, provider, null);
    return isValid(open.tokens, this.#deps.clock.now())
      ? accessTo(open, provider)
      : endConnection(
          this.#deps,
          open.connection,
          provider,
          provider.pasted === undefined ? 'expired' : 'token-expired',
        );
  }

  async #renew({ id, version }: Connection, provider: Provider, at: RejectedAt): Promise<RenewalOutcome> {
    const latest = await this.#deps.stores.connections.byId(id);
    if (latest === null) return NONE;
    const open = await openConnection(this.#deps, latest);
    if (open.kind !== 'open') return open;
    // Replaced since: the new tokens have not been tried yet.
    if (open.connection.version !== version) return this.#consider(open.connection, provider);
    return this.#rejected.renew(open, provider, at);
  }
}

/**
 * Gives a token for the record as it was given, or none: a refresh that is shared was perhaps started for the record as it
 * was before or after, and its tokens are bound to where that one led.
 */
const forRecord = <Outcome extends RenewalOutcome>(
  outcome: Outcome,
  provider: Provider,
): Outcome | AccessOutcome =>
  outcome.kind !== 'access' || mayTravel(outcome.access.origins, provider.api)
    ? outcome
    : REGISTRATION_CHANGED;
