import { deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Format } from '../../src/domain/gadget.js';
import type { RefusalRule } from '../../src/domain/refusal-rule.js';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let elsewhere: StubServer;
let opened: ReturnType<typeof openUpstream>;

beforeAll(async () => {
  stub = await stubServer();
  elsewhere = await stubServer(says(200, '{"stolen":true}'));
});
beforeEach(() => {
  opened = openUpstream();
  stub.requests.length = 0;
  return () => opened.close();
});
afterAll(async () => {
  await stub.close();
  await elsewhere.close();
});

const call = (given: Partial<ReturnType<typeof requestTo>> = {}, provider = {}) =>
  opened.upstream.get(alice, requestTo(providerAt(stub.origin, provider), { ttl: 0, ...given }));

describe('a good answer', () => {
  it.each([200, 201, 202, 203, 206, 207, 208, 226, 299])('is read under %i', async (status) => {
    stub.answers(says(status, '{"a":1}'));
    expect(dataOf(await call())).toEqual({ a: 1 });
  });

  it.each<[number, Format, unknown]>([
    [204, 'json', null],
    [205, 'xml', null],
    [202, 'json', null],
    [204, 'text', ''],
    [204, 'feed', { title: null, updated: null, links: [], entries: [] }],
  ])(
    'without content (%i, %s) is empty data, an empty feed or an empty text',
    async (status, format, data) => {
      stub.answers(says(status, ''));
      expect(dataOf(await call({ format }))).toEqual(data);
    },
  );

  it('may not be empty under 200', async () => {
    stub.answers(says(200, ''));
    expect(await call()).toMatchObject({ kind: 'unusable', code: 'json-syntax at 0' });
  });

  const body = Buffer.from('{"a":1}');
  it.each<[string, Buffer]>([
    ['none', body],
    ['', body],
    ['identity', body],
    ['deflate', deflateSync(body)],
    ['deflate', deflateRawSync(body)],
    ['x-gzip', gzipSync(body)],
    ['gzip, deflate', deflateSync(gzipSync(body))],
    ['GZIP , identity', gzipSync(body)],
  ])('is unpacked from %j', async (encoding, packed) => {
    stub.answers(says(200, packed, { 'content-encoding': encoding }));
    expect(dataOf(await call())).toEqual({ a: 1 });
  });

  it.each<[string, Format, Buffer, string]>([
    ['JSON as a page', 'json', body, 'text/html; charset=utf-8'],
    ['JSON as text', 'json', body, 'text/plain'],
    ['JSON with a mark of UTF-8', 'json', Buffer.from('\ufeff{"a":1}'), 'application/json'],
    ['JSON in UTF-16', 'json', Buffer.from('\ufeff{"a":1}', 'utf16le'), 'application/json'],
    [
      'JSON in UTF-16 as declared',
      'json',
      Buffer.from('{"a":1}', 'utf16le'),
      'application/json; charset=utf-16le',
    ],
    [
      'JSON in UTF-16 in the other order',
      'json',
      Buffer.from('\ufeff{"a":1}', 'utf16le').swap16(),
      'text/json',
    ],
  ])('is read: %s', async (_, format, bytes, type) => {
    stub.answers(says(200, bytes, { 'content-type': type }));
    expect(dataOf(await call({ format }))).toEqual({ a: 1 });
  });

  it('is text that a server labels as a page, and not a page', async () => {
    stub.answers(says(200, 'build passed', { 'content-type': 'text/html' }));
    expect(dataOf(await call({ format: 'text' }))).toBe('build passed');
    stub.answers(says(200, '<p>Sign in</p>', { 'content-type': 'text/html' }));
    expect(await call({ format: 'text' })).toMatchObject({ code: 'html' });
    expect(await call()).toMatchObject({ code: 'html' });
  });

  it('may have headers of 64 KB', async () => {
    stub.answers(says(200, '{"a":1}', { 'x-large': 'x'.repeat(63 * 1024) }));
    expect(dataOf(await call())).toEqual({ a: 1 });
    stub.answers(says(200, '{"a":1}', { 'x-large': 'x'.repeat(65 * 1024) }));
    expect(await call()).toMatchObject({ kind: 'unusable', code: 'headers-too-large' });
  });
});

describe('a redirect', () => {
  const to = (locations: Readonly<Record<string, string>>, status = 302) =>
    stub.answers((request, response) => {
      const location = locations[request.url ?? ''];
      if (location === undefined) response.end(JSON.stringify({ at: request.url }));
      else response.writeHead(status, { location }).end();
    });

  it.each([301, 302, 303, 307, 308])('within the origin and the prefix is followed (%i)', async (status) => {
    to({ '/api/cards': '/api/cards/', '/api/cards/': 'v2' }, status);
    expect(dataOf(await call())).toEqual({ at: '/api/cards/v2' });
    expect(stub.requests.map((each) => [each.method, each.headers.authorization])).toEqual(
      Array.from({ length: 3 }, () => ['GET', 'Bearer token-of-alice']),
    );
  });

  it.each([
    ['another origin', () => `${elsewhere.origin}/api/cards`],
    ['another scheme', () => `${stub.origin.replace('http:', 'https:')}/api/cards`],
    ['another prefix', () => '/other'],
    ['a step out of the prefix', () => '/api/../other'],
    ['an encoded step', () => '/api/%2e%2e/other'],
    ['an encoded slash', () => '/api/..%2fother'],
    ['a name before the host', () => stub.origin.replace('//', '//me:secret@')],
    ['a host without a scheme', () => `//${new URL(elsewhere.origin).host}/api/cards`],
    ['nowhere', () => 'http://'],
  ])('to %s is not followed', async (_, location) => {
    to({ '/api/cards': location() });
    const outcome = await call();
    expect('otherwise' in outcome ? outcome.otherwise : outcome).toEqual({
      kind: 'unusable',
      code: 'redirect',
      detail: null,
    });
    expect(stub.requests).toHaveLength(1);
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('of the request for an account that is not followed is named', async () => {
    to({ '/api/me': `${elsewhere.origin}/me/?token=x` });
    const account = { target: '/me', format: 'json', id: 'id', label: 'id' } as const;
    const outcome = await opened.upstream.ask(providerAt(stub.origin, { account }), alice, account);
    expect('otherwise' in outcome ? outcome.otherwise : outcome).toEqual({
      kind: 'unusable',
      code: 'redirect',
      detail: `${elsewhere.origin}/me/`,
    });
    expect(elsewhere.requests).toHaveLength(0);
  });

  it('is followed three times at most, and never in a loop', async () => {
    to({ '/api/cards': '/api/1', '/api/1': '/api/2', '/api/2': '/api/3', '/api/3': '/api/4' });
    expect(await call()).toMatchObject({ kind: 'unusable', code: 'redirect-loop' });
    expect(stub.requests).toHaveLength(4);
    stub.requests.length = 0;
    to({ '/api/cards': '/api/1', '/api/1': '/api/cards' });
    expect(await call()).toMatchObject({ kind: 'unusable', code: 'redirect-loop' });
    expect(stub.requests).toHaveLength(2);
  });
});

describe('a refusal within a 200', () => {
  const refused: RefusalRule = { when: { ok: false }, code: 'error', expired: ['token_expired'] };

  it.each<[string, RefusalRule, string, unknown]>([
    [
      'shows as one',
      refused,
      '{"ok":false,"error":"missing_scope"}',
      { kind: 'unusable', code: 'refused', detail: 'missing_scope' },
    ],
    [
      'of the token renews it',
      refused,
      '{"ok":false,"error":"token_expired"}',
      expect.objectContaining({ kind: 'unauthorized', sign: 'certain' }),
    ],
    [
      'may be whatever is there',
      { when: { errors: { present: true } }, code: 'errors.0.extensions.code', expired: ['UNAUTHENTICATED'] },
      '{"errors":[{"message":"No.","extensions":{"code":"UNAUTHENTICATED"}}]}',
      expect.objectContaining({ kind: 'unauthorized', sign: 'certain' }),
    ],
    [
      'may be any number but one',
      { when: { errcode: { not: 0 } }, code: 'errcode', expired: ['42001'] },
      '{"errcode":42001,"errmsg":"expired"}',
      expect.objectContaining({ kind: 'unauthorized', sign: 'certain' }),
    ],
  ])('%s', async (_, declared, body, outcome) => {
    stub.answers(says(200, body));
    expect(await call({ refused: declared })).toEqual(outcome);
    expect(await call({}, { refused: declared })).toEqual(outcome);
    expect((await call()).kind).toBe('data');
  });

  it.each<[RefusalRule, string]>([
    [refused, '{"ok":true}'],
    [refused, '{}'],
    [refused, '[]'],
    [{ ...refused, when: { errors: { present: true } } }, '{"errors":[]}'],
    [{ ...refused, when: { errcode: { not: 0 } } }, '{"errcode":0}'],
    [{ ...refused, when: { errcode: { not: 0 } } }, '{"cards":[]}'],
    [{ ...refused, when: { ok: false, error: { present: true } } }, '{"ok":false}'],
  ])('%o is none in %s', async (declared, body) => {
    stub.answers(says(200, body));
    expect((await call({ refused: declared })).kind).toBe('data');
  });

  it('is declared by the gadget’s request before the provider’s record', async () => {
    stub.answers(says(200, '{"ok":false}'));
    const other = { when: { status: 'error' }, code: null, expired: [] };
    expect((await call({ refused: other }, { refused })).kind).toBe('data');
  });
});

describe('a 403', () => {
  it.each([
    '{"message":"You have exceeded a secondary rate limit. Please wait a few minutes."}',
    '{"message":"API rate limit exceeded for user ID 1."}',
    '{"error":{"errors":[{"reason":"userRateLimitExceeded"}]}}',
    '{"error":"Quota exceeded"}',
    '{"message":"You have triggered an abuse detection mechanism."}',
  ])('is a limit by its words: %s', async (body) => {
    stub.answers(says(403, body));
    expect((await call()).kind).toBe('rate-limited');
  });

  it('with nothing left is judged by its body too', async () => {
    const none = { 'x-ratelimit-remaining': '0' };
    stub.answers(says(403, '', none));
    expect((await call()).kind).toBe('rate-limited');
    await opened.close();
    opened = openUpstream();
    stub.answers(says(403, '{"message":"You may not see this project."}', none));
    expect(await call()).toEqual({ kind: 'forbidden', detail: 'You may not see this project.' });
  });
});
