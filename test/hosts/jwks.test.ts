import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buildConnector } from 'undici';
import { afterEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import type { Host } from '../../src/hosts/host.js';
import { HostTokens } from '../../src/hosts/host-tokens.js';
import { jwksFetcher } from '../../src/net/guarded-fetch.js';
import { signHostToken } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';

const cleanUp: (() => unknown)[] = [];
afterEach(async () => {
  for (const each of cleanUp.splice(0)) await each();
});

const pair = (kid: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { kid, jwk: { ...publicKey.export({ format: 'jwk' }), kid, alg: 'ES256', use: 'sig' }, privateKey };
};

/** A host that publishes `keys`, and a clock that can be turned. */
const publishing = async (answer: RequestListener, refuses: (url: URL) => boolean = () => false) => {
  let asked = 0;
  const server = createServer((request, response) => {
    asked += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUp.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks.json`;
  const clock = new TestClock('runs');
  const fetchJwks = jwksFetcher(() => ({
    connector: (timeout) => buildConnector({ timeout }),
    refuses,
  }));
  const tokens = new HostTokens({
    audience: 'http://127.0.0.1:3000',
    clock,
    journal: { note: () => undefined, warn: () => undefined },
    fetchJwks,
  });
  const host: Host = {
    id: 'gocd',
    name: 'GoCD',
    origins: [],
    key: { kind: 'jwks', algorithms: ['ES256'], url },
    gadgets: [],
    providers: [],
    connectMode: 'opener',
    connectUrl: null,
  };
  const accept = async (key: { kid: string; privateKey: KeyObject }): Promise<string> => {
    const at = Math.floor(clock.now() / 1000);
    const token = await signHostToken(
      { iat: at, exp: at + 60 },
      { key: key.privateKey, header: { alg: 'ES256', kid: key.kid } },
    );
    return tokens.verify(host, new Secret(token)).then(
      () => 'accepted',
      (error: { code: string }) => error.code,
    );
  };
  return { accept, clock, asked: () => asked };
};

const serve =
  (keys: () => readonly object[]): RequestListener =>
  (_, response) =>
    void response.end(JSON.stringify({ keys: keys() }));

describe('keys that a host publishes', () => {
  it('are asked for once, and again at once for a kid that is not known, at most every few seconds', async () => {
    const old = pair('old');
    const next = pair('new');
    const stranger = pair('stranger');
    let published = [old.jwk];
    const host = await publishing(serve(() => published));
    expect(await host.accept(old)).toBe('accepted');
    expect(await host.accept(old)).toBe('accepted');
    expect(host.asked()).toBe(1);

    published = [old.jwk, next.jwk];
    host.clock.pass(3_001);
    expect(await host.accept(next)).toBe('accepted');
    expect(await host.accept(old)).toBe('accepted');
    expect(host.asked()).toBe(2);

    expect(await host.accept(stranger)).toBe('token_invalid');
    expect(await host.accept(stranger)).toBe('token_invalid');
    expect(host.asked()).toBe(2);
  });

  it('are fetched by one request at a time, however many tokens wait for it', async () => {
    const old = pair('old');
    const next = pair('new');
    let published = [old.jwk];
    const held: (() => void)[] = [];
    let holds = true;
    const host = await publishing((request, response) => {
      const answer = (): void => void serve(() => published)(request, response);
      if (holds) held.push(answer);
      else answer();
    });
    const release = async (asked: number): Promise<void> => {
      await expect.poll(() => host.asked()).toBe(asked);
      // A caller who asks a second time does so within this time.
      await new Promise((resolve) => setTimeout(resolve, 100));
      for (const answer of held.splice(0)) answer();
    };
    const first = Promise.all(Array.from({ length: 8 }, () => host.accept(old)));
    await release(1);
    expect(new Set(await first)).toEqual(new Set(['accepted']));
    expect(host.asked()).toBe(1);

    published = [next.jwk];
    host.clock.pass(3_001);
    const second = Promise.all(Array.from({ length: 8 }, () => host.accept(next)));
    await release(2);
    expect(new Set(await second)).toEqual(new Set(['accepted']));
    expect(host.asked()).toBe(2);
    holds = false;
  });

  it('are asked for again when they are ten minutes old, and no sooner', async () => {
    const key = pair('k');
    const host = await publishing(serve(() => [key.jwk]));
    for (const [minutes, asked] of [
      [0, 1],
      [9, 1],
      [2, 2],
      [9, 2],
    ] as const) {
      host.clock.pass(minutes * 60_000);
      expect(await host.accept(key)).toBe('accepted');
      expect(host.asked()).toBe(asked);
    }
  });

  it('are asked for once in thirty seconds where old ones can not be renewed, and once in three for a new kid', async () => {
    const key = pair('k');
    const stranger = pair('stranger');
    let broken = false;
    const host = await publishing((request, response) => {
      if (broken) response.writeHead(500).end();
      else serve(() => [key.jwk])(request, response);
    });
    expect(await host.accept(key)).toBe('accepted');
    broken = true;
    host.clock.pass(11 * 60_000);
    const asked = async (skipped: number): Promise<number> => {
      host.clock.pass(skipped);
      expect(await host.accept(key)).toBe('accepted');
      return host.asked();
    };
    expect(await asked(0)).toBe(2);
    expect(await asked(4_000)).toBe(2);
    expect(await asked(24_000)).toBe(2);
    expect(await asked(3_000)).toBe(3);
    expect(await host.accept(stranger)).toBe('token_invalid');
    expect(host.asked()).toBe(3);
    host.clock.pass(3_001);
    expect(await host.accept(stranger)).toBe('token_invalid');
    expect(host.asked()).toBe(4);
  });

  it('grow old while the machine’s clock is set back, and a new kid is looked for', async () => {
    const old = pair('old');
    const next = pair('new');
    let published = [old.jwk];
    const host = await publishing(serve(() => published));
    expect(await host.accept(old)).toBe('accepted');
    host.clock.set(-2 * 3_600_000);
    published = [next.jwk];
    host.clock.pass(3_001);
    expect(await host.accept(next)).toBe('accepted');
    host.clock.pass(10 * 60_000);
    expect(await host.accept(old)).toBe('token_invalid');
  });

  it('stay in use for a day while the host cannot be asked, and no longer', async () => {
    const key = pair('k');
    let broken = false;
    const host = await publishing((request, response) => {
      if (broken) response.writeHead(500).end();
      else serve(() => [key.jwk])(request, response);
    });
    expect(await host.accept(key)).toBe('accepted');
    broken = true;
    host.clock.pass(23 * 3_600_000);
    expect(await host.accept(key)).toBe('accepted');
    host.clock.pass(2 * 3_600_000);
    expect(await host.accept(key)).toBe('host_keys_unavailable');
  });

  it('are not taken from a redirect, a huge answer, nonsense, nor from secret or private keys', async () => {
    const key = pair('k');
    const symmetric = { kty: 'oct', k: Buffer.alloc(32).toString('base64url'), kid: 'k', alg: 'ES256' };
    const answers: readonly RequestListener[] = [
      (_, response) => {
        response.writeHead(302, { location: '/elsewhere.json' }).end(JSON.stringify({ keys: [key.jwk] }));
      },
      (_, response) => void response.writeHead(500).end(JSON.stringify({ keys: [key.jwk] })),
      (_, response) => void response.end(JSON.stringify({ keys: [key.jwk], padding: 'x'.repeat(100_000) })),
      (_, response) => void response.end('<html>'),
      (_, response) => void response.end('{"keys":7}'),
    ];
    for (const answer of answers)
      expect(await (await publishing(answer)).accept(key)).toBe('host_keys_unavailable');
    expect(await (await publishing(serve(() => [symmetric]))).accept(key)).toBe('token_invalid');
    const leaked = { ...key.privateKey.export({ format: 'jwk' }), kid: 'k', alg: 'ES256' };
    expect(await (await publishing(serve(() => [leaked]))).accept(key)).toBe('token_invalid');
  });

  it('are not waited for longer than five seconds', async () => {
    const host = await publishing(() => undefined);
    const startedAt = performance.now();
    expect(await host.accept(pair('k'))).toBe('host_keys_unavailable');
    expect(performance.now() - startedAt).toBeGreaterThan(4000);
    expect(performance.now() - startedAt).toBeLessThan(15_000);
  });

  it('are not asked for at an address the guard refuses', async () => {
    const key = pair('k');
    const host = await publishing(
      serve(() => [key.jwk]),
      (url) => url.hostname === '127.0.0.1',
    );
    expect(await host.accept(key)).toBe('host_keys_unavailable');
    expect(host.asked()).toBe(0);
  });
});
