import { field, type Handler } from '../site/web.js';
import type { Clients } from './clients.js';
import { accessTokenLifetime, type Burnt, type Grants } from './grants.js';
import type { OAuthClient, TokenPair } from './state.js';

interface Refusal {
  readonly error: 'unsupported-grant-type' | 'invalid-client-credentials' | 'invalid-grant';
  readonly error_description: string;
}

const invalidGrant = (error_description: string): Refusal => ({ error: 'invalid-grant', error_description });

/**
 * The token endpoint. The code or token that the request names is destroyed before anything is checked, so a request
 * that fails for any reason, a wrong secret included, has used it up.
 */
export const tokenEndpoint = (clients: Clients, grants: Grants): Handler => {
  const redeem = (grantType: string, client: OAuthClient, burnt: Burnt): TokenPair | Refusal => {
    const named = grantType === 'refresh-token' ? burnt.pair : burnt.code;
    const ours = named?.client === client.id ? named : null;
    if (grantType === 'refresh-token') {
      return ours ? grants.issuePair(client.id, ours.login) : invalidGrant('Refresh token is invalid!');
    }
    return ours && grants.isCurrent(ours)
      ? grants.issuePair(client.id, ours.login)
      : invalidGrant('Authorization expired or invalid!');
  };

  const grant = (form: URLSearchParams): TokenPair | Refusal => {
    const grantType = field(form, 'grant_type');
    const burnt = grants.burn(field(form, 'code'), field(form, 'refresh_token'));
    if (grantType !== 'authorization-code' && grantType !== 'refresh-token') {
      return {
        error: 'unsupported-grant-type',
        error_description: `Grant type ${grantType} is not supported!`,
      };
    }
    const client = clients.withCredentials(field(form, 'client_id'), field(form, 'client_secret'));
    if (!client) {
      return { error: 'invalid-client-credentials', error_description: 'Invalid client credentials!' };
    }
    if (client.redirectUri !== field(form, 'redirect_uri')) return invalidGrant('Redirect uri mismatch!');
    return redeem(grantType, client, burnt);
  };

  return (ctx) => {
    const outcome = grant(ctx.state.form);
    ctx.set('Cache-Control', 'private, max-age=0, must-revalidate');
    if ('error' in outcome) {
      ctx.status = 400;
      ctx.body = outcome;
      return;
    }
    ctx.body = {
      access_token: outcome.accessToken,
      expires_in: accessTokenLifetime,
      refresh_token: outcome.refreshToken,
    };
  };
};
