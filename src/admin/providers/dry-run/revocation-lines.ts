import type { Provider } from '../../../providers/provider.js';
import { revocationSending, revocationStatus } from '../../../providers/revocation-request.js';
import type { AdminDeps } from '../../admin-deps.js';
import type { Registered } from './authorization.js';
import { type Line, line } from './line.js';
import { causeOf, type Reply, readReply, redirects, writes } from './token.js';

const none = (provider: Provider): Line =>
  provider.accountPage === null
    ? line('revocation_nowhere', provider.name, 'People don’t learn where they can revoke the permission.', {
        cause: 'The record names neither a revocation endpoint nor a page of the provider.',
        fix: 'Set accountPage to the page where people see what may use their account, or revocationEndpoint.',
      })
    : line('revocation_none', provider.name, 'It is not asked to revoke; Disconnect deletes our tokens.', {
        cause: `Pages link to ${provider.accountPage}`,
      });

const judge = (reply: Reply, { about }: Registered): Line => {
  const cause = causeOf(reply);
  switch (reply.kind) {
    // RFC 7009 §2.2: an unknown token is as good as revoked.
    case 'good':
      return line('revocation_works', about, 'The server accepts revocations.');
    case 'limited':
      return line('revocation_limited', about, 'The server says there were too many requests.', {
        fix: 'Try again in a few minutes.',
      });
    case 'error':
      if (reply.code === 'invalid_token' || reply.code === 'invalid_grant') {
        return line('revocation_works', about, 'The server accepts revocations.', { cause });
      }
      if (reply.code === 'invalid_client' || reply.code === 'unauthorized_client') {
        return line('revocation_client', about, 'The revocation endpoint does not accept our client.', {
          cause,
          fix: 'If the lines about tokens are green, allow this client to revoke there, or set revocationEndpoint: none.',
        });
      }
      return line('revocation_refused', about, 'The server refuses to revoke an unknown token.', {
        cause,
        fix: 'It may still revoke real ones: connect as yourself in the preview, and disconnect.',
      });
    case 'failed':
      return line('revocation_failed', about, 'The revocation endpoint does not work.', {
        cause,
        fix: 'Check the provider’s log. Until this works, Disconnect deletes our tokens and retries for a week.',
      });
    case 'redirected':
      return line('revocation_redirected', about, redirects('The revocation address', reply.said), {
        cause,
        fix: writes('revocationEndpoint', reply.said),
      });
    case 'not-found':
    case 'not-json':
      return line('revocation_not_found', about, 'There is no revocation endpoint at this address.', {
        cause,
        fix: 'Correct revocationEndpoint, or set it to none.',
      });
  }
};

/** Asks to revoke a token that was never issued (RFC 7009). Null where there is no revocation endpoint. */
export async function tryRevocation(
  { probe, authorizer, entropy }: Pick<AdminDeps, 'probe' | 'authorizer' | 'entropy'>,
  provider: Provider,
  registered: Registered,
): Promise<Line | null> {
  const { revocation, clientAuthentication: authentication } = provider;
  if (revocation.kind === 'none') return null;
  const { client } = registered;
  if (revocation.kind === 'request') {
    const request = revocationSending(provider, revocation, client, entropy.secret());
    if (request === null) return null;
    const answer = await probe.send(request.url, request.sending, provider);
    const isKnown = answer.kind === 'answer' && revocationStatus(revocation, answer) !== 'refused';
    return isKnown
      ? line('revocation_works', registered.about, 'The server accepts revocations.')
      : judge(readReply(authorizer, answer, provider), registered);
  }
  const form = { token: entropy.secret().reveal(), token_type_hint: 'access_token' };
  const answer = await probe.post(revocation.endpoint, { form, client, authentication }, provider);
  return judge(readReply(authorizer, answer, provider), registered);
}

/** Where no revocation endpoint is named; `advertised` is the one of the server's metadata. */
export const withoutRevocation = (provider: Provider, advertised: unknown): Line =>
  typeof advertised === 'string' && advertised.trim() !== ''
    ? line(
        'revocation_unused',
        provider.name,
        'The server supports revocation, but the record turns it off.',
        {
          cause: `Its metadata names ${advertised}`,
          fix: 'Leave revocationEndpoint out of the record, or set it to that address.',
        },
      )
    : none(provider);
