import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { withoutRandom } from '../../support/without-random.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../console-app.js';

const MINUTE = 60_000;
const LIST = '/admin/administrators';

describe('Signing in to the console', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    app = await startConsole();
    await app.admin('ann');
    browser = new HttpBrowser();
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await app.close();
  });

  const tries = (name: string, password: string, form = {}, from?: string) =>
    app.post(
      browser,
      '/admin/sign-in',
      { name, password, ...form },
      from === undefined ? {} : { 'x-forwarded-for': from },
    );
  const cookie = (of = browser) => of.cookies(app.siteOrigin).get('oriel-admin');
  const isSignedIn = async (as = browser) => (await app.page(as, LIST)).status === 200;

  it('takes name and password, whatever the case of the name, and goes to where the person wanted', async () => {
    const wanted = await app.page(browser, `${LIST}?a=1`);
    expect(wanted.status).toBe(303);
    const form = await browser.send(redirectOf(wanted, app.siteOrigin));
    expect(form.text).toContain('value="/admin/administrators?a=1"');
    const answer = await tries('ANN', PASSWORD, { to: `${LIST}?a=1` });
    expect(redirectOf(answer, app.siteOrigin)).toBe(`${app.siteOrigin}${LIST}?a=1`);
    const set = String(answer.headers['set-cookie']).toLowerCase();
    expect(set).toContain('httponly');
    expect(set).toContain('samesite=strict');
    expect(await isSignedIn()).toBe(true);
    expect((await app.events()).at(-1)).toMatchObject({
      action: 'admin.signed-in',
      outcome: 'done',
      actor: { name: 'ann' },
    });
  });

  it('takes a link from elsewhere to a page of ours that asks again, since the session does not come along', async () => {
    const { browser: ann } = await app.signedIn();
    const url = `${app.siteOrigin}${LIST}?a=1&b="><script>`;
    const followed = await new HttpBrowser().send(url, { headers: { 'sec-fetch-site': 'cross-site' } });
    expect(followed.status).toBe(200);
    const next = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(followed.text)?.[1] ?? '';
    expect(next).toBe(`${LIST}?a=1&amp;b=%22%3E%3Cscript%3E`);
    expect(withoutRandom(followed.text)).not.toContain('ann');
    expect((await app.page(ann, next)).status).toBe(200);
    const nobody = { headers: { 'sec-fetch-site': 'same-origin' } };
    expect((await new HttpBrowser().send(app.siteOrigin + next, nobody)).status).toBe(303);
  });

  it.each([
    'https://evil.example/admin',
    '//evil.example/admin',
    '/admin/../../evil',
    '/admin\\@evil.example',
    '/\\evil.example',
    '/connections',
    '/admin/..//evil.example',
    '/admin/sign-out',
    '/administrators',
    `/admin/${'a'.repeat(2000)}`,
    'javascript:alert(1)',
    '/admin\n/x',
  ])('never goes on to %j', async (to) => {
    expect(redirectOf(await tries('ann', PASSWORD, { to }), app.siteOrigin)).toBe(`${app.siteOrigin}/admin`);
  });

  it('gives the same answer to an unknown name and to a wrong password, and stores no name', async () => {
    const wrong = await tries('ann', 'not her password');
    const unknown = await tries('somebody', 'not her password');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    const messageIn = (text: string) =>
      text.replace(/value="(ann|somebody)"/g, '').replace(/Request <code>[^<]+/, '');
    expect(messageIn(wrong.text)).toBe(messageIn(unknown.text));
    expect(wrong.headers['set-cookie']).toBeUndefined();
    const refused = (await app.events()).slice(-2);
    expect(refused.map(({ action }) => action)).toEqual(['admin.sign-in-refused', 'admin.sign-in-refused']);
    expect(JSON.stringify(refused)).not.toContain('somebody');
  });

  it('slows down guessing from that address only, and says how long to wait', async () => {
    for (let n = 0; n < 6; n += 1) expect((await tries('ann', `guess ${n}`)).status).toBe(401);
    const slowed = await tries('ann', PASSWORD);
    expect(slowed.status).toBe(429);
    expect(Number(slowed.headers['retry-after'])).toBeGreaterThan(0);
    expect(slowed.text).toContain('Wait 15 minutes');
    expect(cookie()).toBeUndefined();
    expect((await tries('ann', PASSWORD, {}, '192.0.2.7')).status).toBe(303);
    app.clock.pass(15 * MINUTE);
    expect((await tries('ann', PASSWORD)).status).toBe(303);
  });

  it('counts guesses that come at the same time', async () => {
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, n) => tries('ann', n === 11 ? PASSWORD : `guess ${n}`)),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(6);
  });

  it('lets its administrator sign in from anywhere while a whole network guesses', async () => {
    const home = '192.0.2.1';
    const away = '203.0.113.9';
    expect((await tries('ann', PASSWORD, {}, home)).status).toBe(303);
    const { browser: inside, token } = await app.signedIn();
    let over = false;
    let judged = 0;
    const worker = async (one: number): Promise<void> => {
      for (let n = 0; !over; n += 1) {
        const from = `2001:db8:77:${(one * 256 + (n % 256)).toString(16)}::1`;
        const name = n % 10 === 0 ? 'ann' : `name-${one}-${n}`;
        const form = { name, password: 'a guess' };
        const answer = await app.post(new HttpBrowser(), '/admin/sign-in', form, { 'x-forwarded-for': from });
        if (answer.status === 401) judged += 1;
      }
    };
    const crowd = Array.from({ length: 60 }, (_, one) => worker(one));
    await expect.poll(() => judged).toBeGreaterThan(5);
    for (const from of [home, away, home]) expect((await tries('ann', PASSWORD, {}, from)).status).toBe(303);
    app.clock.pass(6 * MINUTE);
    const confirm = { 'form-token': token, 'confirm-password': PASSWORD, to: '/admin' };
    expect((await app.post(inside, '/admin/confirm', confirm)).status).toBe(303);
    over = true;
    await Promise.all(crowd);
    // And afterwards no one has to wait for what the crowd did.
    expect((await tries('ann', PASSWORD, {}, '198.51.100.3')).status).toBe(303);
    expect(judged).toBeLessThanOrEqual(80);
  });

  it('accepts a signed-in person’s password however many guesses come from their address', async () => {
    const { browser: inside, token } = await app.signedIn();
    for (let n = 0; n < 7; n += 1) await tries('ann', `guess ${n}`);
    expect((await tries('ann', PASSWORD)).status).toBe(429);
    app.clock.pass(6 * MINUTE);
    const confirm = { 'form-token': token, 'confirm-password': PASSWORD, to: '/admin' };
    expect((await app.post(inside, '/admin/confirm', confirm)).status).toBe(303);
  });

  it('ignores a session key that the browser brought along: the new session has a new key', async () => {
    const planted = 'p'.repeat(43);
    await app.stores.webSessions.set(planted, JSON.stringify({ formToken: 'x' }), app.clock.now() + MINUTE);
    const answer = await app.post(
      browser,
      '/admin/sign-in',
      { name: 'ann', password: PASSWORD },
      { cookie: `oriel-admin=${planted}` },
    );
    expect(answer.status).toBe(303);
    expect(cookie()).toMatch(/^[\w-]{43}$/);
    expect(cookie()).not.toBe(planted);
    const replay = await new HttpBrowser().send(app.siteOrigin + LIST, {
      headers: { cookie: `oriel-admin=${planted}` },
    });
    expect(replay.status).toBe(303);
  });

  it('signs in again with a new session key, and the old key no longer works', async () => {
    await tries('ann', PASSWORD);
    const before = cookie();
    await tries('ann', PASSWORD);
    expect(cookie()).not.toBe(before);
    const replay = { headers: { cookie: `oriel-admin=${before}` } };
    expect((await new HttpBrowser().send(app.siteOrigin + LIST, replay)).status).toBe(303);
  });

  it('ends after thirty minutes without use, and after twelve hours whatever the use', async () => {
    await tries('ann', PASSWORD);
    for (let hour = 0; hour < 24; hour += 1) {
      expect(await isSignedIn()).toBe(true);
      app.clock.pass(29 * MINUTE);
    }
    expect(await isSignedIn()).toBe(true);
    app.clock.pass(24 * MINUTE);
    expect(await isSignedIn()).toBe(false);
    await tries('ann', PASSWORD);
    app.clock.pass(31 * MINUTE);
    expect(await isSignedIn()).toBe(false);
  });

  it('ends when the person signs out, also for a request that was under way', async () => {
    const { browser: ann, token } = await app.signedIn();
    const key = cookie(ann);
    const late = app.page(ann, LIST);
    expect((await app.post(ann, '/admin/sign-out', { 'form-token': token })).status).toBe(303);
    await late;
    const replay = { headers: { cookie: `oriel-admin=${key}` } };
    expect((await new HttpBrowser().send(app.siteOrigin + LIST, replay)).status).toBe(303);
    expect((await app.events()).at(-1)).toMatchObject({ action: 'admin.signed-out' });
  });

  it('ends with a removed administrator, and with a password that was set elsewhere', async () => {
    const bob = await app.admin('bob');
    const { browser: bobs } = await app.signedIn('bob');
    const { browser: anns } = await app.signedIn('ann');
    const ann = await app.stores.admins.byName('ann');
    await app.manage.administrators.remove(bob.id, { kind: 'system' });
    const key = cookie(bobs) ?? '';
    expect(await isSignedIn(bobs)).toBe(false);
    expect(await app.stores.webSessions.get(key, app.clock.now())).toBeNull();
    expect(await isSignedIn(anns)).toBe(true);
    await app.stores.admins.setPassword(ann?.id ?? '', 'x', ann?.version ?? 0);
    expect(await isSignedIn(anns)).toBe(false);
  });

  it('does not accept the cookie of My connections', async () => {
    const viewer = 'v'.repeat(43);
    const content = JSON.stringify({ visitor: { host: 'gocd', sub: 'ann', name: null } });
    await app.stores.webSessions.set(viewer, content, app.clock.now() + MINUTE);
    for (const name of ['oriel-viewer', 'oriel-admin']) {
      const answer = await new HttpBrowser().send(app.siteOrigin + LIST, {
        headers: { cookie: `${name}=${viewer}` },
      });
      expect(answer.status).toBe(303);
    }
  });
});
