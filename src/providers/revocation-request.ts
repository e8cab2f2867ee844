import { parseUrl } from '../domain/parse-url.js';
import type { Secret } from '../domain/secret.js';
import type { AnswerFact } from '../net/network-facts.js';
import type { Sending } from '../net/probe-connection.js';
import { asClient } from './probe.js';
import type { ClientCredentials, Provider, RevocationRequest } from './provider.js';

/** The address with the client id in its place, which stays one segment whatever the id is; null where it cannot. */
const addressOf = ({ endpoint }: RevocationRequest, { id }: ClientCredentials): URL | null => {
  if (/^\.{0,2}$/.test(id)) return null;
  return parseUrl(endpoint.replaceAll('{clientId}', () => encodeURIComponent(id)));
};

/**
 * The request by which a provider takes one token back, in its own way; null where the client id cannot stand in its address. What goes
 * along with each API call (`headers`) goes along here too.
 */
export const revocationSending = (
  provider: Pick<Provider, 'headers' | 'basicEncoding'>,
  revocation: RevocationRequest,
  client: ClientCredentials,
  token: Secret,
): { readonly url: URL; readonly sending: Sending } | null => {
  const { authentication, method, send } = revocation;
  const url = addressOf(revocation, client);
  if (url === null) return null;
  const form = send === 'none' ? {} : { ...revocation.parameters, [revocation.token]: token.reveal() };
  const { basicEncoding } = provider;
  const asked = asClient({
    form,
    client,
    authentication: authentication === 'body' ? 'body' : 'basic',
    dialect: { tokenRequest: send === 'json' ? 'json' : 'form', ...(basicEncoding && { basicEncoding }) },
  });
  const { 'content-type': type, authorization, ...plain } = asked.headers;
  const hasBody = send === 'form' || send === 'json';
  if (send === 'query')
    for (const [name, value] of Object.entries(form)) url.searchParams.append(name, value);
  const proof = authentication === 'bearer' ? `Bearer ${token.reveal()}` : authorization;
  return {
    url,
    sending: {
      method,
      headers: {
        ...provider.headers,
        ...plain,
        ...(hasBody && type !== undefined && { 'content-type': type }),
        ...(authentication !== 'none' && proof !== undefined && { authorization: proof }),
      },
      ...(hasBody && asked.body !== undefined && { body: asked.body }),
      secrets: [...asked.secrets, token.reveal(), encodeURIComponent(token.reveal())],
    },
  };
};

/** Whether the status of an answer says that the token was revoked, that it is not known, or neither. */
export const revocationStatus = (
  { success, gone, authentication }: RevocationRequest,
  { status }: Extract<AnswerFact, { kind: 'answer' }>,
): 'done' | 'gone' | 'refused' => {
  if (success.length === 0 ? status < 300 : success.includes(status)) return 'done';
  // Who asked was the token itself: it does not work any more.
  return gone.includes(status) || (authentication === 'bearer' && status === 401) ? 'gone' : 'refused';
};
