import { brotliCompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpack } from '../../src/net/http-client.js';
import { accessOf, dataOf, openUpstream, providerAt, requestTo } from './setting.js';
import { type Answering, type StubServer, says, stubServer } from './stub-server.js';

const alice = accessOf('alice');
let stub: StubServer;
let elsewhere: StubServer;

beforeAll(async () => {
  stub = await stubServer();
  elsewhere = await stubServer(says(200, '{"stolen":true}'));
});
afterAll(async () => {
  await stub.close();
  await elsewhere.close();
});

/** One call against a provider that answers so; slow ones are given up after so many milliseconds. */
const call = async (
  answering: Answering,
  given: Partial<ReturnType<typeof requestTo>> = {},
  timeLimit = 10_000,
) => {
  stub.answers(answering);
  const opened = openUpstream({ timeLimit });
  try {
    return await opened.upstream.get(alice, requestTo(providerAt(stub.origin), given));
  } finally {
    await opened.close();
  }
};

describe('a call of a provider', () => {
  it('carries the token in one header, and names this server', async () => {
    stub.requests.length = 0;
    await call(says(200, '{}'), { target: '/cards?q=a%20b' });
    const [request] = stub.requests;
    expect(request?.url).toBe('/api/cards?q=a%20b');
    expect(request?.headers).toMatchObject({
      authorization: 'Bearer token-of-alice',
      accept: 'application/json',
      'user-agent': 'Oriel/test',
    });
    expect(request?.headers.cookie).toBeUndefined();
  });

  it('is given up when the provider never answers', async () => {
    expect(await call(() => undefined, {}, 300)).toEqual({ kind: 'down', reason: 'timeout' });
  });

  it('is given up as a whole when the provider drips its answer', async () => {
    const dripping: Answering = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const drip = setInterval(() => response.write(' '), 20);
      response.on('close', () => clearInterval(drip));
    };
    expect(await call(dripping, {}, 300)).toEqual({ kind: 'down', reason: 'timeout' });
  });

  it('is down when the provider hangs up in the middle', async () => {
    const broken: Answering = (_, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('{"half":');
      setTimeout(() => response.destroy(), 10);
    };
    expect(await call(broken)).toEqual({ kind: 'down', reason: 'network' });
  });

  it('is down when nothing listens there', async () => {
    const gone = await stubServer();
    await gone.close();
    const opened = openUpstream();
    const outcome = await opened.upstream.get(alice, requestTo(providerAt(gone.origin)));
    expect(outcome).toEqual({ kind: 'down', reason: 'connection-refused' });
    await opened.close();
  });

  it('refuses 20 MB, announced or not', async () => {
    const large = Buffer.alloc(20 * 1024 * 1024, 32);
    const tooLarge = { kind: 'unusable', code: 'too-large', detail: null };
    expect(await call(says(200, large))).toEqual(tooLarge);
    const chunked: Answering = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.on('error', () => undefined).write(large);
      response.end();
    };
    expect(await call(chunked)).toEqual(tooLarge);
  });

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('reads %s, and refuses a small answer that unpacks into a large one', async (encoding, pack) => {
    const headers = { 'content-encoding': encoding };
    expect(dataOf(await call(says(200, pack('{"a":1}'), headers)))).toEqual({ a: 1 });
    const bomb = pack(Buffer.alloc(64 * 1024 * 1024, 32));
    expect(bomb.length).toBeLessThan(100_000);
    expect(await call(says(200, bomb, headers))).toMatchObject({ kind: 'unusable', code: 'too-large' });
  });

  it('refuses an encoding that it did not ask for, and one that does not exist', async () => {
    const odd = await call(says(200, '{}', { 'content-encoding': 'compress' }));
    expect(odd).toMatchObject({ kind: 'unusable', code: 'unreadable' });
    for (const encoding of ['gzip', 'br']) {
      const broken = await call(says(200, '{"a":1}', { 'content-encoding': encoding }));
      expect(broken).toMatchObject({ kind: 'unusable', code: 'unreadable' });
    }
  });

  it.each([301, 302, 303, 307, 308])(
    'does not follow a %i, so the token goes nowhere else',
    async (status) => {
      const outcome = await call(says(status, '{}', { location: `${elsewhere.origin}/api/cards` }));
      expect('otherwise' in outcome ? outcome.otherwise : outcome).toEqual({
        kind: 'unusable',
        code: 'redirect',
        detail: null,
      });
      expect(elsewhere.requests).toHaveLength(0);
    },
  );

  it('hands every answer to the one who asked, also after many calls were given up', async () => {
    stub.answers((request, response) => {
      const mine = JSON.stringify({ owner: request.headers.authorization });
      const wait = stub.requests.length % 2 === 0 ? 0 : 1500;
      setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }).end(mine), wait);
    });
    const opened = openUpstream({ timeLimit: 1000 });
    const provider = providerAt(stub.origin);
    let answered = 0;
    let givenUp = 0;
    for (let round = 0; round < 2; round += 1) {
      const calls = Array.from({ length: 100 }, async (_, n) => {
        const outcome = await opened.upstream.get(accessOf(`viewer-${n}`), requestTo(provider, { ttl: 0 }));
        if (outcome.kind === 'down') givenUp += 1;
        else {
          answered += 1;
          expect(dataOf(outcome)).toEqual({ owner: `Bearer token-of-viewer-${n}` });
        }
      });
      await Promise.all(calls);
    }
    expect(answered).toBeGreaterThan(0);
    expect(givenUp).toBeGreaterThan(0);
    await opened.close();
  });
});

it('a body that was packed over and over is not unpacked', async () => {
  let packed = Buffer.from('{"a":1}');
  for (let n = 0; n < 3; n += 1) packed = gzipSync(packed);
  const codings = (times: number) => Array(times).fill('gzip').join(', ');
  expect(String(await unpack(codings(3), packed, 1000))).toBe('{"a":1}');
  expect(await unpack(codings(4), gzipSync(packed), 1000)).toEqual({ problem: 'unreadable' });
});
