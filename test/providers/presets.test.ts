import { describe, expect, it } from 'vitest';
import { linesOf } from '../config/sample.js';
import { client, draftOf, providerOf, standard, withProvider } from './one-provider.js';

describe('The presets mingle and gocd', () => {
  it('speak the legacy dialect below their url', () => {
    expect(providerOf({ preset: 'gocd', url: 'https://gocd.example.com/go/', client })).toMatchObject({
      id: 'it',
      name: 'it',
      issuer: null,
      issRequired: false,
      authorizationEndpoint: 'https://gocd.example.com/go/oauth/authorize',
      tokenEndpoint: 'https://gocd.example.com/go/oauth/token',
      accountPage: 'https://gocd.example.com/go/oauth/user_tokens',
      api: 'https://gocd.example.com/go',
      revocation: { kind: 'none' },
      grantTypes: { authorizationCode: 'authorization-code', refreshToken: 'refresh-token' },
      clientAuthentication: 'body',
      pkce: 'none',
      tokenType: 'any',
      authorizationHeader: 'Token token="{token}"',
      errorsCarryState: false,
      refreshSendsRedirectUri: true,
      account: 'none',
      oneGrantPerAccount: true,
      edition: 'legacy',
    });
  });

  it('leave the edition of the API to an administrator who knows better', () => {
    const url = 'https://gocd.example.com/go';
    expect(providerOf({ preset: 'gocd', url, client, edition: 'current' }).edition).toBe('current');
    expect(providerOf({ preset: 'mingle', url, client }).edition).toBeUndefined();
  });

  it('know what the legacy error codes mean', () => {
    const { errorCodes } = providerOf({ preset: 'mingle', url: 'http://localhost:4000', client });
    expect(errorCodes).toMatchObject({
      'invalid-grant': 'invalid_grant',
      'invalid-client-credentials': 'invalid_client',
      'access-denied': 'access_denied',
    });
  });

  it('need a url', () => {
    expect(linesOf(withProvider({ preset: 'mingle', client }))).toEqual([
      'providers.it.url: this is missing',
    ]);
  });
});

describe('The preset oauth2', () => {
  it('is the default and means the standards', () => {
    const { preset: _preset, ...rest } = standard;
    expect(providerOf(rest)).toMatchObject({
      authorizationEndpoint: 'https://login.example.com/authorize?tenant=a',
      api: 'https://api.example.com/v1',
      grantTypes: { authorizationCode: 'authorization_code', refreshToken: 'refresh_token' },
      clientAuthentication: 'basic',
      pkce: 'S256',
      tokenType: 'bearer',
      authorizationHeader: 'Bearer {token}',
      errorCodes: {},
      errorsCarryState: true,
      refreshSendsRedirectUri: false,
      oneGrantPerAccount: false,
      accountPage: null,
    });
  });

  it('with an issuer leaves to discovery what is not written, and what is written wins', () => {
    const draft = draftOf({
      issuer: 'https://login.example.com',
      url: 'https://api.example.com',
      pkce: 'none',
      client,
    });
    expect(draft).toMatchObject({ kind: 'discover', issuer: 'https://login.example.com' });
    if (draft.kind !== 'discover') return;
    expect(draft.draft).toMatchObject({ issuer: 'https://login.example.com', pkce: 'none' });
    for (const field of [
      'authorizationEndpoint',
      'tokenEndpoint',
      'revocation',
      'account',
      'clientAuthentication',
    ]) {
      expect(draft.draft).not.toHaveProperty(field);
    }
  });

  it('makes no request when both endpoints are written beside the issuer', () => {
    const provider = providerOf({ ...standard, issuer: 'https://login.example.com', iss: 'required' });
    expect(provider).toMatchObject({ issuer: 'https://login.example.com', issRequired: true });
  });

  it('names every endpoint that is missing', () => {
    expect(linesOf(withProvider({ client }))).toEqual([
      'providers.it.authorizationEndpoint: this is missing',
      'providers.it.tokenEndpoint: this is missing',
      'providers.it.api: this is missing',
    ]);
    expect(linesOf(withProvider({ issuer: 'https://a.example.com', client }))).toEqual([
      'providers.it.api: this is missing',
    ]);
  });
});
