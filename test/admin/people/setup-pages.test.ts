import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HttpBrowser } from '../../support/http-viewer.js';
import { type ConsoleApp, PASSWORD, startConsole } from '../console-app.js';

const DAY = 24 * 60 * 60_000;

describe('The link of the first run', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    app = await startConsole();
    browser = new HttpBrowser();
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await app.close();
  });

  const link = async () => (await app.manage.administrators.inviteFirst())?.link.reveal() ?? '';
  const accept = (of: string, form: Readonly<Record<string, string>> = {}) =>
    app.post(browser, '/admin/setup', {
      token: new URL(of).hash.slice(1),
      name: 'ann',
      password: PASSWORD,
      again: PASSWORD,
      ...form,
    });

  /** As the page's script sends it on. */
  const open = (of: string) => app.post(browser, '/admin/setup', { token: new URL(of).hash.slice(1) });

  it('carries its token where no request, log or Referer has it', async () => {
    const first = await link();
    const { pathname, search, hash } = new URL(first);
    expect([pathname, search]).toEqual(['/admin/setup', '']);
    expect(hash).toMatch(/^#[\w-]{43}$/);
    const page = await browser.send(app.siteOrigin + pathname);
    expect(page.status).toBe(200);
    expect(page.text).toMatch(/<form [^>]*method="post" action="\/admin\/setup" data-oriel-fragment>/);
    expect(page.text).toMatch(/<script src="[^"]+" defer>/);
    // Without script the link is pasted as it is.
    const pasted = await app.post(browser, '/admin/setup', { token: ` ${first}\n` });
    expect(pasted.text).toContain('Create your administrator account');
    // In an address it is ignored.
    const old = await browser.send(`${app.siteOrigin}/admin/setup?token=${hash.slice(1)}`);
    expect(old.text).not.toContain('Create your administrator account');
    expect(old.text).not.toContain(hash.slice(1));
    const query = `/admin/setup?token=${hash.slice(1)}`;
    expect((await app.post(browser, query, {})).status).toBe(404);
  });

  it('shows a form however often it is opened, and makes the administrator once', async () => {
    const first = await link();
    for (let n = 0; n < 3; n += 1) {
      const form = await open(first);
      expect(form.status).toBe(200);
      expect(form.headers['set-cookie']).toBeUndefined();
    }
    expect(await app.stores.admins.count()).toBe(0);
    expect((await accept(first)).headers.location).toBe('/admin/sign-in?name=ann');
    expect(await app.stores.admins.count()).toBe(1);
    expect((await accept(first, { name: 'eve' })).status).toBe(404);
    expect((await open(first)).status).toBe(404);
    expect((await app.events()).map(({ action }) => action)).toEqual(['admin.created']);
    expect(await app.manage.administrators.inviteFirst()).toBeNull();
    expect((await app.signedIn('ann')).token).not.toBe('');
  });

  it('works for a day, until a newer one is created, and only if complete', async () => {
    const old = await link();
    const newer = await link();
    expect((await accept(old)).status).toBe(404);
    for (const broken of ['', newer.slice(0, -1), `${newer}x`])
      expect((await app.post(browser, '/admin/setup', { token: broken })).status).toBe(404);
    app.clock.pass(DAY);
    expect((await accept(newer)).status).toBe(404);
    expect((await accept(await link())).status).toBe(303);
  });

  it('ends the session of the administrator who was signed in in this browser', async () => {
    await app.admin('ann');
    const ann = await app.signedIn('ann');
    const made = await app.manage.administrators.invite({ kind: 'system' });
    const token = new URL(made.link.reveal()).hash.slice(1);
    const form = { token, name: 'bob', password: PASSWORD, again: PASSWORD };
    expect((await app.post(ann.browser, '/admin/setup', form)).status).toBe(303);
    expect((await app.page(ann.browser, '/admin')).status).toBe(303);
  });

  it('creates no account for another site’s form', async () => {
    const token = new URL(await link()).hash.slice(1);
    const form = { token, name: 'eve', password: PASSWORD, again: PASSWORD };
    const url = `${app.siteOrigin}/admin/setup`;
    expect((await browser.send(url, { origin: 'https://evil.example', form })).status).toBe(403);
    expect((await browser.send(url, { form })).status).toBe(403);
    expect(await app.stores.admins.count()).toBe(0);
  });

  it.each([
    ['short', 'at least 12 characters'],
    ['password1234', 'easy to guess'],
    ['PassWord-1234', 'easy to guess'],
    ['aaaaaaaaaaaaaaaa', 'easy to guess'],
    ['abcdefghijklmnop', 'easy to guess'],
    ['987654321098765', 'easy to guess'],
    ['qwertyuiop123456', 'easy to guess'],
    ['Administration', 'easy to guess'],
    ['p@ssw0rd'.repeat(32), 'easy to guess'],
    ['annika-annika', 'too similar to the name'],
    ['a'.repeat(257), 'at most 256'],
  ])('refuses the password %j, and still works for another', async (password, why) => {
    const first = await link();
    const answer = await accept(first, { name: 'annika', password, again: password });
    expect(answer.status).toBe(422);
    expect(answer.text).toContain(why);
    expect(answer.text).toContain('value="annika"');
    expect(answer.text).not.toContain(`value="${password}"`);
    expect((await accept(first, { again: 'something else' })).text).toContain('don’t match');
    expect((await accept(first)).status).toBe(303);
  });

  it.each([
    'four words in a row',
    'пароль из четырёх слов',
    'x7#kQ!mz90Lp',
    'a long sentence that I know by heart. '.repeat(6),
  ])('takes the password %j', async (password) => {
    expect((await accept(await link(), { password, again: password })).status).toBe(303);
  });

  it.each(['', ' ann', 'ann\n', 'a'.repeat(65), '\u202eann'])('refuses the name %j', async (name) => {
    expect((await accept(await link(), { name })).status).toBe(422);
  });

  it('takes a password however a keyboard composes it, blanks and all', async () => {
    const composed = ' Zoë wört ünd 密碼 ';
    await accept(await link(), { password: composed, again: composed });
    const typed = { name: 'ann', password: composed.normalize('NFD') };
    expect((await app.post(browser, '/admin/sign-in', typed)).status).toBe(303);
    const trimmed = { name: 'ann', password: composed.trim() };
    expect((await app.post(new HttpBrowser(), '/admin/sign-in', trimmed)).status).toBe(401);
  });

  it('keeps neither password nor link where they could be read', async () => {
    const first = await link();
    await accept(first);
    const ann = await app.stores.admins.byName('ann');
    expect(ann?.passwordHash).toMatch(/^scrypt\$N=\d+,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(JSON.stringify([await app.events(), app.lines])).not.toContain(first.slice(-43));
    expect(JSON.stringify(await app.manage.administrators.list())).not.toContain('scrypt');
  });
});
