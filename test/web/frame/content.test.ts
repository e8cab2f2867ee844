import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Rendered } from '../../../src/domain/rendering.js';
import { fragment, type GadgetServer, startGadgetServer } from '../../support/gadget-server.js';
import { frameDataOf, launcher } from './launching.js';

let server: GadgetServer;
let page: ReturnType<typeof launcher>;
beforeEach(async () => {
  server = await startGadgetServer({ renderBudget: 60 });
  page = launcher(server);
});
afterEach(() => server.close());

/** A result that comes when the test says so. */
const gate = <T>() => {
  let open: (value: T) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const opened = new Promise<T>((resolve, reject) => {
    open = resolve;
    fail = reject;
  });
  // A failure is handed on by whatever asks for it.
  opened.catch(() => undefined);
  return { opened, open, fail };
};

describe('the frame’s own fetch', () => {
  it('gets the fragment with its state, its ETag and its age, stored in no cache', async () => {
    const { bearer, etag } = await page.opened();
    server.render(() => fragment('<p>new</p>', { fetchedAt: Date.UTC(2026, 10, 21), stale: true }));
    const { status, headers, text } = await page.api(bearer, '/frame/content');
    expect([status, text]).toEqual([200, '<section data-oriel-state="content"><p>new</p></section>']);
    expect(headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'private, no-store',
      'x-oriel-state': 'content',
      'x-oriel-fetched-at': '2026-11-21T00:00:00.000Z',
      'x-oriel-stale': '1',
    });
    expect(headers.etag).not.toBe(etag);
  });

  it('gets 304 for the bytes it has, from the launch page on', async () => {
    server.render(() => fragment('<p>same</p>'));
    const { bearer, etag } = await page.opened();
    const same = await page.api(bearer, '/frame/content', { headers: { 'if-none-match': etag ?? '' } });
    expect([same.status, same.text, same.headers.etag]).toEqual([304, '', etag]);
    expect(same.headers['x-oriel-fetched-at']).toBeDefined();
    const other = await page.api(bearer, '/frame/content', { headers: { 'if-none-match': '"other"' } });
    expect(other.status).toBe(200);
  });

  it('leaves in the log which provider could not be used and why, as the launch does', async () => {
    const failed = [{ provider: 'mingle', code: 'http-503' }];
    server.render(() => fragment('', { state: 'provider-down', failed }));
    const launched = await page.launch({ token: await page.token() });
    const { bearer } = frameDataOf(launched);
    const answer = await page.api(bearer, '/frame/content');
    for (const { headers } of [launched, answer]) {
      const line = server.lines.find(({ requestId }) => requestId === headers['x-request-id']);
      expect(line).toMatchObject({ state: 'provider-down', provider: 'mingle', code: 'http-503' });
    }
  });

  it('gets 202 while it is rendered, and joins the rendering that the launch started', async () => {
    const slow = gate<Rendered>();
    server.render(() => slow.opened);
    const { bearer, skeleton, state } = await page.opened();
    expect([skeleton, state]).toEqual([true, 'loading']);
    const early = await page.api(bearer, '/frame/content');
    expect([early.status, early.headers['retry-after'], early.text]).toEqual([202, '1', '']);
    slow.open(fragment('<p>slow</p>', { etag: '"slow"' }));
    const answer = await page.api(bearer, '/frame/content');
    expect([answer.status, answer.headers.etag]).toEqual([200, '"slow"']);
    expect(server.asked).toHaveLength(1);
    await page.api(bearer, '/frame/content');
    expect(server.asked).toHaveLength(2);
  });

  it('learns of a rendering that failed late, and the next one starts afresh', async () => {
    const slow = gate<Rendered>();
    server.render(() => slow.opened);
    const { bearer } = await page.opened();
    slow.fail(new Error('a bug'));
    const broken = await page.api(bearer, '/frame/content');
    expect(broken.status).toBe(500);
    expect(broken.text).not.toContain('a bug');
    server.render(() => fragment('<p>well again</p>'));
    expect((await page.api(bearer, '/frame/content')).status).toBe(200);
  });

  it('needs the bearer token of a live session', async () => {
    const { bearer } = await page.opened();
    const none = await page.api(null, '/frame/content');
    expect([none.status, JSON.parse(none.text).code]).toEqual([401, 'session_missing']);
    expect(none.headers['content-type']).toContain('application/problem+json');
    expect((await page.api(`${bearer.slice(0, -1)}!`, '/frame/content')).status).toBe(401);
    expect((await page.api('A'.repeat(43), '/frame/content')).status).toBe(401);
    server.clock.pass(15 * 60_000 + 1);
    const late = await page.api(bearer, '/frame/content');
    expect([late.status, JSON.parse(late.text).code]).toEqual([401, 'session_expired']);
  });

  it('is refused with another origin than the frame’s', async () => {
    const { bearer } = await page.opened();
    for (const origin of ['http://localhost:8153', 'null', server.siteOrigin]) {
      const answer = await page.api(bearer, '/frame/content', { headers: { origin } });
      expect([answer.status, JSON.parse(answer.text).code]).toEqual([403, 'origin_refused']);
    }
  });

  it('never shows one viewer what another’s bearer token asks for', async () => {
    server.render(({ viewer }) => fragment(`<p>${viewer.sub}</p>`));
    const [ann, bob] = await Promise.all([page.opened({ sub: 'ann' }), page.opened({ sub: 'bob' })]);
    const [first, second] = await Promise.all([
      page.api(ann.bearer, '/frame/content'),
      page.api(bob.bearer, '/frame/content', { headers: { 'if-none-match': ann.etag ?? '' } }),
    ]);
    expect(first.text).toContain('<p>ann</p>');
    expect([second.status, second.text]).toEqual([200, expect.stringContaining('<p>bob</p>')]);
  });

  it('exists on the gadget origin alone', async () => {
    const { bearer } = await page.opened();
    const answer = await page.get(`${server.siteOrigin}/frame/content`, {
      authorization: `Bearer ${bearer}`,
    });
    expect(answer.status).toBe(404);
  });
});
