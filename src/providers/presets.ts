import type { Provider } from './provider.js';

/** What a preset settles. The administrator's own words win over it, field by field. */
export interface Preset {
  /** Paths below the provider's `url`, or null where the preset knows none. */
  readonly paths: {
    readonly authorizationEndpoint: string;
    readonly tokenEndpoint: string;
    readonly accountPage: string;
  } | null;
  readonly fields: Pick<
    Provider,
    | 'grantTypes'
    | 'clientAuthentication'
    | 'pkce'
    | 'tokenType'
    | 'authorizationHeader'
    | 'errorCodes'
    | 'errorsCarryState'
    | 'refreshSendsRedirectUri'
    | 'account'
    | 'oneGrantPerAccount'
    | 'selectAccountParameters'
  >;
}

/** The dialect of OAuth 2.0, draft 9, that ThoughtWorks' applications speak. */
const legacy: Preset = {
  paths: {
    authorizationEndpoint: '/oauth/authorize',
    tokenEndpoint: '/oauth/token',
    accountPage: '/oauth/user_tokens',
  },
  fields: {
    grantTypes: { authorizationCode: 'authorization-code', refreshToken: 'refresh-token' },
    clientAuthentication: 'body',
    pkce: 'none',
    tokenType: 'any',
    authorizationHeader: 'Token token="{token}"',
    errorCodes: {
      'invalid-request': 'invalid_request',
      'invalid-client-id': 'unauthorized_client',
      'invalid-client-credentials': 'invalid_client',
      'invalid-grant': 'invalid_grant',
      'redirect-uri-mismatch': 'invalid_request',
      'unsupported-response-type': 'unsupported_response_type',
      'unsupported-grant-type': 'unsupported_grant_type',
      'access-denied': 'access_denied',
    },
    errorsCarryState: false,
    refreshSendsRedirectUri: true,
    account: 'none',
    oneGrantPerAccount: true,
    selectAccountParameters: {},
  },
};

/** RFC 6749, 6750 and 7636 as written. */
const oauth2: Preset = {
  paths: null,
  fields: {
    grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'refresh_token' },
    clientAuthentication: 'basic',
    pkce: 'S256',
    tokenType: 'bearer',
    authorizationHeader: 'Bearer {token}',
    errorCodes: {},
    errorsCarryState: true,
    refreshSendsRedirectUri: false,
    account: 'none',
    oneGrantPerAccount: false,
    selectAccountParameters: { prompt: 'select_account' },
  },
};

/** The presets by name. Mingle and GoCD differ only in where their `url` ends: GoCD's includes `/go`. */
export const presets = { mingle: legacy, gocd: legacy, oauth2 } as const satisfies Record<string, Preset>;
