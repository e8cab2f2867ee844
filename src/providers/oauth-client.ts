import { createRequire } from 'node:module';
import type * as SimpleOAuth2 from 'simple-oauth2';
import type { AddressGuard } from '../net/address-guard.js';
import { MOST_BYTES } from '../net/answer-body.js';
import { USER_AGENT } from '../net/user-agent.js';
import type { Provider } from './provider.js';

const load = createRequire(import.meta.url);

/** Read when it is first needed: it takes a tenth of a second, and most commands ask for no token. */
const library = (): typeof SimpleOAuth2 => load('simple-oauth2');

/**
 * simple-oauth2 for one provider and registration. Endpoints are whole URLs; what is no JSON comes as an error with its bytes,
 * since servers in use answer with other media types, forms and byte order marks; a redirect is an error, because
 * credentials are not sent on (RFC 9700 §4.12) and the body of a redirect must not be taken for tokens. `timeLimit` is in
 * milliseconds, for the answer's headers and again for its body; `headers` go along with each request.
 */
export const oauthClient = (
  provider: Provider,
  client: { readonly id: string; readonly secret: string },
  guard: AddressGuard,
  timeLimit: number,
  headers: Readonly<Record<string, string>> = {},
): SimpleOAuth2.AuthorizationCode => {
  const http = {
    json: 'force',
    headers: { 'User-Agent': USER_AGENT, ...headers },
    // Zero and not false, which would hand a redirect's body over as if it were the answer.
    redirects: 0,
    redirect303: true,
    timeout: timeLimit,
    maxBytes: MOST_BYTES,
    agents: guard.agents(timeLimit),
  } as const;
  const { AuthorizationCode } = library();
  return new AuthorizationCode({
    client,
    auth: {
      tokenHost: new URL(provider.tokenEndpoint).origin,
      tokenPath: provider.tokenEndpoint,
      authorizePath: provider.authorizationEndpoint,
      ...(provider.revocation.kind === 'rfc7009' && { revokePath: provider.revocation.endpoint }),
    },
    http,
    options: {
      authorizationMethod: provider.clientAuthentication === 'body' ? 'body' : 'header',
      credentialsEncodingMode: 'strict',
      bodyFormat: 'form',
    },
  });
};
