import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/self-signed.js';
import { type Answering, type StubServer, says, stubServer } from '../upstream/stub-server.js';
import { as, client, grant, oauthClient, redirectUri, tokens } from './as-example.js';

const good = '{"access_token":"a","token_type":"bearer"}';
const oauth = oauthClient(400);
let stub: StubServer;
let elsewhere: StubServer;

beforeAll(async () => {
  stub = await stubServer();
  elsewhere = await stubServer(says(200, good));
});
afterAll(async () => {
  await stub.close();
  await elsewhere.close();
});

const provider = (given: Parameters<typeof as>[0] = {}) =>
  as({
    tokenEndpoint: `${stub.origin}/token`,
    revocation: { kind: 'rfc7009', endpoint: `${stub.origin}/revoke` },
    ...given,
  });
const redeemed = (answering: Answering, given = provider()) => {
  stub.answers(answering);
  return oauth.redeem(given, client, grant);
};

describe('a token endpoint', () => {
  it.each([301, 302, 303, 307, 308])(
    'that answers %i is not followed, and gives no tokens (RFC 9700 §4.12)',
    async (status) => {
      const away = says(status, good, { location: `${elsewhere.origin}/token` });
      const outcome = await redeemed(away);
      expect(outcome).toMatchObject({ kind: 'protocol-error' });
      expect(await oauth.refresh(provider(), client, tokens(), redirectUri)).toMatchObject({
        kind: outcome.kind,
      });
      expect(elsewhere.requests).toHaveLength(0);
    },
  );

  it('that never answers is given up, and its connection closed', async () => {
    const closed = new Promise<void>((resolve) => {
      stub.answers((request) => request.socket.on('close', resolve));
    });
    const outcome = await oauth.redeem(provider(), client, grant);
    expect(outcome).toEqual({ kind: 'unreachable', code: 'timeout' });
    await closed;
  });

  it('that drips is given up as a whole, in the time of one answer', async () => {
    // Two limits in a row would be 2.7 s, and fifty drops.
    const patient = oauthClient(1500);
    let drops = 0;
    const dripping: Answering = (_, response) => {
      const start = setTimeout(() => response.writeHead(200, { 'content-type': 'application/json' }), 1200);
      const drip = setInterval(() => {
        if (!response.headersSent) return;
        drops += 1;
        response.write(' ');
      }, 30);
      response.on('close', () => {
        clearTimeout(start);
        clearInterval(drip);
      });
    };
    stub.answers(dripping);
    expect(await patient.redeem(provider(), client, grant)).toMatchObject({ kind: 'unreachable' });
    // Counted, for a busy machine makes a second long, but no more drops fall in it.
    expect(drops).toBeLessThan(30);
  });

  it('that sends far too much is not read to the end, even if it is a good answer', async () => {
    const padding = ' '.repeat(20 * 1024 * 1024);
    const outcome = await redeemed(says(200, good + padding));
    expect(outcome.kind).toMatch(/^(unreachable|protocol-error)$/);
  });

  it('that hangs up, or is not there, is unreachable', async () => {
    expect(await redeemed((_, response) => response.destroy())).toMatchObject({ kind: 'unreachable' });
    const gone = await stubServer();
    await gone.close();
    const outcome = await redeemed(says(200, good), provider({ tokenEndpoint: `${gone.origin}/token` }));
    expect(outcome).toEqual({ kind: 'unreachable', code: 'connection-refused' });
  });

  it('with an untrusted certificate is refused (RFC 6749 §10.9)', async () => {
    const server = createServer(selfSigned('localhost'), (_, response) => response.end(good));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const tokenEndpoint = `https://localhost:${(server.address() as AddressInfo).port}/token`;
    const allowed = provider({ tokenEndpoint, allowAddresses: ['127.0.0.0/8', '::1/128'] });
    expect(await oauth.redeem(allowed, client, grant)).toEqual({ kind: 'unreachable', code: 'certificate' });
    await new Promise((resolve) => server.close(resolve));
  });

  it('at an address that the record does not allow is never called, by literal or by name', async () => {
    stub.requests.length = 0;
    const named = stub.origin.replace('127.0.0.1', 'localhost');
    for (const origin of [stub.origin, named]) {
      const given = {
        tokenEndpoint: `${origin}/token`,
        revocation: { kind: 'rfc7009', endpoint: `${origin}/revoke` },
      } as const;
      const refused = provider({ ...given, allowAddresses: [] });
      expect(await redeemed(says(200, good), refused)).toMatchObject({ code: 'address-refused' });
      expect(await oauth.revoke(refused, client, tokens())).toBe('failed');
    }
    expect(stub.requests).toHaveLength(0);
  });
});
