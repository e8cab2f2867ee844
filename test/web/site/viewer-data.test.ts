import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alice, Browser, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { withoutRandom } from '../../support/without-random.js';
import { type SiteApp, startSite } from './site-app.js';
import { visit } from './visiting.js';

describe('What is kept of a viewer', () => {
  let site: SiteApp;
  let browser: HttpBrowser;

  beforeEach(async () => {
    site = await startSite();
    browser = new HttpBrowser();
    const steps = stepsOf(site);
    const { id } = await steps.connect('ada');
    await site.stores.connectionLists.used(id, 'reviews', site.clock.now());
    await steps.consent(new Browser(), 'ada', 'mingle');
    await steps.connect('bobs-account', 'github', bob);
    await visit(site, browser, alice);
  });
  afterEach(() => site.close());

  const list = async () => (await site.page(browser, '/connections')).text;

  it('is shown: the scopes in words, and which gadget used it on which host', async () => {
    await site.change('github', { scopeDescriptions: { read: 'Read your issues' } });
    const text = await list();
    expect(text).toContain('Read your issues');
    expect(text).toContain('Reviews');
    expect(text).toMatch(/in <bdi>GoCD<\/bdi>/);
  });

  it('is shown, and erased, under the origin of the host whose page led here', async () => {
    const elsewhere = new HttpBrowser();
    await visit(site, elsewhere, alice, 'https://builds.example');
    for (const path of ['/connections', '/connections/erase']) {
      const { text } = await site.page(elsewhere, path);
      expect(text).toContain('https://builds.example');
      expect(text).not.toContain('https://gocd.example');
      expect((await site.page(browser, path)).text).toContain('https://gocd.example');
    }
  });

  it('can be downloaded as a file without a token, a secret or a hash, and without anyone else’s', async () => {
    const answer = await site.post(browser, '/connections/export', {});
    expect(answer.headers['content-disposition']).toContain('attachment');
    expect(answer.headers['cache-control']).toContain('no-store');
    const file = JSON.parse(answer.text);
    expect(file.viewer).toEqual({ host: 'gocd', sub: 'alice' });
    expect(file.kept.connections).toMatchObject([{ provider: 'github', accountLabel: 'ada' }]);
    expect(file.kept.uses).toMatchObject([{ gadget: 'reviews' }]);
    expect(file.kept.flows.length).toBeGreaterThan(0);
    expect(file.kept.sessions).toHaveLength(1);
    expect(file.log.map(({ action }: { action: string }) => action)).toContain('flow.finished');
    expect(file.log.at(-1)).toMatchObject({ action: 'viewer.exported' });
    expect(withoutRandom(answer.text)).not.toContain('bob');
    const cookie = browser.cookies(site.siteOrigin).get('oriel-viewer') ?? '?';
    for (const secret of [cookie, 'access-', 'refresh-', 'client-secret', site.ports.digest.sha256(cookie)])
      expect(answer.text).not.toContain(secret);
  });

  it('is given to no one else, and to no other site', async () => {
    const forged = { origin: 'https://evil.example', form: {} };
    for (const path of ['/connections/export', '/connections/erase']) {
      expect((await browser.send(site.siteOrigin + path, forged)).status).toBe(403);
      expect((await browser.send(site.siteOrigin + path, { form: {} })).status).toBe(403);
      const stranger = await site.post(new HttpBrowser(), path, {});
      expect(redirectOf(stranger, site.siteOrigin)).toContain('/connections');
    }
    expect((await site.page(browser, '/connections/export')).status).toBe(405);
    expect(await site.stores.connections.find(alice, 'github')).not.toBeNull();
  });

  it('is erased only after a page that names what will happen, and then says what did', async () => {
    const question = await site.page(browser, '/connections/erase');
    expect(question.text).toContain('GitHub');
    expect(question.text).toContain('can’t be undone');
    expect(await site.stores.connections.find(alice, 'github')).not.toBeNull();
    const { text } = await site.post(browser, '/connections/erase', {});
    expect(text).toContain('Everything is erased');
    expect(text).toContain('GitHub is disconnected and has revoked the permission');
    expect(site.server.revoked).toContain('access-ada-1');
    expect(await list()).toContain('data-oriel-page="connections"');
    expect(await site.stores.connections.ofViewer(alice)).toEqual([]);
    expect(await site.stores.connections.find(bob, 'github')).not.toBeNull();
  });

  it('is said beforehand to be revoked only where the provider offers that, and where else it can be deleted', async () => {
    await stepsOf(site).connect('ada', 'mingle');
    for (const path of ['/connections', '/connections/erase']) {
      const { text } = await site.page(browser, path);
      const plain = text.replaceAll(/<[^>]+>/g, '');
      expect(plain).toContain('We ask GitHub to revoke your permission and tell you whether it did.');
      expect(plain).toContain('Mingle doesn’t allow revoking your permission from here');
      expect(plain).not.toContain('We ask Mingle');
      expect(text).toContain('href="https://mingle.example/account"');
    }
    // Its record leaves the endpoints to metadata, which can't be read.
    await site.change('github', { issuer: site.endpoints, authorizationEndpoint: undefined as never });
    const { text } = await site.page(browser, '/connections/erase');
    expect(text.replaceAll(/<[^>]+>/g, '')).toContain('We can’t ask GitHub to revoke');
  });

  it('says if a provider could not be notified', async () => {
    site.server.revocation = 'failed';
    const { text } = await site.post(browser, '/connections/erase', {});
    expect(text).toContain('Erased, except for');
    expect(text).toContain('keep asking for a week');
  });

  it('erased in one browser ends the sessions in all', async () => {
    const other = new HttpBrowser();
    await visit(site, other, alice);
    await site.post(browser, '/connections/erase', {});
    expect((await site.page(other, '/connections')).text).toContain('data-oriel-page="connections"');
  });
});
