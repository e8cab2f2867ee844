import { SYSTEM } from '../../domain/actor.js';
import { type Connection, type ConnectionId, isCompany, type TokenSet } from '../../domain/connection.js';
import { type Viewer, viewerOf } from '../../domain/viewer.js';
import { type Host, mayUse } from '../../hosts/host.js';
import { clientFor, originsOf, type Provider } from '../../providers/provider.js';
import type { TokenFailure } from '../../providers/token-outcome.js';
import type { ConnectionStore } from '../../store/connections/connection-store.js';
import type { ConnectDeps, Deps } from '../connect-deps.js';
import { isClientStopped, type Registration, stopClient, trustClient } from './clients.js';
import { type AccessOutcome, accessTo } from './open-connection.js';

/*
 * Access that belongs to a company and to none of its people (RFC 6749 §4.4). Where it is in force, everyone on a host is shown a provider
 * with it and no one with a Connection of their own: it is never what is shown because something else is missing.
 */

/** Whether the records of both say so, and the host may use the provider at all. */
const isInForce = (host: Host | undefined, provider: Provider | undefined): boolean =>
  host !== undefined &&
  provider?.clientCredentials !== undefined &&
  host.clientCredentials?.includes(provider.id) === true &&
  mayUse(host, provider.id);

type Records = Pick<ConnectDeps['directory'], 'host' | 'provider'>;

/** Whose Connection shows a provider to a viewer: their own, or the company's on their host. */
export const holderOf = (directory: Records, viewer: Viewer, provider: string): Viewer =>
  isInForce(directory.host(viewer.host), directory.provider(provider)) ? companyOn(viewer.host) : viewer;

/** The company on a host, in the place of a viewer: no host's token can name someone without a `sub`. */
const companyOn = (host: string): Viewer => viewerOf(host, '');

/** The Connections by which viewers are shown providers, their own and those of companies. */
export class HeldConnections implements Pick<ConnectionStore, 'find' | 'latest' | 'recall'> {
  readonly #directory: Records;
  readonly #connections: Pick<ConnectionStore, 'find' | 'latest' | 'recall'>;

  constructor(directory: Records, connections: Pick<ConnectionStore, 'find' | 'latest' | 'recall'>) {
    this.#directory = directory;
    this.#connections = connections;
  }

  find(viewer: Viewer, provider: string): Promise<Connection | null> {
    return this.#connections.find(holderOf(this.#directory, viewer, provider), provider);
  }

  latest(viewer: Viewer, provider: string): Promise<Connection | null> {
    return this.#connections.latest(holderOf(this.#directory, viewer, provider), provider);
  }

  recall(viewer: Viewer, provider: string): ReturnType<ConnectionStore['recall']> {
    return this.#connections.recall(holderOf(this.#directory, viewer, provider), provider);
  }
}

/** What is wrong with a company's access is for administrators to fix: no viewer can connect it again. */
export const COMPANY_REFUSED: AccessOutcome = { kind: 'stopped', code: 'company_access_refused' };

/** After a failure the provider is not asked again for so long, ms. */
const PAUSE = 30_000;

const ofFailure = (failure: TokenFailure): AccessOutcome => {
  switch (failure.kind) {
    case 'rate-limited':
      return { kind: 'rate-limited', retryAfter: failure.retryAfter };
    case 'unreachable':
    case 'protocol-error':
      return { kind: 'down', reason: failure.code };
    case 'invalid-client':
    case 'invalid-grant':
    case 'refused':
      return COMPANY_REFUSED;
  }
};

type GrantDeps = Deps<
  'audit' | 'authorizer' | 'clock' | 'digest' | 'entropy' | 'journal',
  'clientStops' | 'connections' | 'fingerprints'
>;

/** The first tokens of companies, asked for once by this process, however many viewers wait for them. */
export class CompanyGrants {
  readonly #deps: GrantDeps;
  readonly #flights = new Map<string, Promise<AccessOutcome>>();
  readonly #failed = new Map<string, { readonly until: number; readonly outcome: AccessOutcome }>();

  constructor(deps: GrantDeps) {
    this.#deps = deps;
  }

  grant(holder: Viewer, provider: Provider): Promise<AccessOutcome> {
    const key = JSON.stringify([holder.id, provider.id]);
    const running = this.#flights.get(key);
    if (running !== undefined) return running;
    const flight = this.#ask(key, holder, provider).finally(() => this.#flights.delete(key));
    this.#flights.set(key, flight);
    return flight;
  }

  async #ask(key: string, holder: Viewer, provider: Provider): Promise<AccessOutcome> {
    const client = clientFor(provider, holder.host);
    if (client === null) return { kind: 'stopped', code: 'client_missing' };
    const registration = { provider, client };
    if (await isClientStopped(this.#deps, registration)) return { kind: 'stopped', code: 'client_stopped' };
    const failed = this.#failed.get(key);
    if (failed !== undefined && this.#deps.clock.monotonic() < failed.until) return failed.outcome;
    this.#failed.delete(key);
    const outcome = await this.#request(holder, registration);
    if (outcome.kind !== 'access')
      this.#failed.set(key, { until: this.#deps.clock.monotonic() + PAUSE, outcome });
    return outcome;
  }

  async #request(holder: Viewer, registration: Registration): Promise<AccessOutcome> {
    const { authorizer, clock, journal } = this.#deps;
    const { provider, client } = registration;
    const askedAt = clock.now();
    const outcome = await authorizer.grantToClient(provider, client);
    if (outcome.kind === 'tokens') {
      const open = await this.#keep(holder, registration, {
        ...outcome.tokens,
        origins: originsOf(provider),
      });
      await trustClient(this.#deps, registration);
      return accessTo(open, provider);
    }
    journal.warn('company-access-refused', { provider: provider.id, host: holder.host, ...outcome });
    const event = { action: 'company.connected', by: SYSTEM, outcome: 'failed' } as const;
    const code = 'code' in outcome ? outcome.code : outcome.kind;
    await this.#deps.audit.record({ ...event, provider: provider.id, host: holder.host, code });
    if (outcome.kind === 'invalid-client' && outcome.code === 'invalid_client')
      await stopClient(this.#deps, registration, { code: outcome.code, askedAt });
    return ofFailure(outcome);
  }

  async #keep(holder: Viewer, { provider, client }: Registration, tokens: TokenSet) {
    const { audit, clock, entropy, stores } = this.#deps;
    const id = entropy.id() as ConnectionId;
    const scopes = tokens.scopes ?? provider.clientCredentials?.scopes ?? [];
    const made = { id, viewer: holder, provider: provider.id, clientId: client.id, tokens, scopes };
    const connection = await stores.connections.grant({ ...made, now: clock.now() });
    const about = { provider: provider.id, host: holder.host, subject: connection.id };
    await audit.record({ action: 'company.connected', by: SYSTEM, outcome: 'done', ...about });
    const kept = connection.id === id ? tokens : await stores.connections.tokens(connection);
    return { kind: 'open', connection, tokens: kept ?? tokens } as const;
  }
}

/** Companies' Connections that a record no longer allows. */
export async function listUnwantedAccess({
  directory,
  stores,
}: Deps<'directory', 'connections'>): Promise<readonly Connection[]> {
  const kept = await stores.connections.ofCompanies();
  return kept.filter(
    ({ viewer, provider }) =>
      isCompany(viewer) && !isInForce(directory.host(viewer.host), directory.provider(provider)),
  );
}
