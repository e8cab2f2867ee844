import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { continueBulkDisconnects } from '../../../src/connect/ending/bulk-disconnect-steps.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { github } from '../../connect/connect-setup.js';
import {
  exampleGadget,
  exampleHost,
  type GadgetServer,
  startGadgetServer,
} from '../../support/gadget-server.js';
import { launcher } from './launching.js';

const ann = viewerOf('gocd', 'ann');

describe('A host says that a person has left', () => {
  let server: GadgetServer;
  let page: ReturnType<typeof launcher>;
  beforeEach(async () => {
    server = await startGadgetServer({
      hosts: [{ ...exampleHost(['http://localhost:8153']), providers: ['github'] }],
      gadgets: [{ ...exampleGadget, providers: ['github'] }],
      providers: [{ ...github, account: 'none' }],
    });
    page = launcher(server);
  });
  afterEach(() => server.close());

  const fresh = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> => {
    const now = Math.floor(server.clock.now() / 1000);
    return page.token({ purpose: 'leave', iat: now, exp: now + 60, name: undefined, ...claims });
  };
  const leave = async (token: unknown, host = 'gocd') => {
    const { status, text } = await page.api(null, `/h/${host}/leave`, { json: { token } });
    return { status, ...(JSON.parse(text) as Readonly<Record<string, unknown>>) };
  };
  it('and their open frames get 401 at once, and no one else’s', async () => {
    const { bearer } = await page.opened({ sub: 'ann' });
    const { bearer: other } = await page.opened({ sub: 'bob' });
    expect((await page.api(bearer, '/frame/content')).status).toBe(200);
    expect(await leave(await fresh({ sub: 'ann' }))).toMatchObject({ status: 200, total: 0, left: 0 });
    // What a process read a moment ago it may still go by, for two seconds.
    server.clock.pass(2000);
    expect((await page.api(bearer, '/frame/content')).status).toBe(401);
    expect((await page.api(bearer, '/frame/renew', { json: { token: await fresh() } })).status).toBe(401);
    expect((await page.api(other, '/frame/content')).status).toBe(200);
  });

  it('by a token of exactly that purpose, that host and that audience, once', async () => {
    await page.opened({ sub: 'ann' });
    const token = await fresh({ sub: 'ann' });
    expect(await leave(await fresh({ purpose: undefined }))).toMatchObject({ code: 'token_purpose' });
    expect(await leave(await fresh({ purpose: 'connect' }))).toMatchObject({ code: 'token_purpose' });
    expect(await leave(await fresh({ iss: 'wiki' }))).toMatchObject({ code: 'token_invalid' });
    expect(await leave(await fresh({ aud: server.siteOrigin }))).toMatchObject({ code: 'token_invalid' });
    expect(await leave(token, 'wiki')).toMatchObject({ status: 404, code: 'host_unknown' });
    expect(await leave(undefined)).toMatchObject({ status: 400, code: 'token_missing' });
    expect((await page.launch({ token }, {})).status).toBe(401);
    expect(await leave(token)).toMatchObject({ status: 200 });
    expect(await leave(token)).toMatchObject({ status: 401, code: 'token_replayed' });
  });

  it('and gets the progress when it asks again with a fresh token', async () => {
    const { connections } = server.ports.stores;
    await connections.keep({
      ...{ id: 'held' as never, viewer: ann, provider: 'github', clientId: 'client-1', account: null },
      isRefreshed: false,
      ...{
        scopes: [],
        createdAt: server.clock.now() - 1,
        now: server.clock.now(),
        lease: null,
      },
      tokens: {
        ...{ accessToken: server.ports.entropy.secret(), refreshToken: null, issuedAt: 0 },
        ...{ expiresAt: null, scopes: null },
      },
    });
    const started = await leave(await fresh({ sub: 'ann' }));
    expect(started).toMatchObject({ status: 202, total: 1, left: 1, departure: expect.any(String) });
    const again = await leave(await fresh({ sub: 'ann' }));
    expect(again).toEqual(started);
    await continueBulkDisconnects(server.ports);
    expect(await leave(await fresh({ sub: 'ann' }))).toEqual({
      status: 200,
      departure: null,
      total: 0,
      left: 0,
    });
    expect(await connections.ofViewer(ann)).toEqual([]);
  });
});
