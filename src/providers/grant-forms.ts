import type { Secret } from '../domain/secret.js';
import type { Provider } from './provider.js';

/** A code that came back to `redirectUri`, and PKCE's verifier, or null. */
export interface CodeResponse {
  readonly code: Secret;
  readonly redirectUri: string;
  readonly verifier: Secret | null;
}

/** What tokens are asked for (RFC 8707 §2), in every request for them. */
export const targetOf = ({ resource, audience }: Provider): Readonly<Record<string, string>> => ({
  ...(resource !== undefined && { resource }),
  ...(audience !== undefined && { audience }),
});

/** What a token request says of the client beside its authentication (RFC 6749 §3.2.1). */
export const clientIn = (
  { clientIdInBody, clientAuthentication }: Provider,
  id: string,
): Readonly<Record<string, string>> =>
  clientIdInBody === true && clientAuthentication === 'basic' ? { client_id: id } : {};

/** The form that turns a code into tokens (RFC 6749 §4.1.3), without what authenticates the client. */
export const codeGrant = (
  provider: Provider,
  client: { readonly id: string },
  { code, redirectUri, verifier }: CodeResponse,
) => ({
  ...provider.tokenParameters,
  grant_type: provider.grantTypes.authorizationCode,
  code: code.reveal(),
  redirect_uri: redirectUri,
  ...(provider.pkce === 'S256' && verifier !== null && { code_verifier: verifier.reveal() }),
  ...targetOf(provider),
  ...clientIn(provider, client.id),
});

/** The same for access of the client itself (RFC 6749 §4.4.2). simple-oauth2 sends whichever grant is named; its types know one. */
export const clientGrant = (provider: Provider, { id }: { readonly id: string }) => {
  const scope = provider.clientCredentials?.scopes.join(provider.scopeSeparator ?? ' ') ?? '';
  const grant = { ...provider.tokenParameters, grant_type: 'client_credentials', ...targetOf(provider) };
  return { ...grant, ...clientIn(provider, id), ...(scope !== '' && { scope }) } as unknown as CodeGrant;
};
type CodeGrant = ReturnType<typeof codeGrant>;
