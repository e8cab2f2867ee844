import { describe, expect, it } from 'vitest';
import type { Provider, TokenRejected } from '../../src/providers/provider.js';
import { behindStub } from './behind-stub.js';
import { accessOf, providerAt, requestTo } from './setting.js';
import { type Answering, says } from './stub-server.js';

const alice = accessOf('alice');
const fixture = behindStub();

const call = (
  answering: Answering,
  record: Partial<Provider> = {},
  given: Partial<ReturnType<typeof requestTo>> = {},
) => {
  fixture.stub.answers(answering);
  return fixture.opened.upstream.get(
    alice,
    requestTo(providerAt(fixture.stub.origin, record), { ttl: 0, ...given }),
  );
};

const saying = async (...args: Parameters<typeof call>): Promise<string> => {
  const outcome = await call(...args);
  return outcome.kind === 'unauthorized' ? `${outcome.sign} ${outcome.otherwise.kind}` : outcome.kind;
};

const challenge = (text: string) => ({ 'www-authenticate': text });
const text = { 'content-type': 'text/plain' };

describe('an access token is rejected', () => {
  it.each<[string, Answering]>([
    ['401 with invalid_token', says(401, '', challenge('Bearer realm="api", error="invalid_token"'))],
    ['403 with invalid_token', says(403, '{}', challenge('Bearer error="invalid_token"'))],
    ['400 with invalid_token', says(400, '{}', challenge('Bearer error=invalid_token'))],
    ['404 with invalid_token', says(404, '{}', challenge('Bearer error="invalid_token"'))],
    ['a bare Bearer challenge', says(401, '', challenge('Bearer realm="api"'))],
    ['OAuth 1’s word', says(401, '', challenge('OAuth oauth_problem="token_expired", realm="y"'))],
    ['Salesforce', says(403, 'Bad_OAuth_Token', { 'content-type': 'text/html' })],
    ['Salesforce in JSON', says(403, '{"error":"Bad_OAuth_Token"}')],
    ['Salesforce in a list', says(401, '[{"message":"Session expired","errorCode":"INVALID_SESSION_ID"}]')],
    ['a word of OAuth in a 400', says(400, '{"error":"invalid_token"}')],
    ['token_expired in a 403', says(403, '{"error":"token_expired"}')],
    ['expired_token in a 400', says(400, '{"error":{"code":"expired_token"}}')],
    ['Microsoft', says(401, '{"error":{"code":"InvalidAuthenticationToken","message":"x"}}')],
    ['Dropbox', says(401, '{"error":{".tag":"expired_access_token"}}')],
    ['LinkedIn', says(401, '{"code":"REVOKED_ACCESS_TOKEN","message":"The token was revoked"}')],
    ['GitHub', says(401, '{"message":"Bad credentials"}')],
    ['Mingle', says(401, 'The OAuth token provided is invalid.', text)],
    ['XML', says(403, '<errors><error>access token expired</error><code>invalid_token</code></errors>')],
    ['419', says(419, '<html>Page Expired</html>', { 'content-type': 'text/html' })],
    ['440', says(440, '')],
    ['498', says(498, '')],
  ])('certainly: %s', async (_, answering) => {
    expect(await saying(answering)).toBe('certain forbidden');
  });

  it.each<[string, Answering]>([
    ['401 without a word', says(401, '')],
    ['401 with a challenge of another kind', says(401, '', challenge('Basic realm="GoCD"'))],
    ['401 with another reason', says(401, '{"error":"no project"}', challenge('Bearer error="other"'))],
    ['Facebook', says(400, '{"error":{"message":"Error validating access token: over","code":190}}')],
    ['a sentence about the access token in a 403', says(403, '{"message":"The access token expired."}')],
    ['a sentence about a token in a 403', says(403, '{"message":"Your token has expired"}')],
    ['a sign-in page elsewhere', says(302, '', { location: 'https://login.example/login?next=x' })],
    ['a sign-in page of its own', says(303, '', { location: '/users/sign_in' })],
    ['a sign-in page, moved for good', says(301, '', { location: '/login' })],
    ['an authorization request', says(307, '', { location: 'https://id.example/x?response_type=code' })],
    ['a page for SAML', says(302, '', { location: 'https://idp.example/go?SAMLRequest=abc' })],
  ])('possibly, or the resource refuses: %s', async (_, answering) => {
    expect(await saying(answering)).toBe('possible forbidden');
  });

  it.each<[string, Answering]>([
    ['a redirect to another server', says(302, '', { location: 'https://files.example/1' })],
    ['a page that asks for a password', says(200, '<html><input type="password"></html>')],
  ])('possibly, or the answer cannot be used: %s', async (_, answering) => {
    expect(await saying(answering)).toBe('possible unusable');
  });

  it('possibly, where a redirect within the API was followed to a sign-in page', async () => {
    const page = says(200, '<html><form></form></html>', { 'content-type': 'text/html' });
    const answering: Answering = (request, response) =>
      request.url === '/api/cards'
        ? response.writeHead(302, { location: '/api/login' }).end()
        : page(request, response);
    expect(await saying(answering)).toBe('possible unusable');
  });

  it.each<[string, Answering, string]>([
    ['a 403 in other words', says(403, '{"message":"You are no member."}'), 'forbidden'],
    ['a 403 about a form’s token', says(403, '{"error":"invalid_csrf_token"}'), 'forbidden'],
    ['a 400 about a page’s token', says(400, '{"error":"invalid_page_token"}'), 'unusable'],
    ['a 400 about a query', says(400, '{"message":"Invalid token at position 5 of the query"}'), 'unusable'],
    [
      'a 403 with insufficient_scope',
      says(403, '', challenge('Bearer error="insufficient_scope"')),
      'insufficient-scope',
    ],
    [
      'a 401 with insufficient_scope',
      says(401, '', challenge('Bearer error="insufficient_scope"')),
      'insufficient-scope',
    ],
    ['a limit', says(429, '{"error":"invalid_token"}'), 'rate-limited'],
    [
      'a limit in a 403',
      says(403, '{"message":"Rate limit of your access token exceeded: not valid now"}'),
      'rate-limited',
    ],
    ['a failure', says(503, '{"error":"invalid_token"}', challenge('Bearer error="invalid_token"')), 'down'],
    ['a redirect to another place of its own', says(302, '', { location: '/other' }), 'unusable'],
    [
      'a redirect for good to another server',
      says(301, '', { location: 'https://new.example/' }),
      'unusable',
    ],
    ['a page', says(200, '<html>Hello</html>'), 'unusable'],
  ])('not by %s', async (_, answering, kind) => {
    expect(await saying(answering)).toBe(kind);
  });

  it('and what was kept before is not shown again', async () => {
    for (const dead of [says(403, 'Bad_OAuth_Token'), says(302, '', { location: '/login' }), says(419, '')]) {
      await call(says(200, '{"a":1}'));
      expect((await call(dead)).kind).toBe('unauthorized');
      expect((await call((_, response) => response.destroy())).kind).toBe('down');
    }
  });
});

describe('what a provider’s record says of rejected tokens', () => {
  const entry = (given: Partial<TokenRejected>): Partial<Provider> => ({
    tokenRejected: [{ status: 403, codes: [], when: {}, headers: {}, never: false, ...given }],
  });

  it.each<[string, Partial<TokenRejected>, Answering]>([
    ['a status', { status: 418 }, says(418, '')],
    ['a code anywhere in the body', { codes: ['E77'] }, says(403, '{"problem":{"nr":"E77"}}')],
    ['a number', { codes: ['190'] }, says(403, '{"error":{"code":190}}')],
    ['the whole body', { codes: ['No such session'] }, says(403, 'No such session', text)],
    ['a code in the challenge', { codes: ['gone'] }, says(403, '', challenge('Custom error="gone"'))],
    ['what the body holds', { when: { 'error.id': 7 } }, says(403, '{"error":{"id":7}}')],
    [
      'a header',
      { headers: { 'x-error': 'token_expired' } },
      says(403, '{}', { 'X-Error': 'Token_Expired; a=1' }),
    ],
    ['a 200', { status: 200, codes: ['AUTH'] }, says(200, '{"status":"AUTH"}')],
    ['a 500', { status: 500, codes: ['AUTH'] }, says(500, '{"status":"AUTH"}')],
    ['a redirect', { status: 302 }, says(302, '', { location: '/other' })],
  ])('means one: %s', async (_, given, answering) => {
    expect(await saying(answering, entry(given))).toBe('certain forbidden');
    expect(await saying(answering)).not.toBe('certain forbidden');
  });

  it.each<[string, Partial<TokenRejected>, Answering, string]>([
    ['another status', { status: 418 }, says(403, '{}'), 'forbidden'],
    [
      'a header that is not there',
      { headers: { 'x-error': 'expired' } },
      says(403, '{"e":"expired"}'),
      'forbidden',
    ],
    ['another code', { codes: ['E77'] }, says(403, '{"error":"E78"}'), 'forbidden'],
    ['one of two conditions', { codes: ['a'], when: { b: 1 } }, says(403, '{"c":"a"}'), 'forbidden'],
    ['a good 200', { status: 200, codes: ['AUTH'] }, says(200, '{"status":"fine"}'), 'data'],
  ])('does not reach %s', async (_, given, answering, kind) => {
    expect(await saying(answering, entry(given))).toBe(kind);
  });

  it.each<[string, Partial<TokenRejected>, Answering, string]>([
    ['a 401', { status: 401 }, says(401, '{"message":"No."}'), 'forbidden'],
    ['a 401 of one code', { status: 401, codes: ['scope'] }, says(401, '{"error":"scope"}'), 'forbidden'],
    [
      'a code that is known',
      { codes: ['invalid_token'] },
      says(403, '{"error":"invalid_token"}'),
      'forbidden',
    ],
    ['a redirect', { status: 302 }, says(302, '', { location: '/login' }), 'unusable'],
    ['a 419', { status: 419 }, says(419, ''), 'unusable'],
  ])('means that it is never a rejected token: %s', async (_, given, answering, kind) => {
    expect(await saying(answering, entry({ ...given, never: true }))).toBe(kind);
    expect(await saying(answering)).toMatch(/^(?:certain|possible) forbidden$/);
  });

  it('counts by its first entry that fits', async () => {
    const two = [
      { status: 401, codes: ['scope'], when: {}, headers: {}, never: true },
      { status: 401, codes: [], when: {}, headers: {}, never: false },
    ];
    expect(await saying(says(401, '{"error":"scope"}'), { tokenRejected: two })).toBe('forbidden');
    expect(await saying(says(401, '{}'), { tokenRejected: two })).toBe('certain forbidden');
  });
});
