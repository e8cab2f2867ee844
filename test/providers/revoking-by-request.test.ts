import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { Authorizer } from '../../src/providers/authorizer.js';
import type { RevocationRequest } from '../../src/providers/provider.js';
import { TestClock } from '../support/test-clock.js';
import { as, client, tokens } from './as-example.js';

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

const plain: Omit<RevocationRequest, 'endpoint'> = {
  ...{ kind: 'request', method: 'POST', authentication: 'basic', send: 'form', token: 'token' },
  ...{ tokens: 'access', parameters: {}, success: [], gone: [] },
};

describe('Revoking by a request of the server’s own kind', () => {
  let asked: Asked[];
  let answers: readonly [status: number, headers?: Readonly<Record<string, string>>, body?: string][];
  let here: string;
  const server = createServer(async (request, answer) => {
    const { method, url, headers } = request;
    const [status, extra = {}, body = ''] = answers[asked.length] ?? [200];
    asked.push({ method, url, headers, body: await text(request) });
    answer.writeHead(status, extra);
    answer.end(body);
  });
  const warned: object[] = [];
  const oauth = new Authorizer({
    clock: new TestClock('waits'),
    guards: new AddressGuards(),
    journal: { warn: (event, fields) => void warned.push({ event, ...fields }) },
  });
  const revoke = (given: Partial<RevocationRequest>, path = '/revoke', as_ = client, held = tokens()) =>
    oauth.revoke(
      as({ revocation: { ...plain, endpoint: here + path, ...given }, allowAddresses: ['127.0.0.0/8'] }),
      as_,
      held,
    );

  beforeEach(async () => {
    asked = [];
    answers = [];
    warned.length = 0;
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(
    () =>
      new Promise((resolve) => {
        server.close(resolve);
      }),
  );

  it('names both tokens, the refresh token first, where the record says both', async () => {
    expect(await revoke({ tokens: 'both', parameters: { reason: 'left' } })).toBe('revoked');
    expect(asked.map(({ body }) => body)).toEqual([
      'reason=left&token=old-refresh',
      'reason=left&token=old-access',
    ]);
  });

  it('names the access token where the refresh token is asked for and there is none', async () => {
    await revoke({ tokens: 'refresh' }, undefined, client, tokens({ refreshToken: null }));
    await revoke({ tokens: 'refresh' });
    expect(asked.map(({ body }) => body)).toEqual(['token=old-access', 'token=old-refresh']);
  });

  it('can write the client into the fields, the token into the query, or nothing of either', async () => {
    await revoke({ authentication: 'body' });
    await revoke({ authentication: 'none', send: 'query', method: 'GET' });
    await revoke({ authentication: 'bearer', send: 'none', method: 'DELETE' });
    expect(asked.map(({ method, url, headers, body }) => [method, url, headers.authorization, body])).toEqual(
      [
        [
          'POST',
          '/revoke',
          undefined,
          'token=old-access&client_id=oriel+id&client_secret=se%3Acr+et%2B%25%26%3D',
        ],
        ['GET', '/revoke?token=old-access', undefined, ''],
        ['DELETE', '/revoke', 'Bearer old-access', ''],
      ],
    );
  });

  it.each(['a/b', 'a?b', 'a#b', 'a%2fb', '..%2f', 'a\\b', '@b', 'a;b', 'é'])(
    'keeps the client id %j one segment of the path',
    async (id) => {
      await revoke({}, '/apps/{clientId}/grant', { id, secret: new Secret('s') });
      const [, , segment = ''] = asked[0]?.url?.split('/') ?? [];
      expect(asked[0]?.url).toBe(`/apps/${segment}/grant`);
      expect(decodeURIComponent(segment)).toBe(id);
    },
  );

  it.each(['.', '..', ''])('asks nothing where the client id is %j, which is no segment', async (id) => {
    expect(await revoke({}, '/apps/{clientId}/grant', { id, secret: new Secret('s') })).toBe('failed');
    expect(asked).toEqual([]);
  });

  it('follows no redirect, and logs where it led without what it repeats', async () => {
    answers = [[307, { location: 'https://theirs.example/revoke?token=old-access' }]];
    expect(await revoke({})).toBe('failed');
    expect(asked).toHaveLength(1);
    expect(warned).toEqual([
      {
        event: 'revocation-redirected',
        provider: 'mingle',
        to: 'https://theirs.example/revoke',
        fix: 'Write that address into revocation.url: a secret is never carried along.',
      },
    ]);
  });

  it.each([
    [{ success: [204] }, 200, 'failed'],
    [{ success: [204] }, 204, 'revoked'],
    [{ gone: [404] }, 404, 'asked'],
    [{}, 404, 'failed'],
    [{ authentication: 'bearer' }, 401, 'asked'],
    [{}, 401, 'failed'],
  ] as const)('with %j takes %i for “%s”', async (given, status, outcome) => {
    answers = [[status]];
    expect(await revoke(given)).toBe(outcome);
  });

  it('is not called at an address that this provider may not have', async () => {
    const moved = as({ revocation: { ...plain, endpoint: `${here}/revoke` }, allowAddresses: [] });
    expect(await oauth.revoke(moved, client, tokens())).toBe('failed');
    expect(asked).toEqual([]);
  });
});
