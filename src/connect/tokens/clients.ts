import { SYSTEM } from '../../domain/actor.js';
import type { ConnectionId, TokenSet } from '../../domain/connection.js';
import {
  type ClientCredentials,
  clientFor,
  mayTravel,
  type Provider,
  refreshEndpointOf,
} from '../../providers/provider.js';
import type { Fingerprints } from '../../store/sealing/fingerprints.js';
import type { Deps } from '../connect-deps.js';

/** Our registration at a provider: whose token requests are made, and by which credentials. */
export interface Registration {
  readonly provider: Provider;
  readonly client: ClientCredentials;
}

/** Fingerprints are made with the sealing keys, which nothing but the store knows. */
type KeyDeps = Deps<'digest'> & {
  readonly stores: { readonly fingerprints: Pick<Fingerprints, 'of'> };
};

/** The credentials under which tokens of `clientId` can be used; null when the registration was changed or removed. */
export const ownClient = (provider: Provider, host: string, clientId: string): ClientCredentials | null => {
  const client = clientFor(provider, host);
  return client?.id === clientId ? client : null;
};

/**
 * Whether tokens were granted where this record leads: old tokens are never shown to a token endpoint or an API at another origin than
 * the person agreed to.
 */
export const isAtHome = ({ origins }: TokenSet, provider: Provider): boolean =>
  [provider.tokenEndpoint, refreshEndpointOf(provider), provider.api].every((url) => mayTravel(origins, url));

/**
 * All that a record says about token requests of one client, as a digest: a stop is of this and nothing else. The secret is in it by its
 * fingerprint, so that a copy of the database does not let anyone try guesses at it.
 */
export const clientKey = ({ digest, stores }: KeyDeps, { provider, client }: Registration): string => {
  const { clientIdInBody, basicEncoding, tokenRequest, tokenParameters, refreshParameters } = provider;
  const { refreshEndpoint, resource, audience } = provider;
  const asked = Object.entries({
    ...{ clientIdInBody, basicEncoding, tokenRequest, tokenParameters, refreshParameters },
    ...{ refreshEndpoint, resource, audience },
  }).filter(([, value]) => value !== undefined);
  return digest.sha256(
    JSON.stringify([
      provider.id,
      provider.tokenEndpoint,
      provider.clientAuthentication,
      provider.grantTypes,
      Object.entries(provider.errorCodes).toSorted(),
      provider.refreshSendsRedirectUri,
      // Left out where they say nothing, so that the stops of records that do not use them stay the same.
      ...(asked.length === 0 ? [] : [asked]),
      client.id,
      stores.fingerprints.of(client.secret.reveal()),
    ]),
  );
};

/**
 * Where people agree and codes are redeemed, and by which registration, as a digest: what a consent has shown holds for this record and no
 * other, however it came to be changed.
 */
export const grantMark = (deps: KeyDeps, registration: Registration, redirectUri: string): string => {
  const { authorizationEndpoint, issuer, api } = registration.provider;
  const asked = [clientKey(deps, registration), authorizationEndpoint, redirectUri, issuer, api];
  return deps.digest.sha256(JSON.stringify(asked));
};

/** Whether token requests of this client are stopped. */
export async function isClientStopped(
  deps: KeyDeps & Deps<never, 'clientStops'>,
  registration: Registration,
): Promise<boolean> {
  return deps.stores.clientStops.isStopped(clientKey(deps, registration));
}

/**
 * Stops every token request of this client: its credentials are proven wrong by what was answered to a request of `askedAt`. Some
 * servers destroy the refresh token named in a request whose client authentication fails, so going on would cost every viewer
 * their Connection.
 */
export async function stopClient(
  deps: KeyDeps & Deps<'clock' | 'journal' | 'audit', 'clientStops'>,
  registration: Registration,
  { code, askedAt }: { readonly code: string; readonly askedAt: number },
): Promise<void> {
  const { audit, clock, journal, stores } = deps;
  const { provider, client } = registration;
  const key = clientKey(deps, registration);
  // Many viewers may find out at once.
  if (!(await stores.clientStops.stop(provider.id, key, clock.now(), askedAt))) return;
  journal.warn('client-stopped', {
    provider: provider.id,
    client: client.id,
    code,
    fix: `The provider does not accept this client id and secret. Correct them, or run “oriel provider retry ${provider.id}”.`,
  });
  await audit.record({
    action: 'client.stopped',
    by: SYSTEM,
    outcome: 'failed',
    provider: provider.id,
    subject: client.id,
    code,
  });
}

/**
 * One Connection's refresh found that the server does not know this client; stops it when another Connection's found the same. True when
 * it did.
 */
export async function doubtClient(
  deps: Parameters<typeof stopClient>[0],
  registration: Registration,
  {
    connection,
    code,
    askedAt,
  }: { readonly connection: ConnectionId; readonly code: string; readonly askedAt: number },
): Promise<boolean> {
  const key = clientKey(deps, registration);
  const doubt = { provider: registration.provider.id, key, connection, askedAt };
  const isProven = await deps.stores.clientStops.doubt(doubt);
  if (isProven) await stopClient(deps, registration, { code, askedAt });
  return isProven;
}

/** A token request of this client did well. */
export async function trustClient(
  deps: KeyDeps & Deps<never, 'clientStops'>,
  registration: Registration,
): Promise<void> {
  await deps.stores.clientStops.trust(clientKey(deps, registration));
}

/** Ends the stops that no longer belong to a record, when records were changed: `ids` are all providers there are, `known` how they are now. */
export async function endStaleStops(
  deps: KeyDeps & Deps<never, 'clientStops'>,
  { ids, known }: { readonly ids: readonly string[]; readonly known: readonly Provider[] },
): Promise<void> {
  const { clientStops } = deps.stores;
  for (const { provider } of await clientStops.list())
    if (!ids.includes(provider)) await clientStops.clear(provider);
  for (const provider of known) {
    const clients = [provider.client, ...Object.values(provider.clients)].filter((client) => client !== null);
    const keys = clients.map((client) => clientKey(deps, { provider, client }));
    await clientStops.keepOnly(provider.id, keys);
  }
}
