import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Answer, HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { tokenIn } from '../console-app.js';
import { type OpenIdConsole, startOpenIdConsole } from './openid-console.js';

const LIST = '/admin/administrators';
const COOKIE = 'oriel-admin-oidc';
const codeOf = ({ text }: Answer): string => /<code>([a-z_]+)<\/code>/.exec(text)?.[1] ?? '';

describe('Signing in to the console by OpenID Connect', () => {
  let setup: OpenIdConsole;
  let app: OpenIdConsole['app'];
  let oidc: OpenIdConsole['oidc'];
  let allow: { subjects: string[]; emails: string[] };
  let browser: HttpBrowser;

  beforeEach(async () => {
    allow = { subjects: ['alice'], emails: ['Bob@example.com', 'carol@example.com', 'dan@example.com'] };
    setup = await startOpenIdConsole(allow, {
      people: ['alice', 'bob', 'carol', 'dan', 'eve'],
      emails: {
        bob: { email: 'bob@example.com', email_verified: true },
        carol: { email: 'carol@example.com', email_verified: false },
        dan: { email: 'dan@example.com', email_verified: 'true' },
        eve: { email: 'eve@example.com', email_verified: true },
      },
    });
    ({ app, oidc } = setup);
    browser = new HttpBrowser();
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await setup.close();
  });

  const start = async (form: Readonly<Record<string, string>> = {}, as = browser): Promise<URL> =>
    new URL(redirectOf(await app.post(as, '/admin/oidc/start', form), app.siteOrigin));
  const back = async (person: string | null, url?: URL): Promise<string> =>
    (await oidc.consent((url ?? (await start())).href, person)).href;
  const goOn = () => app.page(browser, '/admin/oidc/done');
  const signIn = async (person: string) => {
    await browser.send(await back(person));
    return goOn();
  };
  const isSignedIn = async () => (await app.page(browser, LIST)).status === 200;
  const refused = async (answer: Answer) => {
    expect([answer.status, codeOf(answer)]).toEqual([401, 'sign_in_failed']);
    expect((await goOn()).status).toBe(401);
    expect(await isSignedIn()).toBe(false);
  };

  it('asks with PKCE, state and nonce, and comes back to a page that moves on without script', async () => {
    expect((await app.page(browser, '/admin/sign-in')).text).toContain('Sign in with');
    const url = await start({ to: `${LIST}?a=1` });
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      response_type: 'code',
      scope: 'openid email',
      code_challenge_method: 'S256',
    });
    expect(url.searchParams.has('prompt')).toBe(false);
    for (const name of ['state', 'nonce', 'code_challenge'])
      expect(url.searchParams.get(name)?.length).toBeGreaterThan(30);
    const returned = await browser.send(await back('alice', url));
    expect(returned.text).toContain('<meta http-equiv="refresh" content="0; url=/admin/oidc/done">');
    expect(returned.text).toContain('href="/admin/oidc/done"');
    expect(browser.cookies(app.siteOrigin).has('oriel-admin')).toBe(false);
    expect(redirectOf(await goOn(), app.siteOrigin)).toBe(`${app.siteOrigin}${LIST}?a=1`);
    expect(browser.cookies(app.siteOrigin).has(COOKIE)).toBe(false);
    expect(await isSignedIn()).toBe(true);
    expect((await app.events()).at(-1)).toMatchObject({
      action: 'admin.signed-in',
      code: 'oidc',
      actor: { name: 'alice' },
    });
  });

  it('recognizes a person, and the verified address in any case', async () => {
    await signIn('bob');
    await signIn('bob');
    expect(await isSignedIn()).toBe(true);
    expect((await app.stores.admins.list()).map(({ name }) => name)).toEqual(['bob@example.com']);
  });

  it.each(['carol', 'dan', 'eve'])(
    'does not let %s in: not on the list, or no verified address',
    async (person) => {
      await refused(await browser.send(await back(person)));
      expect(await app.stores.admins.count()).toBe(0);
      expect((await app.events()).at(-1)).toMatchObject({
        action: 'admin.sign-in-refused',
        code: 'not-allowed',
      });
    },
  );

  it('takes an answer only in the browser that asked', async () => {
    const callback = await back('alice');
    const other = new HttpBrowser();
    expect((await other.send(callback)).status).toBe(401);
    await start({}, other);
    expect((await other.send(callback)).status).toBe(401);
  });

  it('takes an answer once', async () => {
    const callback = await back('alice');
    const kept = browser.cookies(app.siteOrigin).get(COOKIE);
    await browser.send(callback);
    expect((await browser.send(callback)).status).toBe(401);
    const replay = { headers: { cookie: `${COOKIE}=${kept}` } };
    expect((await new HttpBrowser().send(callback, replay)).status).toBe(401);
  });

  it('opens one session with what was proved', async () => {
    await browser.send(await back('alice'));
    const proved = { headers: { cookie: `${COOKIE}=${browser.cookies(app.siteOrigin).get(COOKIE)}` } };
    expect((await goOn()).status).toBe(303);
    const replay = await new HttpBrowser().send(`${app.siteOrigin}/admin/oidc/done`, proved);
    expect([replay.status, codeOf(replay)]).toEqual([401, 'sign_in_failed']);
  });

  it.each(['state', 'code', 'iss'])('refuses an answer with another %s', async (name) => {
    const callback = new URL(await back('alice'));
    callback.searchParams.set(name, 'https://something.else');
    await refused(await browser.send(callback.href));
  });

  it('refuses a person who said no, and an answer that proves nothing', async () => {
    await refused(await browser.send(await back(null)));
    await refused(await browser.send(`${app.siteOrigin}/admin/oidc/callback`));
    await start();
    await refused(await goOn());
  });

  it('keeps what it remembers in the store, under a cookie that other sites’ links carry', async () => {
    const answer = await app.post(browser, '/admin/oidc/start', {});
    const set = String(answer.headers['set-cookie']).toLowerCase();
    expect(set).toContain('samesite=lax');
    expect(set).toContain('httponly');
    const url = new URL(redirectOf(answer, app.siteOrigin));
    expect(set).not.toContain(url.searchParams.get('state')?.toLowerCase());
  });

  it('ends a session whose person was taken off the list', async () => {
    await signIn('alice');
    allow.subjects.pop();
    expect(await isSignedIn()).toBe(false);
  });

  describe('to re-authenticate', () => {
    beforeEach(async () => {
      await signIn('alice');
      app.clock.pass(6 * 60_000);
    });
    const again = async () => {
      const asked = await app.page(browser, `${LIST}/invite`);
      expect(asked.headers.location).toMatch(/^\/admin\/confirm\?to=/);
      const form = await browser.send(redirectOf(asked, app.siteOrigin));
      expect(form.text).not.toContain('type="password"');
      const token = tokenIn(form);
      return start({ 'form-token': token, again: 'yes', to: `${LIST}/invite` });
    };

    it('asks the identity provider to ask', async () => {
      const url = await again();
      expect(url.searchParams.get('prompt')).toBe('login');
      expect(url.searchParams.get('max_age')).toBe('0');
      const key = browser.cookies(app.siteOrigin).get('oriel-admin');
      await browser.send(await back('alice', url));
      expect(redirectOf(await goOn(), app.siteOrigin)).toBe(`${app.siteOrigin}${LIST}/invite`);
      expect(browser.cookies(app.siteOrigin).get('oriel-admin')).toBe(key);
      expect((await app.page(browser, `${LIST}/invite`)).status).toBe(200);
    });

    it('still works when too many people were sent there from this address', async () => {
      const { signInThrottle } = app.stores;
      while ((await signInThrottle.redirect({ address: '127.0.0.1' })) === null);
      const refused = await app.post(new HttpBrowser(), '/admin/oidc/start', {});
      expect([refused.status, refused.headers.location]).toEqual([429, undefined]);
      expect(refused.text).toContain('Too many attempts');
      expect((await again()).searchParams.get('prompt')).toBe('login');
    });

    it('refuses an identity provider that did not', async () => {
      setup.clock.pass(60_000);
      const answer = await browser.send(await back('alice', await again()));
      expect([answer.status, codeOf(answer)]).toEqual([401, 'sign_in_failed']);
      expect(answer.text).toContain('did not ask you again');
      expect((await app.page(browser, `${LIST}/invite`)).status).toBe(303);
    });

    it('refuses an answer without the time', async () => {
      const url = await again();
      for (const name of ['max_age', 'prompt']) url.searchParams.delete(name);
      expect((await browser.send(await back('alice', url))).status).toBe(401);
    });

    it('refuses another person', async () => {
      await browser.send(await back('bob', await again()));
      expect((await goOn()).status).toBe(401);
      expect((await app.page(browser, `${LIST}/invite`)).status).toBe(303);
    });
  });
});
