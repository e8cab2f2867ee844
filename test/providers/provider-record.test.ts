import { describe, expect, it } from 'vitest';
import { linesOf, sample } from '../config/sample.js';
import { client, providerOf, standard, withProvider } from './one-provider.js';

describe('Fields of a provider’s record', () => {
  it('win over the preset, field by field', () => {
    const provider = providerOf({
      preset: 'mingle',
      url: 'https://mingle.example.com',
      api: 'https://api.mingle.example.com',
      grantTypes: { refreshToken: 'refresh_token' },
      errorCodes: { 'gone-fishing': 'temporarily_unavailable' },
      revocationEndpoint: 'https://mingle.example.com/oauth/revoke',
      account: { target: '/me.xml', format: 'xml', id: 'user.id', label: 'user.name' },
      accountPage: 'none',
      scopes: ['read'],
      allowAddresses: ['127.0.0.0/8', '::1/128'],
      client,
      clients: {},
    });
    expect(provider).toMatchObject({
      authorizationEndpoint: 'https://mingle.example.com/oauth/authorize',
      api: 'https://api.mingle.example.com',
      grantTypes: { authorizationCode: 'authorization-code', refreshToken: 'refresh_token' },
      errorCodes: { 'invalid-grant': 'invalid_grant', 'gone-fishing': 'temporarily_unavailable' },
      revocation: { kind: 'rfc7009', endpoint: 'https://mingle.example.com/oauth/revoke' },
      account: { target: '/me.xml', format: 'xml', id: 'user.id', label: 'user.name' },
      accountPage: null,
      scopes: ['read'],
      allowAddresses: ['127.0.0.0/8', '::1/128'],
    });
  });

  it.each(['query', 'form_post'])('may ask for the callback as %s', (mode) => {
    const authorizationParameters = { response_mode: mode };
    expect(providerOf({ ...standard, authorizationParameters })).toMatchObject({ authorizationParameters });
  });

  it('say which answers reject a token, and which never do', () => {
    const { tokenRejected } = providerOf({
      ...standard,
      tokenRejected: [
        { status: 403, code: 'Bad_OAuth_Token' },
        { status: 200, when: { 'error.code': [190, 102] } },
        { status: 401, code: ['scope', 'plan'], never: true },
      ],
    });
    expect(tokenRejected).toEqual([
      { status: 403, codes: ['Bad_OAuth_Token'], when: {}, headers: {}, never: false },
      { status: 200, codes: [], when: { 'error.code': [190, 102] }, headers: {}, never: false },
      { status: 401, codes: ['scope', 'plan'], when: {}, headers: {}, never: true },
    ]);
    expect(providerOf(standard)).not.toHaveProperty('tokenRejected');
  });

  it('say how tokens are revoked, below the API or elsewhere, and win over the preset', () => {
    expect(providerOf({ ...standard, revocation: { url: '/apps/{clientId}/grant' } }).revocation).toEqual({
      ...{ kind: 'request', endpoint: 'https://api.example.com/v1/apps/{clientId}/grant', method: 'POST' },
      ...{ authentication: 'basic', send: 'form', token: 'token', tokens: 'access', parameters: {} },
      ...{ success: [], gone: [] },
    });
    const github = { preset: 'github', client };
    expect(providerOf(github).revocation.kind).toBe('request');
    expect(providerOf({ ...github, revocationEndpoint: 'none' }).revocation).toEqual({ kind: 'none' });
  });

  it('say how the token endpoint is asked and answers, and nothing of it where they are left out', () => {
    const dialect = {
      clientIdInBody: true,
      basicEncoding: 'raw',
      tokenRequest: 'json',
      tokenParameters: { expires_in: '1800' },
      refreshParameters: { scope: 'read' },
      refreshEndpoint: 'https://login.example.com/refresh',
      tokenAt: 'authed_user',
      accessTokenLife: 7200,
      resource: 'https://api.example.com',
      audience: 'tickets',
      scopeSeparator: ',',
    };
    expect(providerOf({ ...standard, ...dialect })).toMatchObject(dialect);
    for (const key of Object.keys(dialect)) expect(providerOf(standard)).not.toHaveProperty(key);
  });

  it.each<readonly [change: object, line: string]>([
    [{ tokenParameters: { code: 'x' } }, 'tokenParameters.code: the server sets this parameter itself'],
    [
      { tokenParameters: { client_assertion: 'x' } },
      'tokenParameters.client_assertion: the server sets this parameter itself',
    ],
    [{ tokenParameters: { scope: 'x' } }, 'tokenParameters.scope: the server sets this parameter itself'],
    [
      { refreshParameters: { refresh_token: 'x' } },
      'refreshParameters.refresh_token: the server sets this parameter itself',
    ],
    [
      { refreshEndpoint: 'http://login.example.com/refresh' },
      'refreshEndpoint: plain http is allowed on loopback only',
    ],
    [{ scopeSeparator: ', ' }, 'scopeSeparator: this is none of a space, a comma, a semicolon, + and |'],
    [{ accessTokenLife: 1 }, 'accessTokenLife: this is not a whole number from 60 to 31536000'],
    [{ tokenAt: 'a..b' }, 'tokenAt: this is no path of keys joined by dots'],
    [{ headers: { Authorization: 'Bearer x' } }, 'headers.Authorization: this header may not be sent'],
    [
      { headers: { 'X-Forwarded-User': 'ann' } },
      'headers.X-Forwarded-User: a header of this name may say who asks, which is for Oriel alone',
    ],
    [
      { tokenEndpoint: 'http://login.example.com/token' },
      'tokenEndpoint: plain http is allowed on loopback only',
    ],
    [
      { authorizationEndpoint: 'https://a:b@c.example.com/' },
      'authorizationEndpoint: a URL must not hold a user or password',
    ],
    [{ tokenEndpoint: 'https://login.example.com/#x' }, 'tokenEndpoint: a URL here has no #fragment'],
    [{ api: 'https://api.example.com/?a=b' }, 'api: a base URL has no ?query'],
    [{ api: 'http://[::1].example.com' }, 'api: this is no URL'],
    [
      { revocationEndpoint: 'http://login.example.com' },
      'revocationEndpoint: plain http is allowed on loopback only',
    ],
    [{ pkce: 'plain' }, 'pkce: this is not one of: S256, none'],
    [{ authorizationHeader: 'Bearer' }, 'authorizationHeader: this does not hold {token} exactly once'],
    [
      { authorizationHeader: 'Bearer {token}\r\nX: y' },
      'authorizationHeader: this does not hold {token} exactly once',
    ],
    [
      { tokenRejected: [{ status: 200 }] },
      'tokenRejected[0].status: every answer with this status would count as a rejected token: this needs a code, `when` or `headers`',
    ],
    [
      { tokenRejected: [{ status: 401 }, { status: 503 }] },
      'tokenRejected[1].status: every answer with this status would count as a rejected token: this needs a code, `when` or `headers`',
    ],
    [
      { tokenRejected: [{ status: 304, code: 'x' }] },
      'tokenRejected[0].status: this says that an answer has not changed',
    ],
    [{ tokenRejected: [{ status: 42 }] }, 'tokenRejected[0].status: this is no status of an answer'],
    [{ tokenRejected: [{ code: 'x' }] }, 'tokenRejected[0].status: this is missing'],
    [{ tokenRejected: [{ status: 403, when: {} }] }, 'tokenRejected[0].when: this names no condition'],
    [{ tokenRejected: [{ status: 403, says: 'x' }] }, 'tokenRejected[0].says: this key is not known here'],
    [{ allowAddresses: ['10.0.0.0/99'] }, 'allowAddresses[0]: this is no address range'],
    [
      { authorizationParameters: { state: 'x' } },
      'authorizationParameters.state: the server sets this parameter itself',
    ],
    [
      { authorizationParameters: { response_mode: 'fragment' } },
      'authorizationParameters.response_mode: answers are taken as query or form_post',
    ],
    [
      { selectAccountParameters: { response_mode: 'web_message' } },
      'selectAccountParameters.response_mode: answers are taken as query or form_post',
    ],
    [
      { account: { target: 'me', id: 'id', label: 'name' } },
      'account.target: this does not start with a slash, and as a URL: this is no URL',
    ],
    ...[
      ['http://theirs.example/me', 'plain http is allowed on loopback only'],
      ['https://a:b@theirs.example/me', 'a URL must not hold a user or password'],
      ['//theirs.example/me#x', 'this is no URL'],
    ].map(
      ([target, why]) =>
        [
          { account: { target, id: 'id', label: 'name' } },
          target?.startsWith('/')
            ? 'account.target: this starts with two slashes, so that it names a host'
            : `account.target: this does not start with a slash, and as a URL: ${why}`,
        ] as const,
    ),
    [
      { account: { from: 'id-token', id: 'sub', label: 'sub' } },
      'issuer: this is missing, and `account` is read from a signed token',
    ],
    [
      {
        issuer: 'https://login.example.com',
        account: { target: '/me', format: 'jwt', id: 'sub', label: 'sub' },
      },
      'jwks: this is missing, and `account` is read from a signed token',
    ],
    [{ jwks: 'http://login.example.com/keys' }, 'jwks: plain http is allowed on loopback only'],
    [
      { scopes: ['a b'] },
      'scopes[0]: this is empty, or holds spaces or other characters that cannot be sent',
    ],
    [
      { client: { id: 'x', secret: '' } },
      'client.secret: this is empty, or holds characters a request cannot carry',
    ],
    ...[
      '/../oauth/revoke',
      '/%2e%2e/revoke',
      '/a/.%2E/revoke',
      '/a%2f..%2frevoke',
      '/a\\..\\revoke',
      'https://api.example.com/v1/../../x',
    ].map(
      (url) => [{ revocation: { url } }, 'revocation.url: this path leads out of where it starts'] as const,
    ),
    ...[
      'https://{clientId}.example.com/revoke',
      'https://{clientId}/revoke',
      'https://api.example.com:{clientId}/revoke',
      '/revoke-{clientId}',
      '/revoke/{token}',
      '/revoke?id={clientId}',
    ].map(
      (url) =>
        [
          { revocation: { url } },
          'revocation.url: only a whole segment of the path may be {clientId}',
        ] as const,
    ),
    [
      { revocation: { url: '//theirs.example/x' } },
      'revocation.url: this starts with two slashes, so that it names a host',
    ],
    [
      { revocation: { url: 'http://theirs.example/x' } },
      'revocation.url: plain http is allowed on loopback only',
    ],
    [
      { revocation: { url: 'https://a:b@theirs.example/x' } },
      'revocation.url: a URL must not hold a user or password',
    ],
    [{ revocation: { url: '/x#y' } }, 'revocation.url: a URL here has no #fragment'],
    [{ revocation: { url: '/x\ny' } }, 'revocation.url: this is empty, or holds characters that no URL has'],
    [{ revocation: { url: 'x' } }, 'revocation.url: this is no URL'],
    [{ revocation: { url: '/x', methode: 'GET' } }, 'revocation.methode: this key is not known here'],
    [
      { revocation: { url: '/x', method: 'GET' } },
      'revocation.send: a GET has no body: this is query or none',
    ],
    [
      { revocation: { url: '/x', send: 'none' } },
      'revocation.send: without fields only `authentication: bearer` says which token is meant',
    ],
    [
      { revocation: { url: '/x', send: 'query', authentication: 'body' } },
      'revocation.authentication: a client secret must not stand in a URL: this is basic, bearer or none',
    ],
    [
      { revocation: { url: '/x' }, revocationEndpoint: 'none' },
      'revocation: `revocationEndpoint` says how tokens are revoked too',
    ],
    ...[
      'Cookie',
      'Host',
      'Proxy-Authorization',
      'Proxy-Token',
      'X-CSRF-Token',
      'Content-Type',
      'X-Forwarded-Token',
    ].map(
      (tokenHeader) =>
        [{ tokenHeader }, 'tokenHeader: this is no header that a server has for a token'] as const,
    ),
    [{ tokenHeader: 'X-Token: a\r\nX' }, 'tokenHeader: this is no name of a header'],
    [{ clientSecret: 'x' }, 'clientSecret: this key is not known here'],
    [{ clients: { wiki: client } }, 'clients.wiki: there is no host wiki'],
  ])('are refused as %j', (change, line) => {
    expect(linesOf(withProvider({ ...standard, ...change }))).toContain(`providers.it.${line}`);
  });
});

describe('Client registrations', () => {
  it('must be there for every host that may use the provider', () => {
    const { mingle } = sample().providers;
    const { client: _client, ...bare } = mingle;
    expect(linesOf({ ...sample(), providers: { mingle: bare } })).toEqual([
      'providers.mingle.client: host gocd may use this provider, and there is no client registration for it',
    ]);
    expect(linesOf({ ...sample(), providers: { mingle: { ...bare, clients: { gocd: client } } } })).toEqual(
      [],
    );
  });

  it('belong to one provider at each authorization server', () => {
    const { mingle } = sample().providers;
    const line = 'provider mingle has the same client id at the same authorization server';
    const twice = (other: unknown) => linesOf({ ...sample(), providers: { mingle, other } });
    expect(twice({ ...mingle, name: 'Again' })).toEqual([`providers.other.client.id: ${line}`]);
    expect(twice({ ...mingle, clients: { gocd: mingle.client }, client })).toHaveLength(2);
    expect(twice({ ...mingle, client: { id: 'other', secret: 's' } })).toEqual([]);
    expect(twice({ ...mingle, url: 'https://mingle2.example.com' })).toEqual([]);
  });
});
