import type { Authorizer, RevocationOutcome } from '../domain/ports.js';
import type { ClientCredentials, Provider } from '../domain/provider.js';
import type { Secret } from '../domain/secret.js';
import { library, type OAuthGuards, withinDeadline } from './library.js';
import { codeOf, faultOf } from './token-failure.js';

type Kind = 'refresh_token' | 'access_token';

const GONE = new Set(['invalid_token', 'invalid_grant']);

/** A success whatever its body says (RFC 7009 §2.2): the library rejects an empty one. */
const meaning = (error: unknown, provider: Provider): RevocationOutcome => {
  const { status, isErrorAnswer, payload } = faultOf(error);
  if (status !== null && status >= 200 && status < 300) return 'revoked';
  if (!isErrorAnswer || status !== 400 || typeof payload !== 'object' || payload === null) return 'failed';
  const code = codeOf(Reflect.get(payload, 'error'), provider);
  if (GONE.has(code)) return 'revoked';
  return code === 'unsupported_token_type' ? 'unsupported' : 'failed';
};

const revokeOne = async (
  provider: Provider,
  client: ClientCredentials,
  guards: OAuthGuards,
  [kind, token]: readonly [Kind, Secret],
): Promise<RevocationOutcome> => {
  try {
    await withinDeadline(
      library(provider, client, guards)
        .createToken({ [kind]: token.reveal() })
        .revoke(kind),
    );
    return 'revoked';
  } catch (error) {
    return meaning(error, provider);
  }
};

/**
 * Takes tokens back (RFC 7009): the refresh token first, since with it the whole grant goes, then the access token, also when the
 * first could not be had. `revoked` when nothing failed and the server knew at least one kind.
 */
export const revoker =
  (guards: OAuthGuards): Authorizer['revoke'] =>
  async (provider, client, { refreshToken, accessToken }) => {
    if (provider.revocation.kind === 'none') return 'unsupported';
    if (guards(provider.allowAddresses).refuses(new URL(provider.revocation.endpoint))) return 'failed';
    const outcomes: RevocationOutcome[] = [];
    if (refreshToken !== null) {
      outcomes.push(await revokeOne(provider, client, guards, ['refresh_token', refreshToken]));
    }
    outcomes.push(await revokeOne(provider, client, guards, ['access_token', accessToken]));
    if (outcomes.includes('failed')) return 'failed';
    return outcomes.includes('revoked') ? 'revoked' : 'unsupported';
  };
