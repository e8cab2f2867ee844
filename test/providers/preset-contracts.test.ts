import { generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json, text } from 'node:stream/consumers';
import { type JWTPayload, SignJWT } from 'jose';
import nock from 'nock';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { findAccount } from '../../src/connect/consent/read-grant.js';
import { Secret } from '../../src/domain/secret.js';
import { AddressGuards } from '../../src/net/address-guard.js';
import { nonceOf } from '../../src/providers/authorizer.js';
import { bindToken } from '../../src/providers/binding.js';
import { IdTokens } from '../../src/providers/id-tokens.js';
import { presets } from '../../src/providers/presets.js';
import type { Provider } from '../../src/providers/provider.js';
import { readPresets } from '../../src/providers/read-presets.js';
import type { RevocationOutcome } from '../../src/providers/token-outcome.js';
import { interceptHttp } from '../support/intercept-http.js';
import { NOW, TestClock } from '../support/test-clock.js';
import { openUpstream } from '../upstream/setting.js';
import { client, grant, oauthClient, redirectUri, tokens } from './as-example.js';
import { draftOf } from './one-provider.js';

/*
 * Each preset against what its server documents: how it is asked for consent, for tokens, for new ones and whose account it is, and what
 * its answers are taken for. `contracts/<preset>.yaml` says it of one preset; a preset without such a file fails here.
 */

type Json = Readonly<Record<string, unknown>>;

interface RevokeContract {
  readonly method: string;
  readonly at: string;
  readonly by: 'client' | 'token';
  readonly json?: Json;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answers: readonly {
    readonly status: number;
    readonly body?: Json;
    readonly is: RevocationOutcome;
  }[];
}

interface Contract {
  /** What an administrator writes beside the preset's name and the client. */
  readonly record?: Json;
  /** What the server's metadata would say, where the preset leaves endpoints to it. */
  readonly metadata?: Partial<Provider>;
  /** In place of all that OAuth asks, where people paste a token. */
  readonly paste?: {
    readonly page: string;
    /** The credential as it is kept, and the Authorization header made of it. */
    readonly token: string;
    readonly sends: string;
    readonly asksAccount?: boolean;
    readonly asksExpiry: boolean;
    readonly endsAt?: string;
  };
  readonly authorize: { readonly at: string; readonly scope: string | null; readonly with?: Json };
  readonly token: {
    readonly at: string;
    readonly client: 'header' | 'body';
    readonly as?: 'json';
    readonly with?: Json;
    readonly answer: Json;
    readonly life: number | null;
    readonly scopes: readonly string[] | null;
  };
  /** Absent where the server has no refresh tokens. */
  readonly refresh?: {
    readonly at?: string;
    readonly with?: Json;
    readonly answer: Json;
    readonly keeps: boolean;
  };
  /** What a dead refresh token is answered with. */
  readonly dead?: { readonly status: number; readonly body: Json };
  readonly account?: AskedAccount | SignedAccount;
  /** Where by RFC 7009, or the request that takes its place. */
  readonly revoke?: string | RevokeContract;
}

/** An account that is asked for. */
interface AskedAccount {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly answer: Json;
  readonly is: { readonly id: string; readonly label: string };
}

/** One that the id token names, by keys that are published there. */
interface SignedAccount {
  readonly jwks: string;
  readonly claims: JWTPayload;
  readonly is: { readonly id: string; readonly label: string };
}

const FOLDER = 'test/providers/contracts';
const names = readdirSync(FOLDER)
  .map((file) => file.replace('.yaml', ''))
  .toSorted();
const oauth = oauthClient();
const idTokens = new IdTokens(new AddressGuards(), new TestClock('waits'));

const providerOf = (preset: string, { record, metadata, paste }: Contract): Provider => {
  const registered = { client: { id: client.id, secret: client.secret.reveal() } };
  const draft = draftOf({ preset, ...(paste === undefined && registered), ...record });
  if (draft.kind === 'complete') return draft.provider;
  if (metadata === undefined) throw new Error('It waits for metadata.');
  return {
    ...{ authorizationEndpoint: '', tokenEndpoint: '', revocation: { kind: 'none' }, issRequired: false },
    ...{ clientAuthentication: 'basic', pkce: 'S256', account: 'none' },
    ...draft.draft,
    ...metadata,
  };
};

interface Seen {
  readonly authorization: string | null;
  readonly type: string;
  readonly body: Readonly<Record<string, string>>;
}

/** Answers one POST to an address, and returns what was sent. */
const answering = (address: string, status: number, answer: Json): Seen[] => {
  const { origin, pathname } = new URL(address);
  const seen: Seen[] = [];
  nock(origin)
    .post(pathname)
    .reply(function (this: { readonly req: { readonly headers: Record<string, unknown> } }, _, posted) {
      const { authorization = null, 'content-type': type } = this.req.headers;
      const body = typeof posted === 'string' ? Object.fromEntries(new URLSearchParams(posted)) : posted;
      seen.push({
        authorization: authorization as string | null,
        type: String(type),
        body: body as Seen['body'],
      });
      return [status, JSON.stringify(answer), { 'content-type': 'application/json' }];
    });
  return seen;
};

const BASIC = `Basic ${Buffer.from('oriel+id:se%3Acr+et%2B%25%26%3D').toString('base64')}`;

const credentials = ({ token }: Contract) =>
  token.client === 'body' ? { client_id: client.id, client_secret: client.secret.reveal() } : {};

const expectSent = ([sent]: readonly Seen[], contract: Contract, body: Json): void => {
  const { token } = contract;
  expect(sent?.authorization).toBe(token.client === 'header' ? BASIC : null);
  expect(sent?.type).toMatch(
    token.as === 'json' ? /^application\/json/ : /^application\/x-www-form-urlencoded/,
  );
  expect(sent?.body).toEqual({ ...body, ...credentials(contract) });
};

/** The same record, with its keys here. */
const expectSigned = async (provider: Provider, { jwks, claims, is }: SignedAccount): Promise<void> => {
  expect(provider.jwks).toBe(jwks);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
  const server = createServer((_, answer) => void answer.end(JSON.stringify({ keys: [key] })));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const token = await new SignJWT({ ...claims, aud: client.id, iat: NOW / 1000, exp: NOW / 1000 + 60 })
    .setProtectedHeader({ alg: 'RS256', kid: 'one' })
    .sign(privateKey);
  const answer = new Secret(JSON.stringify({ id_token: token }));
  const opened = openUpstream();
  const moved = { ...provider, jwks: here, allowAddresses: ['127.0.0.0/8'] };
  const given = { tokens: tokens(), client, answer, nonce: null, callbackValues: {} };
  expect(await findAccount({ upstream: opened.upstream, idTokens }, moved, given)).toEqual({ account: is });
  await opened.close();
  server.close();
};

interceptHttp(/^127\.0\.0\.1/);

it('is written for every preset but the one that is the standards', () => {
  const needed = presets.filter((preset) => !preset.default).map(({ name }) => name);
  expect(names).toEqual(needed.toSorted());
  expect(presets).toEqual(readPresets('src/providers/presets'));
});

describe.each(names)('%s', (name) => {
  const contract = parse(readFileSync(`${FOLDER}/${name}.yaml`, 'utf8')) as Contract;
  const provider = providerOf(name, contract);
  const { authorize, token, refresh, dead, account, revoke, paste } = contract;
  const usesPkce = provider.pkce === 'S256';

  it.runIf(paste !== undefined)('says where a token is created, and how it is sent', () => {
    const { pasted } = provider;
    expect(pasted?.page).toBe(paste?.page);
    expect(pasted?.asksAccount).toBe(paste?.asksAccount ?? false);
    expect(pasted?.asksExpiry).toBe(paste?.asksExpiry);
    expect([provider.client, provider.scopes, provider.issuer]).toEqual([null, [], null]);
    const bound = { token: new Secret(paste?.token ?? ''), origins: [new URL(provider.api).origin] };
    expect(bindToken(bound, provider, new URL(provider.api))).toEqual({ authorization: paste?.sends });
  });

  it.runIf(paste === undefined)('asks for consent as its server documents', () => {
    const request = { ...grant, state: grant.code, scopes: provider.scopes, selectAccount: false };
    const url = new URL(oauth.authorizationUrl(provider, client, request));
    expect(`${url.origin}${url.pathname}`).toBe(authorize.at);
    const {
      code_challenge: challenge,
      code_challenge_method: method,
      ...rest
    } = Object.fromEntries(url.searchParams);
    expect([challenge !== undefined, method]).toEqual(usesPkce ? [true, 'S256'] : [false, undefined]);
    expect(rest).toEqual({
      response_type: 'code',
      client_id: client.id,
      redirect_uri: redirectUri,
      state: grant.code.reveal(),
      ...(authorize.scope !== null && { scope: authorize.scope }),
      ...(provider.account !== 'none' &&
        'from' in provider.account &&
        provider.account.from === 'id-token' && { nonce: nonceOf(grant.code.reveal()) }),
      ...authorize.with,
    });
  });

  it.runIf(paste === undefined)('turns a code into tokens', async () => {
    const seen = answering(token.at, 200, token.answer);
    const outcome = await oauth.redeem(provider, client, grant);
    if (outcome.kind !== 'tokens') throw new Error(JSON.stringify(outcome));
    expectSent(seen, contract, {
      grant_type: provider.grantTypes.authorizationCode,
      code: grant.code.reveal(),
      redirect_uri: redirectUri,
      ...(usesPkce && { code_verifier: grant.verifier.reveal() }),
      ...token.with,
    });
    const { expiresAt, issuedAt, scopes } = outcome.tokens;
    expect(expiresAt === null ? null : (expiresAt - issuedAt) / 1000).toBe(token.life);
    expect(scopes).toEqual(token.scopes);
  });

  it.runIf(refresh !== undefined)('refreshes them', async () => {
    if (refresh === undefined) return;
    const seen = answering(refresh.at ?? token.at, 200, refresh.answer);
    const outcome = await oauth.refresh(provider, client, tokens(), redirectUri);
    if (outcome.kind !== 'tokens') throw new Error(JSON.stringify(outcome));
    expectSent(seen, contract, {
      grant_type: provider.grantTypes.refreshToken,
      refresh_token: 'old-refresh',
      ...refresh.with,
    });
    const kept = outcome.tokens.refreshToken?.reveal() === 'old-refresh';
    expect(kept).toBe(refresh.keeps);
  });

  it.runIf(dead !== undefined)('knows a refresh token that is dead', async () => {
    if (dead === undefined) return;
    answering(refresh?.at ?? token.at, dead.status, dead.body);
    expect((await oauth.refresh(provider, client, tokens(), redirectUri)).kind).toBe('invalid-grant');
  });

  it('asks whose account it is, or says that it cannot', async () => {
    if (account === undefined) {
      expect(provider.account).toBe('none');
      return;
    }
    if ('claims' in account) return expectSigned(provider, account);
    const asked: unknown[] = [];
    const server = createServer(async (request, answer) => {
      const { method, url, headers } = request;
      const body = method === 'POST' ? await json(request) : undefined;
      const named = Object.keys(account.headers ?? {}).map((each) => [each, headers[each]]);
      asked.push({ method, path: url, body, headers: Object.fromEntries(named) });
      answer.setHeader('Content-Type', 'application/json');
      answer.end(JSON.stringify(account.answer));
    });
    await new Promise<void>((resolve) => {
      server.listen(0, '127.0.0.1', resolve);
    });
    // The same record, with its API here.
    const { port } = server.address() as AddressInfo;
    const here = `http://127.0.0.1:${port}`;
    const moved = {
      ...provider,
      api: here + new URL(provider.api).pathname.replace(/\/$/, ''),
      allowAddresses: ['127.0.0.0/8'],
    };
    const opened = openUpstream({ guards: new AddressGuards() });
    const given = {
      tokens: tokens({ origins: [here] }),
      client,
      answer: null,
      nonce: null,
      callbackValues: {},
    };
    const found = await findAccount({ upstream: opened.upstream, idTokens }, moved, given);
    expect(found).toMatchObject({ account: account.is });
    if (paste?.endsAt !== undefined) expect(found).toMatchObject({ endsAt: Date.parse(paste.endsAt) });
    const { method, path, body } = account;
    expect(asked).toEqual([{ method, path, body, headers: account.headers ?? {} }]);
    await opened.close();
    server.close();
  });

  it('revokes tokens where its server can', async () => {
    const { revocation } = provider;
    if (typeof revoke !== 'object') {
      const expected = revoke === undefined ? { kind: 'none' } : { kind: 'rfc7009', endpoint: revoke };
      expect(revocation).toEqual(expected);
      return;
    }
    if (revocation.kind !== 'request') throw new Error('It is revoked by RFC 7009.');
    const { pathname, origin } = new URL(revoke.at);
    for (const { status, body, is } of revoke.answers) {
      const asked: unknown[] = [];
      const server = createServer(async (request, answer) => {
        const { method, url, headers } = request;
        const sent = await text(request);
        const named = Object.keys(revoke.headers ?? {}).map((each) => [each, headers[each]]);
        asked.push({
          ...{
            method,
            url,
            authorization: headers.authorization,
            sent: sent === '' ? null : JSON.parse(sent),
          },
          headers: Object.fromEntries(named),
        });
        answer.writeHead(status, { 'Content-Type': 'application/json' });
        answer.end(body === undefined ? '' : JSON.stringify(body));
      });
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve);
      });
      const here = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      expect(revocation.endpoint.startsWith(origin)).toBe(true);
      const endpoint = here + revocation.endpoint.slice(origin.length);
      const moved = { ...provider, revocation: { ...revocation, endpoint }, allowAddresses: ['127.0.0.0/8'] };
      expect([status, await oauth.revoke(moved, client, tokens())]).toEqual([status, is]);
      expect(asked).toEqual([
        {
          ...{ method: revoke.method, url: pathname, sent: revoke.json ?? null },
          authorization: revoke.by === 'client' ? BASIC : 'Bearer old-access',
          headers: revoke.headers ?? {},
        },
      ]);
      await new Promise((resolve) => {
        server.close(resolve);
      });
    }
  });

  it('says where to register, and where its facts are from', () => {
    const preset = presets.find((each) => each.name === name);
    if (name === 'mingle' || name === 'gocd' || name === 'token') return;
    expect(preset?.registration?.steps.length).toBeGreaterThanOrEqual(2);
    expect(preset?.sources?.length).toBeGreaterThanOrEqual(1);
    for (const scope of preset?.fields.scopes ?? [])
      expect(preset?.fields.scopeDescriptions).toHaveProperty([scope]);
  });
});
