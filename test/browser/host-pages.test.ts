import { afterEach, describe, expect, it } from 'vitest';
import { fragment } from '../support/gadget-server.js';
import { type BrowserSetup, GADGET, setUpBrowser } from './browser-setup.js';

let setup: BrowserSetup;
afterEach(() => setup.close());

describe('a host page with headers of its own', () => {
  it('works with helmet’s defaults and the documented changes, over TLS and under names of its own', async () => {
    setup = await setUpBrowser({ named: true });
    setup.host.helmet = 'allowed';
    const { gadget, page } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    await page.evaluate("document.getElementById('one').reload()");
    await expect.poll(() => setup.oriel.asked.length).toBe(2);
  });

  it('learns from an event what its Content-Security-Policy must allow', async () => {
    setup = await setUpBrowser({ named: true });
    setup.host.headers = {
      'Content-Security-Policy': `default-src 'self'; script-src 'self' ${setup.oriel.gadgetOrigin}`,
    };
    const { event } = await setup.visit({}, (page) => page.clock.install());
    const { code, message } = await event('oriel-error');
    expect(code).toBe('blocked_by_csp');
    expect(message).toContain(setup.oriel.gadgetOrigin);
  });

  it('can be isolated from other origins', async () => {
    setup = await setUpBrowser({ named: true });
    setup.host.headers = {
      'Cross-Origin-Embedder-Policy': 'require-corp',
      'Cross-Origin-Opener-Policy': 'same-origin',
    };
    const { gadget, page } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    expect(await page.evaluate('crossOriginIsolated')).toBe(true);
  });

  it('may send no referrer at all', async () => {
    setup = await setUpBrowser();
    setup.host.headers = { 'Referrer-Policy': 'no-referrer' };
    const { gadget } = await setup.visit();
    await gadget().getByText('ann').waitFor();
  });

  it('works where third-party cookies are blocked, for none is ever used', async () => {
    setup = await setUpBrowser({ named: true, browserArguments: ['--test-third-party-cookie-phaseout'] });
    const { gadget, context } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    expect(await context.cookies()).toEqual([]);
  });
});

describe('a page that is not registered', () => {
  it('does not get to frame a gadget, and gets the likely causes after ten seconds', async () => {
    setup = await setUpBrowser();
    setup.host.body = GADGET.replace('host="gocd"', 'host="nobody"');
    const { event, gadget, page } = await setup.visit({}, (page) => page.clock.install());
    await page.locator('#one iframe').waitFor();
    await page.clock.runFor(10_500);
    const { code, message } = await event('oriel-error');
    expect(code).toBe('no_answer');
    for (const cause of ['frame-src', 'form-action', '“nobody”', 'registered', 'network'])
      expect(message).toContain(cause);
    expect(await gadget().getByText('ann').count()).toBe(0);
  });

  it('learns at once when the gadget itself refuses, and the frame says why', async () => {
    setup = await setUpBrowser();
    setup.host.body = GADGET.replace('project=', 'cards="seven" project=');
    const { event, gadget } = await setup.visit();
    expect(await event('oriel-error', { code: 'parameter_invalid' })).toMatchObject({ id: 'one' });
    await gadget().getByText('must be a whole number').waitFor();
  });
});

describe('the token endpoint', () => {
  const answers = {
    'names no one by 401': [401, 'signed-out'],
    'names no one by 403': [403, 'signed-out'],
    'names no one by 204': [204, 'signed-out'],
    'leads to a sign-in page': [302, 'signed-out'],
    fails: [500, 'token_url_failed'],
    'answers with a page': [200, 'token_url_unreadable'],
  } as const;
  for (const [what, [status, reported]] of Object.entries(answers))
    it(`${what}: the page gets ${reported}, and no frame is made`, async () => {
      setup = await setUpBrowser();
      setup.host.tokenAnswer = (response) =>
        void response.writeHead(status, { Location: '/elsewhere' }).end();
      const { event, page } = await setup.visit();
      if (reported === 'signed-out') await event('oriel-state', { state: reported });
      else await event('oriel-error', { code: reported });
      expect(await page.locator('#one iframe').count()).toBe(0);
    });
});

describe('twenty gadgets on one page', () => {
  it('all launch while a provider keeps them waiting, and show content once it answers', async () => {
    setup = await setUpBrowser();
    let answer = (): void => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    setup.oriel.render(async ({ parameters }) => {
      await answered;
      return fragment(`<p>done ${String(parameters.project)}</p>`);
    });
    setup.host.body = Array.from({ length: 20 }, (_, index) =>
      GADGET.replace('id="one"', `id="g${index}"`).replace('apollo', `p${index}`),
    ).join('');
    const { gadget } = await setup.visit();
    // A browser opens six connections to one origin: were a launch kept waiting, the seventh would never be made.
    await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        gadget(`g${index}`).locator('[data-oriel-state="loading"]').waitFor(),
      ),
    );
    answer();
    await Promise.all(
      Array.from({ length: 20 }, (_, index) => gadget(`g${index}`).getByText(`done p${index}`).waitFor()),
    );
    expect(setup.oriel.asked).toHaveLength(20);
    expect(setup.host.mostAtOnce()).toBeLessThanOrEqual(4);
  });
});

describe('theme, locale and time zone', () => {
  it('are the host page’s, unless attributes say otherwise', async () => {
    setup = await setUpBrowser();
    setup.host.body = `<style>html { color-scheme: light dark }</style><div lang="de-CH">${GADGET}</div>
      ${GADGET.replace('id="one"', 'id="two" theme="light" locale="fr" time-zone="Asia/Tokyo"')}`;
    const { gadget, page } = await setup.visit({ colorScheme: 'dark', timezoneId: 'Europe/Zurich' });
    await gadget().locator('html[data-theme="dark"]').waitFor();
    await gadget('two').locator('html[data-theme="light"]').waitFor();
    const asked = setup.oriel.asked.map(({ locale, timeZone }) => `${locale} ${timeZone}`).sort();
    expect(asked).toEqual(['de-CH Europe/Zurich', 'fr Asia/Tokyo']);
    await page.emulateMedia({ colorScheme: 'light' });
    await gadget().locator('html[data-theme="light"]').waitFor();
    expect(setup.oriel.asked).toHaveLength(2);
  });

  it('are dark on a dark page that says so in its head alone', async () => {
    setup = await setUpBrowser();
    setup.host.body = `<meta name="color-scheme" content="light dark">${GADGET}`;
    const { gadget, page } = await setup.visit({ colorScheme: 'dark' });
    await gadget().locator('html[data-theme="dark"]').waitFor();
    await page.emulateMedia({ colorScheme: 'light' });
    await gadget().locator('html[data-theme="light"]').waitFor();
  });
});
