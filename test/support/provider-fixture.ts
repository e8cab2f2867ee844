import type { Provider } from '../../src/providers/provider.js';

/**
 * A provider's record as the standards have it, complete: `id` names its origin unless `origin` is given, and everything else can be
 * laid over it. It has no client, no account request and no revocation.
 */
export const providerFixture = ({
  origin,
  ...given
}: Partial<Provider> & { readonly origin?: string } = {}): Provider => {
  const { id = 'mingle' } = given;
  const at = origin ?? `https://${id}.example`;
  return {
    id,
    name: 'Mingle',
    issuer: null,
    issRequired: false,
    authorizationEndpoint: `${at}/authorize`,
    tokenEndpoint: `${at}/token`,
    revocation: { kind: 'none' },
    api: `${at}/api`,
    grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'refresh_token' },
    clientAuthentication: 'basic',
    pkce: 'S256',
    tokenType: 'bearer',
    authorizationHeader: 'Bearer {token}',
    errorCodes: {},
    errorsCarryState: true,
    refreshSendsRedirectUri: false,
    account: 'none',
    accountPage: null,
    oneGrantPerAccount: false,
    scopes: [],
    authorizationParameters: {},
    selectAccountParameters: {},
    allowAddresses: [],
    certificates: [],
    client: null,
    clients: {},
    ...given,
  };
};
