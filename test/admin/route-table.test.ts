import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Assets } from '../../src/web/assets.js';
import { type Answer, HttpBrowser } from '../support/http-viewer.js';
import { replacing } from '../support/replacing.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';
import { type ConsoleApp, startConsole } from './console-app.js';
import { OUTSIDERS } from './outsiders.js';

/** The few addresses below /admin that need no sign-in. Anyone who adds one adds it here, and says why in review. */
const PUBLIC = [
  'GET /admin/oidc/callback',
  'GET /admin/oidc/done',
  'GET /admin/setup',
  'GET /admin/sign-in',
  'POST /admin/oidc/start',
  'POST /admin/setup',
  'POST /admin/sign-in',
];

/** Addresses that a script of our own page sends JSON to, and that take no form at all. */
const JSON_ALONE = ['POST /admin/preview/token'];

const refused = (answer: Answer): string => /<code>([a-z_]+)<\/code>/.exec(answer.text)?.[1] ?? '';

/** An identity provider to which no one is sent here. */
const oidc = {
  issuer: 'https://accounts.example',
  name: 'Example accounts',
  client: { id: 'oriel', secret: 'a-client-secret' },
  allow: { emails: ['ann@example.com'] },
};

/** What a page's author adds who forgot to say who may see it. */
const withPlanted = (assets: Assets): Assets =>
  replacing(assets, {
    mount(router, framed) {
      assets.mount(router, framed);
      if (framed) return;
      for (const [method, path] of [
        ['get', '/admin/planted'],
        ['post', '/admin/planted/:id'],
      ] as const)
        router[method](path, (ctx) => {
          ctx.body = 'planted';
        });
    },
  });

describe('Every address of the console', () => {
  let app: ConsoleApp;
  let routes: readonly { method: 'GET' | 'POST'; path: string; name: string }[];
  let behind: typeof routes;

  beforeAll(async () => {
    app = await startConsole({
      // A reload waits for the server's own look at what others ask for.
      clock: new TestClock('runs'),
      config: { admin: { oidc } },
      replace: ({ pages }) => ({ pages: { ...pages, assets: withPlanted(pages.assets) } }),
    });
    await app.admin('ann');
    routes = app.running
      .routes()
      .filter(({ path }) => /^\/admin(\/|$)/.test(path))
      .map(({ method, path }) => ({
        method: method === 'POST' ? ('POST' as const) : ('GET' as const),
        path: path.replaceAll(/:\w+/g, 'some-id'),
        name: `${method} ${path}`,
      }));
    behind = routes.filter(({ name }) => !PUBLIC.includes(name));
  });
  afterAll(() => app.close());

  const send = (
    { method, path }: (typeof routes)[number],
    browser: HttpBrowser,
    options: { origin?: string; token?: string; headers?: Readonly<Record<string, string>> } = {},
  ) =>
    browser.send(app.siteOrigin + path, {
      method,
      ...(method === 'POST' && { form: { 'form-token': options.token ?? '' } }),
      ...(options.origin !== undefined && { origin: options.origin }),
      ...(options.headers && { headers: options.headers }),
    });

  it('is behind the guard, but for those on the list', () => {
    const open = routes.filter(({ name }) => PUBLIC.includes(name)).map(({ name }) => name);
    expect(open.sort()).toEqual(PUBLIC);
    expect(behind.length).toBeGreaterThan(15);
    expect(behind.map(({ name }) => name)).toContain('GET /admin/planted');
  });

  it.each(Object.keys(OUTSIDERS))('sends %s to the sign-in page, and refuses their forms', async (who) => {
    for (const route of behind) {
      const browser = (await OUTSIDERS[who]?.(app)) ?? new HttpBrowser();
      const answer = await send(route, browser, { origin: app.siteOrigin, token: 'f' });
      const seen = [route.name, answer.status, answer.text.includes('planted')];
      if (route.method === 'GET') {
        expect(seen).toEqual([route.name, 303, false]);
        expect(answer.headers.location).toMatch(/^\/admin\/sign-in\?to=/);
      } else {
        expect(seen).toEqual([route.name, 401, false]);
        expect(refused(answer)).toBe('sign_in_required');
      }
    }
  });

  it('answers an administrator', async () => {
    const { browser, token } = await app.signedIn('ann');
    for (const route of behind.filter(({ path }) => path !== '/admin/sign-out')) {
      const answer = await send(route, browser, { origin: app.siteOrigin, token });
      expect([route.name, answer.status === 401, refused(answer)]).not.toEqual([
        route.name,
        true,
        'sign_in_required',
      ]);
      expect(String(answer.headers.location ?? '')).not.toMatch(/sign-in/);
      expect(refused(answer)).not.toMatch(/form_expired|origin_refused/);
    }
  });

  it('takes no form that another site, or no page of ours, sent', async () => {
    const { browser, token } = await app.signedIn('ann');
    const forged: readonly Readonly<Record<string, string>>[] = [
      {},
      { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' },
      { origin: app.siteOrigin, 'sec-fetch-site': 'cross-site' },
      { origin: app.siteOrigin, 'sec-fetch-site': 'same-site' },
      { origin: app.siteOrigin },
      { 'sec-fetch-site': 'same-origin' },
      { origin: 'null', 'sec-fetch-site': 'same-origin' },
    ];
    for (const route of routes.filter(({ method }) => method === 'POST')) {
      for (const headers of forged) {
        const answer = await send(route, browser, { token, headers });
        expect([route.name, headers, answer.status, refused(answer)]).toEqual([
          route.name,
          headers,
          403,
          'origin_refused',
        ]);
      }
    }
  });

  it('takes no form without its session’s own token', async () => {
    const { browser } = await app.signedIn('ann');
    const { token: foreign } = await app.signedIn('ann');
    for (const route of behind.filter(({ method }) => method === 'POST')) {
      for (const token of ['', 'x', foreign]) {
        const answer = await send(route, browser, { origin: app.siteOrigin, token });
        const expected = JSON_ALONE.includes(route.name)
          ? [415, 'media_type_unsupported']
          : [403, 'form_expired'];
        expect([route.name, answer.status, refused(answer)]).toEqual([route.name, ...expected]);
      }
    }
  });

  it('answers HEAD as it answers GET, and nothing else', async () => {
    const { browser } = await app.signedIn('ann');
    for (const [who, status] of [
      [new HttpBrowser(), 303],
      [browser, 200],
    ] as const) {
      const { status: answered } = await fetchAs(who, 'HEAD');
      expect(answered).toBe(status);
    }
    expect((await fetchAs(new HttpBrowser(), 'DELETE')).status).toBe(401);
    expect((await fetchAs(browser, 'DELETE')).status).toBe(403);
  });

  it('is 404 when the console is switched off', async () => {
    const without = await createTestServer({ admin: { enabled: false } });
    const browser = new HttpBrowser();
    for (const path of ['/admin', '/admin/sign-in', '/admin/setup'])
      expect((await browser.send(without.siteOrigin + path)).status).toBe(404);
    await without.close();
    expect((await app.page(browser, '/administrators')).status).toBe(404);
  });

  const fetchAs = (browser: HttpBrowser, method: string) => {
    const cookie = [...browser.cookies(app.siteOrigin)].map(([name, value]) => `${name}=${value}`).join('; ');
    return fetch(`${app.siteOrigin}/admin/administrators`, {
      method,
      redirect: 'manual',
      headers: { cookie },
    });
  };
});
