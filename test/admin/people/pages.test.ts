import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { adminViewer } from '../../../src/hosts/console-host.js';
import type { HttpBrowser } from '../../support/http-viewer.js';
import { HttpBrowser as Browser, redirectOf } from '../../support/http-viewer.js';
import { type ConsoleApp, PASSWORD, startConsole, tokenIn } from '../console-app.js';

const LIST = '/admin/administrators';
const SIX_MINUTES = 6 * 60_000;

describe('The page Administrators', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;
  let token: string;

  beforeEach(async () => {
    app = await startConsole();
    await app.admin('ann');
    ({ browser, token } = await app.signedIn('ann'));
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await app.close();
  });

  const get = (path: string) => app.page(browser, path);
  const post = (path: string, form: Readonly<Record<string, string>> = {}) =>
    app.post(browser, path, { 'form-token': token, ...form });
  const once = (text: string) =>
    /<pre class="code code-wrap" tabindex="0">([^<]+)<\/pre>/.exec(text)?.[1] ?? '';

  it('invites by a link that is shown once', async () => {
    const made = await post(`${LIST}/invite`);
    expect(made.status).toBe(200);
    const link = once(made.text);
    const opened = await app.post(new Browser(), '/admin/setup', { token: new URL(link).hash.slice(1) });
    expect(opened.text).toContain('Create your administrator account');
    expect((await get(LIST)).text).not.toContain(link);
    expect((await app.events()).at(-1)).toMatchObject({
      action: 'admin.invited',
      actor: { kind: 'admin', name: 'ann' },
    });
  });

  it('removes another one, says so once, and never the last one', async () => {
    const bob = await app.admin('bob <script>');
    expect((await get(LIST)).text).toContain('bob &lt;script&gt;');
    expect((await get(`${LIST}/${bob.id}/remove`)).text).toContain('You can’t undo this');
    const removed = await post(`${LIST}/${bob.id}/remove`);
    const after = await browser.send(redirectOf(removed, app.siteOrigin));
    expect(after.text).toContain('is no longer an administrator');
    expect((await get(LIST)).text).not.toContain('is no longer an administrator');
    const [bulkDisconnect] = await app.stores.bulkDisconnects.latest(1);
    expect(bulkDisconnect?.leaver).toEqual({
      kind: 'viewer',
      host: 'oriel-console',
      viewer: adminViewer(bob),
    });
    const ann = await app.stores.admins.byName('ann');
    const last = await post(`${LIST}/${ann?.id}/remove`);
    expect(last.status).toBe(409);
    expect(last.text).toContain('admin_last');
    expect(last.text).toContain('aria-label="Administration"');
    expect((await post(`${LIST}/nobody/remove`)).status).toBe(404);
  });

  it('changes one’s own password, which ends one’s other sessions', async () => {
    const other = await app.signedIn('ann');
    const wanted = { current: PASSWORD, password: 'another four words', again: 'another four words' };
    const key = browser.cookies(app.siteOrigin).get('oriel-admin');
    expect((await post(`${LIST}/password`, { ...wanted, current: 'wrong' })).status).toBe(403);
    expect((await post(`${LIST}/password`, { ...wanted, again: 'x' })).status).toBe(422);
    expect((await post(`${LIST}/password`, { ...wanted, password: 'ann', again: 'ann' })).status).toBe(422);
    expect((await post(`${LIST}/password`, wanted)).status).toBe(303);
    expect(browser.cookies(app.siteOrigin).get('oriel-admin')).not.toBe(key);
    expect((await get(LIST)).status).toBe(200);
    expect((await app.page(other.browser, LIST)).status).toBe(303);
    await expect(app.signedIn('ann')).rejects.toThrow('401');
  });

  it('slows down anyone who guesses the password of an open session', async () => {
    for (let n = 0; n < 6; n += 1) await post(`${LIST}/password`, { current: `guess ${n}` });
    expect((await post(`${LIST}/password`, { current: PASSWORD })).status).toBe(429);
  });

  describe('asks to confirm who it is', () => {
    beforeEach(() => app.clock.pass(SIX_MINUTES));

    it('on the way to a page, and comes back', async () => {
      const asked = await get(`${LIST}/invite?x=1`);
      expect(asked.headers.location).toBe(`/admin/confirm?to=${encodeURIComponent(`${LIST}/invite?x=1`)}`);
      const form = await browser.send(redirectOf(asked, app.siteOrigin));
      expect(form.text).toContain('Confirm it’s you');
      const to = `${LIST}/invite?x=1`;
      expect((await post('/admin/confirm', { to, 'confirm-password': 'wrong' })).status).toBe(403);
      expect((await get(`${LIST}/invite`)).status).toBe(303);
      const right = await post('/admin/confirm', { to, 'confirm-password': PASSWORD });
      expect(right.headers.location).toBe(to);
      expect((await get(`${LIST}/invite`)).status).toBe(200);
      app.clock.pass(SIX_MINUTES);
      expect((await get(`${LIST}/invite`)).status).toBe(303);
    });

    it('after a form took long to fill in, without losing what was entered', async () => {
      const typed = { name: 'nightly "build" <b>', days: '30', 'scope.audit:read': 'yes' };
      const asked = await post('/admin/api-keys/new', typed);
      expect(asked.status).toBe(403);
      expect(asked.text).toContain('Your changes are kept.');
      expect(asked.text).toContain('value="nightly &quot;build&quot; &lt;b&gt;"');
      expect(await app.manage.apiKeys.list()).toEqual([]);
      const wrong = await post('/admin/api-keys/new', { ...typed, 'confirm-password': 'wrong' });
      expect(wrong.status).toBe(403);
      expect(wrong.text).toContain('value="nightly &quot;build&quot; &lt;b&gt;"');
      const made = await post('/admin/api-keys/new', { ...typed, 'confirm-password': PASSWORD });
      expect(made.status).toBe(200);
      expect((await app.manage.apiKeys.list()).map(({ name }) => name)).toEqual([typed.name]);
      expect((await app.events()).map(({ action }) => action)).toContain('admin.confirmed');
    });

    it('and never leads to another site', async () => {
      const answer = await post('/admin/confirm', { to: '//evil.example', 'confirm-password': PASSWORD });
      expect(answer.headers.location).toBe('/admin');
    });
  });

  it('makes API keys that are shown once, and revokes them', async () => {
    expect((await get('/admin/api-keys')).text).toContain('No API keys yet.');
    const nothing = await post('/admin/api-keys/new', { name: 'nightly', days: '30' });
    expect(nothing.status).toBe(422);
    expect(nothing.text).toContain('value="nightly"');
    const made = await post('/admin/api-keys/new', {
      name: 'nightly',
      days: '30',
      'scope.hosts:read': 'yes',
    });
    const secret = once(made.text);
    expect(secret).toMatch(/^oriel_[\w-]{43}$/);
    const list = await get('/admin/api-keys');
    expect(list.text).toContain('nightly');
    expect(list.text).not.toContain(secret);
    const revoke = /action="(\/admin\/api-keys\/[\w-]+\/revoke)"/.exec(list.text)?.[1] ?? '';
    expect((await post(revoke)).status).toBe(303);
    expect((await get('/admin/api-keys')).text).toContain('revoked');
    expect((await post(revoke)).status).toBe(404);
  });

  it('puts the form token of the session into every form', async () => {
    for (const path of [LIST, `${LIST}/invite`, `${LIST}/password`, '/admin/api-keys/new'])
      expect(tokenIn(await get(path))).toBe(token);
  });
});
