import { describe, expect, it } from 'vitest';
import { rejection } from '../support/rejection.js';
import { behindStub } from './behind-stub.js';
import { accessOf, dataOf, providerAt, requestTo } from './setting.js';
import { says } from './stub-server.js';

const alice = accessOf('alice');
const fixture = behindStub();

const call = (given: Partial<ReturnType<typeof requestTo>> = {}) =>
  fixture.opened.upstream.get(alice, requestTo(providerAt(fixture.stub.origin), { ttl: 0, ...given }));

describe('what a provider says means', () => {
  it.each([
    [401, {}, rejection({ otherwise: { kind: 'forbidden', detail: 'No.' } })],
    [403, {}, { kind: 'forbidden', detail: 'No.' }],
    [
      403,
      { 'www-authenticate': 'Bearer error="insufficient_scope", scope="read"' },
      { kind: 'insufficient-scope' },
    ],
    [403, { 'x-ratelimit-remaining': '0' }, { kind: 'forbidden', detail: 'No.' }],
    [403, { 'retry-after': '9' }, { kind: 'rate-limited', retryAfter: 9 }],
    [420, {}, { kind: 'rate-limited', retryAfter: null }],
    [404, {}, { kind: 'not-found', detail: 'No.' }],
    [410, {}, { kind: 'not-found', detail: 'No.' }],
    [400, {}, { kind: 'unusable', code: 'status-400', detail: 'No.' }],
    [418, {}, { kind: 'unusable', code: 'status-418', detail: 'No.' }],
    [422, {}, { kind: 'unusable', code: 'status-422', detail: 'No.' }],
    [304, {}, { kind: 'unusable', code: 'status-304', detail: null }],
    [408, {}, { kind: 'down', reason: 'status-408' }],
    [500, {}, { kind: 'down', reason: 'status-500' }],
    [503, { 'retry-after': '7' }, { kind: 'down', reason: 'status-503' }],
    [429, {}, { kind: 'rate-limited', retryAfter: null }],
  ])('%i %o', async (status, headers, outcome) => {
    fixture.stub.answers(says(status, '{"message":"No."}', headers));
    expect(await call()).toEqual(outcome);
  });

  it.each([
    ['{"message":"JSON\\u0000 has\\n a sentence"}', 'application/json', 'JSON has a sentence'],
    ['{"error":"invalid","error_description":"OAuth says why"}', 'application/json', 'OAuth says why'],
    ['{"errors":["One.","Two."]}', 'application/json', 'One. Two.'],
    ['{"errors":[{"message":"Nested"}]}', 'application/json', 'Nested'],
    ['{"error":{"message":"Deeper"}}', 'application/json', 'Deeper'],
    ['<errors><error>A &lt;b&gt; parse error</error></errors>', 'application/xml', 'A <b> parse error'],
    ['<errors><error>One</error><error>Two</error></errors>', 'application/xml', 'One Two'],
    ['plain words', 'text/plain', 'plain words'],
    ['reversed \u202e txet', 'text/plain', 'reversed txet'],
    ['<html><title>Oops</title></html>', 'text/html', null],
    ['<errors><error>unclosed', 'application/xml', null],
    ['{"broken', 'application/json', null],
    ['{"code":7}', 'application/json', null],
    ['', 'text/plain', null],
  ])('shows of %s its sentence', async (body, type, detail) => {
    fixture.stub.answers(says(422, body, { 'content-type': type }));
    expect(await call()).toEqual({ kind: 'unusable', code: 'status-422', detail });
  });

  it('cuts a message at 300 characters, even if it isn’t a sentence', async () => {
    fixture.stub.answers(says(400, '🐦'.repeat(2000), { 'content-type': 'text/plain' }));
    const outcome = await call();
    const detail = outcome.kind === 'unusable' ? (outcome.detail ?? '') : '';
    expect([...detail]).toHaveLength(300);
    expect(detail.endsWith('🐦…')).toBe(true);
  });

  it.each([
    ['a sign-in page by its type', '<p>Sign in</p>', 'text/html', 'html'],
    ['a sign-in page by its look', ' <!doctype html><title>Sign in', 'application/xml', 'html'],
    ['unclosed XML', '<cards><card>', 'application/xml', 'xml-syntax at 13'],
    ['an entity bomb', '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', 'application/xml', 'xml-doctype'],
    ['no XML', '{}', 'application/xml', 'xml-syntax at 2'],
  ])('cannot use %s', async (_, body, type, code) => {
    fixture.stub.answers(says(200, body, { 'content-type': type }));
    expect(await call({ format: 'xml' })).toEqual({ kind: 'unusable', code, detail: null });
  });

  it('reads a text in the character set it declares', async () => {
    fixture.stub.answers(
      says(200, Buffer.from('Grüße', 'latin1'), { 'content-type': 'text/plain; charset=ISO-8859-1' }),
    );
    expect(dataOf(await call({ format: 'text' }))).toBe('Grüße');
    const xml = Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>ü</a>', 'latin1');
    fixture.stub.answers(says(200, xml, { 'content-type': 'application/xml' }));
    expect(dataOf(await call({ format: 'xml' }))).toEqual({ a: 'ü' });
    fixture.stub.answers(
      says(200, '\ufeff{"a":"ü"}', { 'content-type': 'application/json; charset=nonsense' }),
    );
    expect(dataOf(await call())).toEqual({ a: 'ü' });
  });

  it('does not call again before a 429 allows it, for that Connection alone', async () => {
    fixture.stub.answers(says(429, '{}', { 'retry-after': '60' }));
    expect(await call()).toEqual({ kind: 'rate-limited', retryAfter: 60 });
    fixture.opened.clock.pass(20 * 1000);
    expect(await call({ target: '/other' })).toEqual({ kind: 'rate-limited', retryAfter: 40 });
    expect(fixture.stub.requests).toHaveLength(1);
    fixture.stub.answers(says(200, '{}'));
    const bob = await fixture.opened.upstream.get(
      accessOf('bob'),
      requestTo(providerAt(fixture.stub.origin)),
    );
    expect(bob.kind).toBe('data');
    fixture.opened.clock.pass(41 * 1000);
    expect((await call()).kind).toBe('data');
  });

  it.each([
    [{ 'retry-after': 'Fri, 15 Jan 2027 08:00:30 GMT' }, 30],
    [{ 'x-ratelimit-reset': '1800000045' }, 45],
    [{ 'x-ratelimit-reset': '12' }, 12],
    [{ 'retry-after': '999999999' }, 3600],
    [{ 'retry-after': '-5' }, null],
    [{ 'retry-after': 'soon' }, null],
    [{ 'retry-after': 'Friday, 15-Jan-27 08:00:30 GMT' }, 30],
    [{ 'retry-after': 'Fri Jan 15 08:00:30 2027' }, 30],
    [{ 'retry-after': '2027-01-15T08:00:30Z' }, 30],
    [{ 'retry-after': '1.5' }, 2],
    [{ 'retry-after-ms': '2500' }, 3],
    [{ 'x-ratelimit-reset': '1800000045000' }, 45],
    [{ 'x-ratelimit-reset': '90000' }, 90],
    [{ 'x-ratelimit-reset': '2027-01-15T08:00:20.000Z' }, 20],
    [{ 'x-rate-limit-reset': '1800000009' }, 9],
    [{ 'x-ratelimit-reset-after': '0.25' }, 1],
    [{ 'x-ratelimit-reset-requests': '1m30s' }, 90],
    [{ 'ratelimit-reset': '17' }, 17],
    [{ ratelimit: 'limit=100, remaining=0, reset=50' }, 50],
    [{ ratelimit: '"burst";r=0;t=12, "day";r=100;t=3000' }, 12],
    [{ 'x-ratelimit-reset': '1700000000' }, 0],
    [{ 'x-ratelimit-reset': '<script>' }, null],
  ])('reads %o as %s seconds', async (headers, retryAfter) => {
    fixture.stub.answers(says(429, '', headers));
    expect(await call()).toEqual({ kind: 'rate-limited', retryAfter });
  });

  it.each(['cards', '//elsewhere.example/', '/../../other', '/%2e%2e/other'])(
    'never leaves the prefix for the target %s',
    async (target) => {
      const outcome = await call({ target, prefix: '/api/cards' });
      expect(outcome).toMatchObject({ kind: 'unusable', code: 'target-refused' });
      expect(fixture.stub.requests).toHaveLength(0);
    },
  );

  it('asks whose account a new token is, uncached, by a path or by the whole URL in the provider’s record', async () => {
    fixture.stub.answers(says(200, '{"sub":"42"}'));
    const target = `${fixture.stub.origin}/userinfo`;
    const account = { target, format: 'json', id: 'sub', label: 'name' } as const;
    const provider = providerAt(fixture.stub.origin, { account });
    const ask = (to: string) => fixture.opened.upstream.ask(provider, alice, { target: to, format: 'json' });
    expect(dataOf(await ask(target))).toEqual({ sub: '42' });
    expect(dataOf(await ask('/me'))).toEqual({ sub: '42' });
    expect(fixture.stub.requests.map((request) => request.url)).toEqual(['/userinfo', '/api/me']);
    expect(await ask('https://elsewhere.example/userinfo')).toMatchObject({ code: 'target-refused' });
  });
});
