import { SYSTEM } from '../../domain/actor.js';
import type { TokenSet } from '../../domain/connection.js';
import type { Provider } from '../../domain/provider.js';
import { type ClientCredentials, clientFor, mayTravel } from '../../domain/provider.js';
import type { ConnectPorts } from '../ports.js';

/** Our registrations at the providers, and which of them may not be used at present. */
export interface Clients {
  /** The credentials under which tokens of `clientId` can be used; null when the registration was changed or removed. */
  same(provider: Provider, host: string, clientId: string): ClientCredentials | null;
  isStopped(provider: Provider, client: ClientCredentials): Promise<boolean>;
  /**
   * Stops every token request of this client. Some servers destroy the refresh token named in a request whose client
   * authentication fails, so that going on would cost every viewer their Connection.
   */
  stop(provider: Provider, client: ClientCredentials, code: string): Promise<void>;
}

/**
 * Whether tokens were granted where this record leads: old tokens are never shown to a token endpoint or an API at another origin than
 * the person agreed to.
 */
export const isAtHome = ({ origins }: TokenSet, { tokenEndpoint, api }: Provider): boolean =>
  mayTravel(origins, tokenEndpoint) && mayTravel(origins, api);

/** Credentials or endpoints that were changed make another key, so changing the record ends the stop. */
export const clientsOf = (
  ports: Pick<ConnectPorts, 'stores' | 'digest' | 'clock' | 'journal' | 'audit'>,
): Clients => {
  const { clientStops } = ports.stores;
  const keyOf = (provider: Provider, client: ClientCredentials): string =>
    ports.digest.sha256(
      JSON.stringify([provider.id, provider.tokenEndpoint, client.id, client.secret.reveal()]),
    );
  return {
    same(provider, host, clientId) {
      const client = clientFor(provider, host);
      return client?.id === clientId ? client : null;
    },
    isStopped: (provider, client) => clientStops.isStopped(keyOf(provider, client)),
    async stop(provider, client, code) {
      // Many viewers may find out at once.
      if (await clientStops.stop(provider.id, keyOf(provider, client), ports.clock.now()))
        await ports.audit.record({
          action: 'client.stopped',
          by: SYSTEM,
          outcome: 'failed',
          provider: provider.id,
          subject: client.id,
          code,
        });
      ports.journal.warn('client-stopped', {
        provider: provider.id,
        client: client.id,
        code,
        mend: `The provider does not accept this client id and secret. Correct them, or run “oriel provider retry ${provider.id}”.`,
      });
    },
  };
};
