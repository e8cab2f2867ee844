import type { IncomingMessage } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let opened: ReturnType<typeof openUpstream>;
const bodies: string[] = [];

const withBody =
  (answer: (request: IncomingMessage, body: string) => ReturnType<typeof says>) =>
  (...[request, response]: Parameters<ReturnType<typeof says>>): void => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => {
      bodies.push(body);
      answer(request, body)(request, response);
    });
  };

beforeAll(async () => {
  stub = await stubServer();
});
beforeEach(() => {
  opened = openUpstream();
  stub.requests.length = 0;
  bodies.length = 0;
  return () => opened.close();
});
afterAll(() => stub.close());

const post = (body: string, more = {}) =>
  opened.upstream.get(alice, requestTo(providerAt(stub.origin), { body, ...more }));

describe('a POST that reads', () => {
  it('is sent as JSON with the viewer’s token and the fixed headers', async () => {
    stub.answers(withBody(() => says(200, '{"a":1}')));
    expect(dataOf(await post('{"q":1}', { headers: { 'notion-version': '2022-06-28' } }))).toEqual({ a: 1 });
    expect(bodies).toEqual(['{"q":1}']);
    expect(stub.requests[0]?.method).toBe('POST');
    expect(stub.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      'notion-version': '2022-06-28',
      authorization: 'Bearer token-of-alice',
      accept: 'application/json',
    });
  });

  it('is kept like any answer, by what it sent and by its headers', async () => {
    stub.answers(withBody((_, body) => says(200, body)));
    for (const body of ['{"q":1}', '{"q":2}', '{"q":1}'])
      expect(dataOf(await post(body))).toEqual(JSON.parse(body));
    expect(bodies).toHaveLength(2);
    await post('{"q":1}', { headers: { 'x-a': '1' } });
    await post('{"q":1}', { headers: { 'x-a': '2' } });
    expect(bodies).toHaveLength(4);
    await post('{"q":1}', { basis: 'ann-gocd 1' });
    await post('{"q":1}', { basis: 'ann-gocd 2' });
    expect(bodies).toHaveLength(6);
  });

  it('is never sent again after a network fault, where a GET is', async () => {
    let count = 0;
    const breaking = withBody(() => (_, response) => {
      count += 1;
      if (count === 1) says(200, '{}')(_, response);
      else response.socket?.destroy();
    });
    stub.answers(breaking);
    await post('{"q":1}', { ttl: 0 });
    expect(await post('{"q":2}', { ttl: 0 })).toMatchObject({ kind: 'down' });
    expect(bodies).toEqual(['{"q":1}', '{"q":2}']);
    count = 0;
    stub.requests.length = 0;
    const get = () => opened.upstream.get(alice, requestTo(providerAt(stub.origin), { ttl: 0 }));
    await get();
    await get();
    expect(stub.requests).toHaveLength(3);
  });

  it('is not conditional, and follows no redirect', async () => {
    stub.answers(withBody(() => says(200, '{}', { etag: '"1"' })));
    await post('{}', { ttl: 0 });
    await post('{}', { ttl: 0 });
    expect(stub.requests[1]?.headers['if-none-match']).toBeUndefined();
    for (const status of [301, 302, 303, 307, 308]) {
      stub.requests.length = 0;
      stub.answers(withBody(() => says(status, '', { location: `${stub.origin}/api/other` })));
      expect(await post('{}', { ttl: 0 })).toMatchObject({ kind: 'unusable', code: 'redirect' });
      expect(stub.requests).toHaveLength(1);
    }
  });

  it('takes `errors` within a 200 for what they are, and an empty list for none', async () => {
    const refused = {
      when: { errors: { present: true } },
      code: 'errors.0.extensions.code',
      expired: ['UNAUTHENTICATED'],
    };
    stub.answers(withBody(() => says(200, '{"data":{"a":1},"errors":[{"message":"Field b is not known"}]}')));
    expect(await post('{}', { ttl: 0, refused })).toMatchObject({
      kind: 'unusable',
      code: 'refused',
      detail: 'Field b is not known',
    });
    stub.answers(
      withBody(() => says(200, '{"errors":[{"message":"no","extensions":{"code":"UNAUTHENTICATED"}}]}')),
    );
    expect(await post('{}', { ttl: 0, refused })).toMatchObject({ kind: 'unauthorized', sign: 'certain' });
    stub.answers(withBody(() => says(200, '{"data":{"a":1},"errors":[]}')));
    expect(await post('{}', { ttl: 0, refused })).toMatchObject({ kind: 'data' });
  });
});
