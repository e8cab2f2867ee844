import { describe, expect, it } from 'vitest';
import { judgeMetadata } from '../../../../src/admin/providers/dry-run/record-lines.js';
import type { Provider } from '../../../../src/providers/provider.js';
import { record } from './dry-run-setup.js';

const ISSUER = 'https://as.example';
const provider = (given: Partial<Provider> = {}) =>
  record(ISSUER, { issuer: ISSUER, scopes: ['read'], ...given });
const codes = (fields: Readonly<Record<string, unknown>>, given: Partial<Provider> = {}) =>
  judgeMetadata(ISSUER, fields, provider(given)).map(({ code }) => code);

describe('A server’s metadata beside its record', () => {
  it('agrees when nothing differs', () => {
    expect(codes({})).toEqual(['metadata_agrees']);
    expect(codes({ token_endpoint: `${ISSUER}/token`, scopes_supported: ['read', 'write'] })).toEqual([
      'metadata_agrees',
      'scopes_listed',
    ]);
  });

  it.each<readonly [string, Readonly<Record<string, unknown>>, Partial<Provider>]>([
    ['endpoint_differs', { token_endpoint: `${ISSUER}/oauth/token` }, {}],
    [
      'endpoint_differs',
      { revocation_endpoint: `${ISSUER}/revoke2` },
      { revocation: { kind: 'rfc7009', endpoint: `${ISSUER}/revoke` } },
    ],
    ['grant_unsupported', { grant_types_supported: ['client_credentials'] }, {}],
    ['refresh_unsupported', { grant_types_supported: ['authorization_code'] }, {}],
    ['authentication_unlisted', { token_endpoint_auth_methods_supported: ['private_key_jwt'] }, {}],
    ['authentication_unlisted', {}, { clientAuthentication: 'body' }],
    ['pkce_unlisted', { code_challenge_methods_supported: ['plain'] }, {}],
    ['pkce_unused', { code_challenge_methods_supported: ['S256'] }, { pkce: 'none' }],
    ['iss_unrequired', { authorization_response_iss_parameter_supported: true }, {}],
  ])('says %s of %j and %j', (code, fields, given) => {
    expect(codes(fields, given)).toEqual([code]);
  });

  it('says which scopes it does not list, and that refreshing may need one more', () => {
    expect(codes({ scopes_supported: ['reed', 'offline_access'] })).toEqual([
      'metadata_agrees',
      'scope_unlisted',
      'offline_access_unasked',
    ]);
  });

  it('agrees where what it could differ in is written without a value', () => {
    const nothing = {
      token_endpoint: '',
      revocation_endpoint: '',
      scopes_supported: [],
      grant_types_supported: [],
      code_challenge_methods_supported: [],
      token_endpoint_auth_methods_supported: [],
    };
    const revocation = { kind: 'rfc7009', endpoint: `${ISSUER}/revoke` } as const;
    expect(codes(nothing, { revocation })).toEqual(['metadata_agrees']);
  });

  it('is trusted in nothing', () => {
    expect(codes({ scopes_supported: 7, grant_types_supported: { a: 1 }, token_endpoint: [] })).toEqual([
      'metadata_agrees',
    ]);
  });
});
