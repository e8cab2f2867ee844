import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exampleHost, type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import { launcher } from './launching.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer();
  page = launcher(server);
});
afterEach(() => server.close());

/** A token of the shifted present. */
const fresh = (claims: Readonly<Record<string, unknown>> = {}): Promise<string> => {
  const now = Math.floor(server.clock.now() / 1000);
  return page.token({ iat: now, exp: now + 60, ...claims });
};
const renew = async (bearer: string, token: unknown) => {
  const { status, text } = await page.api(bearer, '/frame/renew', { json: { token } });
  return { status, ...(JSON.parse(text) as { code?: string; expiresIn?: number }) };
};

describe('renewal', () => {
  it('extends the same bearer token by a quarter of an hour, however often', async () => {
    const { bearer } = await page.opened();
    for (let hour = 0; hour < 26; hour += 1) {
      server.clock.pass(12 * MINUTE);
      expect(await renew(bearer, await fresh())).toEqual({ status: 200, expiresIn: 900 });
      expect((await page.api(bearer, '/frame/content')).status).toBe(200);
    }
  });

  it('is refused when the host may no longer show the gadget', async () => {
    const { bearer } = await page.opened();
    await server.change({ hosts: [{ ...exampleHost(['http://localhost:8153']), gadgets: [] }] });
    expect(await renew(bearer, await fresh())).toMatchObject({ status: 403, code: 'gadget_not_allowed' });
  });

  it('revives an expired session for twelve hours, and not after', async () => {
    const { bearer } = await page.opened();
    server.clock.pass(11 * HOUR);
    expect((await page.api(bearer, '/frame/content')).status).toBe(401);
    expect((await renew(bearer, await fresh())).status).toBe(200);
    expect((await page.api(bearer, '/frame/content')).status).toBe(200);
    server.clock.pass(12 * HOUR + 16 * MINUTE);
    expect(await renew(bearer, await fresh())).toMatchObject({ status: 401, code: 'session_expired' });
  });

  it('needs the same viewer, gadget and locks', async () => {
    const { bearer } = await page.opened({ sub: 'ann', params: { project: 'apollo' } });
    const changes = [{ sub: 'bob' }, { gadget: 'other' }, { params: { project: 'gemini' } }, { params: {} }];
    for (const change of changes) {
      const token = await fresh({ sub: 'ann', params: { project: 'apollo' }, ...change });
      expect(await renew(bearer, token)).toMatchObject({ status: 409, code: 'viewer_changed' });
    }
    const same = await fresh({
      sub: 'ann',
      params: { project: 'apollo' },
      gadget: 'example',
      name: 'Ann Other',
    });
    expect((await renew(bearer, same)).status).toBe(200);
  });

  it('uses each token once, at launch or renewal', async () => {
    const { bearer } = await page.opened();
    const token = await fresh();
    expect((await renew(bearer, token)).status).toBe(200);
    expect(await renew(bearer, token)).toMatchObject({ status: 401, code: 'token_replayed' });
    expect((await page.launch({ token })).status).toBe(401);
    const spent = await fresh();
    expect((await page.launch({ token: spent })).status).toBe(200);
    expect(await renew(bearer, spent)).toMatchObject({ code: 'token_replayed' });
  });

  it('needs a bearer token, a host token, and a body of the right kind from the frame itself', async () => {
    const { bearer } = await page.opened();
    expect((await renew('A'.repeat(43), await fresh())).status).toBe(401);
    for (const token of [undefined, '', 7, 'x'.repeat(9000)])
      expect((await renew(bearer, token)).status).toBeGreaterThanOrEqual(400);
    const foreign = await page.api(bearer, '/frame/renew', {
      json: { token: await fresh() },
      origin: 'http://localhost:8153',
    });
    expect(foreign.status).toBe(403);
    const form = await fetch(`${server.gadgetOrigin}/frame/renew`, {
      method: 'POST',
      headers: { authorization: `Bearer ${bearer}` },
      body: new URLSearchParams({ token: await fresh() }),
    });
    expect(form.status).toBe(415);
  });
});
