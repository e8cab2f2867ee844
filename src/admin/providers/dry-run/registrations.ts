import type { Provider } from '../../../providers/provider.js';
import { tryAuthorization } from './authorization.js';
import type { Registered } from './authorization-lines.js';
import type { DryRunPorts } from './dry-run-ports.js';
import { type Line, line } from './line.js';
import type { Reaching } from './reaching.js';
import { tryRevocation } from './revocation-lines.js';
import { tryToken } from './token-requests.js';

/** Our registrations at a provider: of one host the one that is in force there, otherwise all. */
const registrationsOf = (provider: Provider, redirectUri: string, host?: string): readonly Registered[] => {
  const common = provider.client === null ? [] : [{ about: 'client', client: provider.client, redirectUri }];
  const own = Object.entries(provider.clients).map(([of, client]) => ({
    of,
    about: `client of host ${of}`,
    client,
    redirectUri,
  }));
  if (host === undefined) return [...common, ...own];
  const its = own.filter(({ of }) => of === host);
  return its.length > 0 ? its : common;
};

const stopped = ({ id, name }: Provider, { about }: Registered): Line =>
  line('client_stopped', about, `Token requests to ${name} are stopped for this client.`, {
    cause: `${name} said that it does not know this client id and secret: no one can connect, and no token is renewed.`,
    mend: `Correct id and secret. If they are right, run “oriel provider retry ${id}”, or let it ask again under Connections, “Why tokens are not renewed”.`,
  });

/** Tries each registration one after the other, so that no server is asked too often at once. */
export const tryRegistrations = (ports: DryRunPorts) => {
  const authorization = tryAuthorization(ports);
  const token = tryToken(ports);
  const revocation = tryRevocation(ports);

  const linesOf = async (provider: Provider, registered: Registered, { can }: Reaching) => {
    const { authorizationEndpoint, tokenEndpoint, revocation: revoking } = provider;
    const [consent, tokens, revoked] = await Promise.all([
      can(authorizationEndpoint) ? authorization(provider, registered) : null,
      can(tokenEndpoint) ? token(provider, registered) : [],
      revoking.kind === 'rfc7009' && can(revoking.endpoint) ? revocation(provider, registered) : null,
    ]);
    return [consent, ...tokens, revoked].filter((each) => each !== null);
  };

  return async function* (
    provider: Provider,
    reaching: Reaching,
    host: string | undefined,
  ): AsyncGenerator<Line, void> {
    const redirectUri = ports.redirectUri(provider.id);
    const all = registrationsOf(provider, redirectUri, host);
    if (all.length === 0) {
      yield line('client_missing', provider.name, 'There is no client id and secret to ask with.', {
        mend: `Register this server there with the redirect URI ${redirectUri}, and write client: { id, secret } into the record.`,
      });
    }
    for (const registered of all) {
      if (await ports.isStopped(provider, registered.client)) yield stopped(provider, registered);
      yield* await linesOf(provider, registered, reaching);
    }
  };
};
