import type { Entropy } from '../../../domain/system.js';
import type { Probe } from '../../../providers/probe.js';
import type { ClientCredentials, Provider } from '../../../providers/provider.js';
import type { Authorizer } from '../../../providers/token-outcome.js';
import { because } from './answers.js';
import { judgeAlone, judgeBeside, type Registered } from './authorization-lines.js';
import type { Line } from './line.js';
import { type Reading, readPage } from './page-reading.js';

interface Ports {
  readonly probe: Pick<Probe, 'page'>;
  readonly authorizer: Pick<Authorizer, 'authorizationUrl'>;
  readonly entropy: Pick<Entropy, 'id' | 'secret'>;
}

/** A redirect URI that nobody can have registered (RFC 2606 §2). */
export const NOBODYS = 'https://oriel-dry-run.invalid/callback';

/**
 * Asks for consent as a browser without cookies would, and, where that tells nothing, twice more: with a redirect URI and with a client
 * id that are certainly wrong. Only a server that answers those differently has judged ours.
 */
export const tryAuthorization =
  ({ probe, authorizer, entropy }: Ports) =>
  async (provider: Provider, registered: Registered): Promise<Line> => {
    const ask = async (client: ClientCredentials, redirectUri: string): Promise<Reading> => {
      const url = authorizer.authorizationUrl(provider, client, {
        state: entropy.secret(),
        redirectUri,
        verifier: entropy.secret(),
        scopes: provider.scopes,
        selectAccount: false,
      });
      const answer = await probe.page(url, provider);
      return answer.kind === 'answer'
        ? readPage(answer, url, redirectUri)
        : { kind: 'failed', said: because(answer) };
    };
    const { client, redirectUri } = registered;
    const ours = await ask(client, redirectUri);
    const alone = judgeAlone(ours, registered, provider);
    if (alone !== null) return alone;
    const astray = await ask(client, NOBODYS);
    const stranger = await ask({ ...client, id: entropy.id() }, redirectUri);
    return judgeBeside({ ours, astray, stranger }, registered, provider);
  };
