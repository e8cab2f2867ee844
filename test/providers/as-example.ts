import nock from 'nock';
import type { TokenSet } from '../../src/domain/connection.js';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import type { Provider } from '../../src/providers/provider.js';
import { NOW, TestClock } from '../support/test-clock.js';
import { providerAt } from '../upstream/setting.js';

export const AS = 'https://as.example';
export const redirectUri = 'https://oriel.example/connect/callback/as?tenant=1';
export const client = { id: 'oriel id', secret: new Secret('se:cr et+%&=') };

export const as = (given: Partial<Provider> = {}): Provider =>
  providerAt(AS, { revocation: { kind: 'rfc7009', endpoint: `${AS}/revoke` }, ...given });

/** The dialect of Mingle and GoCD: hyphens, credentials in the body, no token type. */
export const legacy = as({
  grantTypes: { authorizationCode: 'authorization-code', refreshToken: 'refresh-token' },
  clientAuthentication: 'body',
  pkce: 'none',
  tokenType: 'absent',
  refreshSendsRedirectUri: true,
  revocation: { kind: 'none' },
  errorCodes: { 'invalid-grant': 'invalid_grant', 'invalid-client-credentials': 'invalid_client' },
});

/** The client under test; slow requests are given up after so many milliseconds. */
export const oauthClient = (timeLimit = 10_000): Authorizer =>
  new Authorizer({
    clock: new TestClock('waits'),
    guards: new AddressGuards(),
    timeLimit,
  });

export const grant = {
  code: new Secret('the-code'),
  redirectUri,
  verifier: new Secret('dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk'),
};

export const tokens = (given: Partial<TokenSet> = {}): TokenSet => ({
  accessToken: new Secret('old-access'),
  refreshToken: new Secret('old-refresh'),
  issuedAt: NOW - 1000,
  expiresAt: NOW,
  scopes: null,
  ...given,
});

/** A token request as the server got it. */
export interface Captured {
  readonly authorization: string | undefined;
  readonly body: Readonly<Record<string, string>>;
}

/** Answers one POST, and returns what was posted. */
export const answering = (
  path: string,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Captured[] => {
  const captured: Captured[] = [];
  nock(AS)
    .post(path)
    .reply(function (this: { readonly req: { readonly headers: Record<string, unknown> } }, _, posted) {
      const sent = typeof posted === 'string' ? Object.fromEntries(new URLSearchParams(posted)) : posted;
      const { authorization } = this.req.headers;
      captured.push({
        authorization: authorization === undefined ? undefined : String(authorization),
        body: sent as Captured['body'],
      });
      const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
      return [status, text, { 'content-type': 'application/json', ...headers }];
    });
  return captured;
};
