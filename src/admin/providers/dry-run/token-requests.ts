import type { Entropy } from '../../../domain/system.js';
import type { Probe } from '../../../providers/probe.js';
import type { ClientCredentials, Provider } from '../../../providers/provider.js';
import type { TokenJudge } from '../../../providers/token-outcome.js';
import { NOBODYS } from './authorization.js';
import type { Registered } from './authorization-lines.js';
import type { Line } from './line.js';
import { judgeRedirectUri, judgeToken, mayTellRedirectUri } from './token-lines.js';
import { type Reply, readReply } from './token-reading.js';

interface Ports {
  readonly probe: Pick<Probe, 'post'>;
  readonly authorizer: TokenJudge;
  readonly entropy: Pick<Entropy, 'secret'>;
}

/**
 * Asks for tokens with a code that nobody was given, then with a secret that is certainly wrong, and where the server does not refuse us
 * ourselves, with a redirect URI that nobody registered. No refresh token is ever sent, so that nothing can be used up.
 */
export const tryToken =
  ({ probe, authorizer, entropy }: Ports) =>
  async (provider: Provider, registered: Registered): Promise<readonly Line[]> => {
    const ask = async (client: ClientCredentials, redirectUri: string): Promise<Reply> => {
      const form = {
        grant_type: provider.grantTypes.authorizationCode,
        code: entropy.secret().reveal(),
        redirect_uri: redirectUri,
        ...(provider.pkce === 'S256' && { code_verifier: entropy.secret().reveal() }),
      };
      const authentication = provider.clientAuthentication;
      return readReply(
        authorizer,
        await probe.post(provider.tokenEndpoint, { form, client, authentication }, provider),
        provider,
      );
    };
    const { client, redirectUri } = registered;
    const ours = await ask(client, redirectUri);
    if (ours.kind !== 'error') return [judgeToken(ours, null, registered, provider)];
    const wrong = await ask({ ...client, secret: entropy.secret() }, redirectUri);
    const line = judgeToken(ours, wrong, registered, provider);
    if (!mayTellRedirectUri(ours)) return [line];
    const astray = await ask(client, NOBODYS);
    return [line, ...judgeRedirectUri(ours, astray, registered)];
  };
