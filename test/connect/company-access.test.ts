import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listConnections } from '../../src/admin/connections/use-cases.js';
import { disconnectAsAdministrator } from '../../src/connect/ending/disconnect.js';
import { sweepUnused } from '../../src/connect/ending/sweep.js';
import { Secret } from '../../src/domain/secret.js';
import { viewerOf } from '../../src/domain/viewer.js';
import { listenOnLoopback } from '../demo/site/loopback.js';
import { gadget } from '../support/a-gadget.js';
import { gadgetFiles, hostEntries } from '../support/entries.js';
import { signHostToken } from '../support/host-token.js';
import { frameData, httpFrame } from '../support/http-viewer.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';
import { gocd } from './connect-setup.js';

const BUILDS = gadget({ id: 'builds', title: 'Builds', providers: ['status'] });
const HOUR = 60 * 60_000;
const company = viewerOf('gocd', '');

/** An authorization server that grants to its client, and an API that says by which token it was asked. */
const startStatus = async () => {
  const grants: URLSearchParams[] = [];
  const asked: string[] = [];
  const made = { refusal: null as string | null, dead: new Set<string>() };
  const server = await listenOnLoopback((request, response) => {
    let text = '';
    request.on('data', (chunk) => {
      text += chunk;
    });
    request.on('end', () => {
      response.setHeader('Content-Type', 'application/json');
      if (request.url === '/token') {
        grants.push(new URLSearchParams(text));
        response.statusCode = made.refusal === null ? 200 : 400;
        const token = `company-token-${grants.length}-0123456789abcdef`;
        const granted = { access_token: token, token_type: 'Bearer', expires_in: 3600 };
        response.end(JSON.stringify(made.refusal === null ? granted : { error: made.refusal }));
        return;
      }
      const authorization = request.headers.authorization ?? '';
      asked.push(authorization);
      response.statusCode = made.dead.has(authorization) ? 401 : 200;
      response.end(JSON.stringify({ by: authorization }));
    });
  }, 0);
  return { url: `http://127.0.0.1:${server.port}`, grants, asked, made, close: () => server.close() };
};

const start = async () => {
  const status = await startStatus();
  const clock = new TestClock('runs');
  const configuration = ({ provider = true, host = true } = {}) => {
    const [entry] = Object.values(hostEntries([{ ...gocd, gadgets: ['builds'], providers: ['status'] }]));
    return {
      gadgets: ['./own'],
      hosts: { gocd: { ...entry, ...(host && { clientCredentials: ['status'] }) } },
      providers: {
        status: {
          ...{ name: 'Status', api: `${status.url}/api`, allowAddresses: ['127.0.0.0/8', '::1/128'] },
          ...{ authorizationEndpoint: `${status.url}/authorize`, tokenEndpoint: `${status.url}/token` },
          client: { id: 'oriel', secret: 'the-secret-of-the-client' },
          ...(provider && { clientCredentials: { company: 'Acme & Co', scopes: ['builds:read'] } }),
        },
      },
    };
  };
  const oriel = await createTestServer(configuration(), {
    ...{ clock, bundled: false, files: gadgetFiles(BUILDS) },
  });
  return {
    ...{ ...oriel, status, clock, configuration },
    async show(sub: string) {
      const frame = httpFrame(oriel);
      const now = Math.floor(clock.now() / 1000);
      const claims = { aud: oriel.gadgetOrigin, sub, name: sub, iat: now, exp: now + 60 };
      const { bearer } = frameData(
        (await frame.launch('gocd', 'builds', { token: await signHostToken(claims) })).text,
      );
      return { bearer, frame, text: (await frame.content(bearer)).text };
    },
    async close() {
      await oriel.close();
      await status.close();
    },
  };
};

describe('A company’s access', () => {
  let setup: Awaited<ReturnType<typeof start>>;
  beforeEach(async () => {
    setup = await start();
  });
  afterEach(() => setup.close());

  const held = () => setup.stores.connections.find(company, 'status');

  it('is asked for once, as RFC 6749 §4.4 has it, and shown to everyone with a mark', async () => {
    const [ann, bob] = await Promise.all([setup.show('ann'), setup.show('bob')]);
    for (const { text } of [ann, bob]) {
      expect(text).toContain('data-oriel-state="content"');
      expect(text.replace(/<[^>]*>/g, '')).toContain('Shown with Acme &amp; Co’s access, not yours');
      expect(text).not.toMatch(/data-oriel-action="(?:other-account|disconnect|connect)"/);
    }
    expect(setup.status.grants).toHaveLength(1);
    const [grant] = setup.status.grants;
    expect(Object.fromEntries(grant ?? [])).toEqual({
      grant_type: 'client_credentials',
      scope: 'builds:read',
    });
    expect(await held()).toMatchObject({ status: 'active', scopes: ['builds:read'], account: null });
    expect(setup.lines.join('\n')).not.toContain('company-token');
    const [entry] = await setup.stores.audit.list(
      { actions: ['company.connected'] },
      { before: null, limit: 1 },
    );
    expect(entry).toMatchObject({ outcome: 'done', provider: 'status', host: 'gocd' });
  });

  it('is listed for administrators as the company’s, and made again after they disconnect it', async () => {
    await setup.show('ann');
    const { connections } = await listConnections(setup.deps, {}, null);
    expect(connections).toMatchObject([{ sub: '', company: 'Acme & Co', provider: { id: 'status' } }]);
    const by = { kind: 'admin', id: 'a1', name: 'Ada' } as const;
    const connection = await held();
    if (connection !== null) await disconnectAsAdministrator(setup.deps, connection, by);
    setup.clock.pass(31_000);
    expect((await setup.show('bob')).text).toContain('data-oriel-state="content"');
    expect(setup.status.grants).toHaveLength(2);
  });

  it.each([
    ['the provider’s record does not have it', { provider: false }],
    ['the host’s record does not', { host: false }],
  ])('is not there when %s: a viewer is asked to connect, and what was granted ends', async (_, off) => {
    expect((await setup.show('ann')).text).toContain('data-oriel-state="content"');
    const open = await setup.show('bob');
    await setup.reload(setup.configuration(off));
    setup.status.asked.length = 0;
    // An open frame too: what it showed is not given out any more.
    for (const text of [(await setup.show('ann')).text, (await open.frame.content(open.bearer)).text]) {
      expect(text).toContain('data-oriel-state="connect"');
      expect(text).not.toContain('Acme');
    }
    expect(setup.status.asked).toEqual([]);
    await sweepUnused(setup.deps, 90 * 24 * HOUR);
    expect(await held()).toBeNull();
  });

  it('never mixes with a viewer’s own Connection, in either direction', async () => {
    await setup.reload(setup.configuration({ host: false }));
    const own = await setup.stores.connections.grant({
      ...{
        id: 'own-of-ann' as never,
        viewer: viewerOf('gocd', 'ann'),
        provider: 'status',
        clientId: 'oriel',
      },
      ...{ scopes: [], now: setup.clock.now() },
      tokens: {
        ...{ accessToken: new Secret('own-token-of-ann') },
        ...{ refreshToken: null, issuedAt: setup.clock.now(), expiresAt: null, scopes: null },
      },
    });
    const before = await setup.show('ann');
    expect(before.text).toContain('data-oriel-state="content"');
    expect(before.text).not.toContain('Acme');
    await setup.reload(setup.configuration());
    const during = await setup.show('ann');
    expect(during.text).toContain('Acme');
    expect(setup.status.asked).toEqual([
      'Bearer own-token-of-ann',
      'Bearer company-token-1-0123456789abcdef',
    ]);
    await setup.reload(setup.configuration({ host: false }));
    setup.clock.pass(31_000);
    expect((await setup.show('ann')).text).not.toContain('Acme');
    expect(setup.status.asked.at(-1)).toBe('Bearer own-token-of-ann');
    expect(await setup.stores.connections.byId(own.id)).toMatchObject({ status: 'active', generation: 1 });
    expect((await setup.show('bob')).text).toContain('data-oriel-state="connect"');
  });

  it('is renewed near its end and after a refusal, with the same Connection', async () => {
    await setup.show('ann');
    const first = await held();
    setup.clock.pass(HOUR - 30_000);
    expect((await setup.show('bob')).text).toContain('data-oriel-state="content"');
    expect(setup.status.grants).toHaveLength(2);
    expect(await held()).toMatchObject({ id: first?.id, generation: 1 });
    setup.clock.pass(2 * 60_000);
    setup.status.made.dead.add('Bearer company-token-2-0123456789abcdef');
    expect((await setup.show('ann')).text).toContain('data-oriel-state="content"');
    expect(setup.status.grants).toHaveLength(3);
  });

  it('that the provider refuses is for administrators: no viewer is asked to connect, nor the provider again at once', async () => {
    setup.status.made.refusal = 'unauthorized_client';
    for (const sub of ['ann', 'bob']) {
      const { text } = await setup.show(sub);
      expect(text).toContain('data-oriel-state="misconfigured"');
      expect(text).toContain('company_access_refused');
    }
    expect(setup.status.grants).toHaveLength(1);
    setup.status.made.refusal = null;
    setup.clock.pass(31_000);
    expect((await setup.show('ann')).text).toContain('data-oriel-state="content"');
  });

  it('is no one’s to name: a host’s token without a sub shows nothing', async () => {
    const frame = httpFrame(setup);
    const now = Math.floor(setup.clock.now() / 1000);
    const claims = { aud: setup.gadgetOrigin, sub: '', iat: now, exp: now + 60 };
    const answer = await frame.launch('gocd', 'builds', { token: await signHostToken(claims) });
    expect(answer.status).toBe(401);
  });
});
