import { SYSTEM } from '../../domain/actor.js';
import type { ConnectionId, TokenSet } from '../../domain/connection.js';
import type { Digest } from '../../domain/system.js';
import { type ClientCredentials, clientFor, mayTravel, type Provider } from '../../providers/provider.js';
import type { Fingerprints } from '../../store/sealing/sealing-key.js';
import type { Stores } from '../../store/stores.js';
import type { ConnectPorts } from '../connect-ports.js';

/** Our registrations at the providers, and which of them may not be used at present. */
export interface Clients {
  /** The credentials under which tokens of `clientId` can be used; null when the registration was changed or removed. */
  same(provider: Provider, host: string, clientId: string): ClientCredentials | null;
  isStopped(provider: Provider, client: ClientCredentials): Promise<boolean>;
  /**
   * Stops every token request of this client: its credentials are proven wrong by what was answered to a request of `askedAt`. Some
   * servers destroy the refresh token named in a request whose client authentication fails, so that going on would cost every viewer
   * their Connection.
   */
  stop(provider: Provider, client: ClientCredentials, code: string, askedAt: number): Promise<void>;
  /** One Connection's refresh found that the server does not know this client; stops it when another's did too. True when it did. */
  doubt(
    provider: Provider,
    client: ClientCredentials,
    doubt: { readonly connection: ConnectionId; readonly code: string; readonly askedAt: number },
  ): Promise<boolean>;
  /** A token request of this client did well. */
  trust(provider: Provider, client: ClientCredentials): Promise<void>;
}

/**
 * Whether tokens were granted where this record leads: old tokens are never shown to a token endpoint or an API at another origin than
 * the person agreed to.
 */
export const isAtHome = ({ origins }: TokenSet, { tokenEndpoint, api }: Provider): boolean =>
  mayTravel(origins, tokenEndpoint) && mayTravel(origins, api);

/** What a client key is made with. */
export interface KeyMaker {
  readonly digest: Digest;
  readonly stores: { readonly fingerprints: Pick<Fingerprints, 'of'> };
}

/**
 * All that a record says about token requests of one client, as a digest: a stop is of this and nothing else. The secret is in it by its
 * fingerprint, so that a copy of the database does not let anyone try guesses at it.
 */
export const clientKey = (
  { digest, stores }: KeyMaker,
  { id, tokenEndpoint, clientAuthentication, grantTypes, errorCodes, refreshSendsRedirectUri }: Provider,
  client: ClientCredentials,
): string =>
  digest.sha256(
    JSON.stringify([
      id,
      tokenEndpoint,
      clientAuthentication,
      grantTypes,
      Object.entries(errorCodes).toSorted(),
      refreshSendsRedirectUri,
      client.id,
      stores.fingerprints.of(client.secret.reveal()),
    ]),
  );

/** Ends the stops that are of no record any more, when records were changed: `ids` are all providers there are, `known` how they are now. */
export const endStaleStops =
  ({
    stores,
    digest,
  }: {
    readonly stores: Pick<Stores, 'clientStops' | 'fingerprints'>;
    readonly digest: Digest;
  }) =>
  async (providers: {
    readonly ids: readonly string[];
    readonly known: readonly Provider[];
  }): Promise<void> => {
    const { clientStops } = stores;
    for (const { provider } of await clientStops.list())
      if (!providers.ids.includes(provider)) await clientStops.clear(provider);
    for (const provider of providers.known) {
      const clients = [provider.client, ...Object.values(provider.clients)].filter(
        (client) => client !== null,
      );
      const keys = clients.map((client) => clientKey({ stores, digest }, provider, client));
      await clientStops.keepOnly(provider.id, keys);
    }
  };

export const clientsOf = (
  ports: Pick<ConnectPorts, 'stores' | 'digest' | 'clock' | 'journal' | 'audit'>,
): Clients => {
  const { clientStops } = ports.stores;
  const keyOf = (provider: Provider, client: ClientCredentials): string => clientKey(ports, provider, client);

  const stop: Clients['stop'] = async (provider, client, code, askedAt) => {
    // Many viewers may find out at once.
    if (!(await clientStops.stop(provider.id, keyOf(provider, client), ports.clock.now(), askedAt))) return;
    ports.journal.warn('client-stopped', {
      provider: provider.id,
      client: client.id,
      code,
      mend: `The provider does not accept this client id and secret. Correct them, or run “oriel provider retry ${provider.id}”.`,
    });
    await ports.audit.record({
      action: 'client.stopped',
      by: SYSTEM,
      outcome: 'failed',
      provider: provider.id,
      subject: client.id,
      code,
    });
  };

  return {
    same(provider, host, clientId) {
      const client = clientFor(provider, host);
      return client?.id === clientId ? client : null;
    },
    isStopped: (provider, client) => clientStops.isStopped(keyOf(provider, client)),
    stop,
    async doubt(provider, client, { connection, code, askedAt }) {
      const key = keyOf(provider, client);
      const isProven = await clientStops.doubt({ provider: provider.id, key, connection, askedAt });
      if (isProven) await stop(provider, client, code, askedAt);
      return isProven;
    },
    trust: (provider, client) => clientStops.trust(keyOf(provider, client)),
  };
};
