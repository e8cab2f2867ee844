import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf } from '../support/axe.js';
import type { BrowserSetup } from './browser-setup.js';
import { DOCTOR, faultsIn, reportOf, setUpDoctor } from './doctor-setup.js';

let setup: BrowserSetup;
afterEach(() => setup.close());

/** A token endpoint of this test's host sends no Cache-Control: a warning, whatever else is right. */
const ALWAYS = { 'token-url': 'warning', popup: 'unchecked' } as const;

describe('The embed doctor on a correct page', () => {
  it('finds nothing wrong, and tries the connect window when asked to', async () => {
    setup = await setUpDoctor(true);
    setup.host.helmet = 'allowed';
    const { page, gadget } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    const report = await reportOf(page);
    expect(faultsIn(report)).toEqual(ALWAYS);
    await page.frameLocator('iframe[title^="Embed doctor"]').getByRole('button').click();
    await expect.poll(async () => (await reportOf(page)).popup?.level).toBe('good');
    expect(setup.oriel.lines.filter(({ event }) => event === 'bug')).toEqual([]);
  });

  it('can be read by everyone, and copied without a token, a subject or a name', async () => {
    setup = await setUpDoctor();
    setup.host.claims = { sub: 'subject-of-ann', name: 'Name of Ann' };
    setup.host.body = `<main><h1>A page</h1>${DOCTOR}</main>`;
    const { page, context } = await setup.visit();
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const report = await reportOf(page);
    expect(await faultsOf(page)).toEqual([]);
    await page.getByRole('button', { name: 'Copy as text' }).click();
    await page.getByText('The report was copied').waitFor();
    const text = await page.evaluate<string>('navigator.clipboard.readText()');
    for (const { text: line } of Object.values(report))
      expect(line).not.toMatch(/subject-of-ann|Name of Ann|eyJ/);
    expect(text).toContain('[Good] Origin and frame-ancestors');
    expect(text).toContain(`Page ${setup.host.origin}, host “gocd”, gadget “example”`);
    expect(text).not.toMatch(/subject-of-ann|Name of Ann|eyJ/);
  });

  it('is fetched only where the page asks for it', async () => {
    setup = await setUpDoctor();
    setup.host.body = DOCTOR.replace(' doctor', '');
    const asked: string[] = [];
    const { gadget } = await setup.visit({}, async (page) => {
      page.on('request', (request) => asked.push(new URL(request.url()).pathname));
    });
    await gadget().getByText('ann').waitFor();
    expect(asked.filter((path) => path.startsWith('/doctor'))).toEqual([]);
  });
});

describe('The embed doctor names what is wrong with the page’s headers:', () => {
  const policies = {
    'frame-src': "frame-src 'self'",
    'form-action': "form-action 'self'",
  } as const;
  for (const [line, policy] of Object.entries(policies))
    it(`${line}`, async () => {
      setup = await setUpDoctor();
      setup.host.headers = { 'Content-Security-Policy': policy };
      const { page } = await setup.visit();
      const report = await reportOf(page);
      expect(report[line]?.level).toBe('problem');
      expect(report[line]?.text).toContain(`Add ${setup.oriel.gadgetOrigin} to ${line}.`);
      expect(report.launch?.text).toContain('blocked_by_csp');
      expect(faultsIn(report)[line === 'frame-src' ? 'form-action' : 'frame-src']).toBeUndefined();
    });

  it('a policy in the page itself', async () => {
    setup = await setUpDoctor();
    const { gadgetOrigin } = setup.oriel;
    const policy = `<meta http-equiv="Content-Security-Policy" content="frame-src 'self'">`;
    const script = `<script src="${gadgetOrigin}/embed.js" async></script>`;
    setup.host.pages = { '/inner': `<!doctype html><head>${policy}${script}</head>${DOCTOR}` };
    const { page } = await setup.visit();
    await page.goto(`${setup.host.origin}/inner`);
    expect((await reportOf(page))['frame-src']?.level).toBe('problem');
  });

  it('a script-src that lets in embed.js alone', async () => {
    setup = await setUpDoctor();
    const { gadgetOrigin } = setup.oriel;
    setup.host.headers = { 'Content-Security-Policy': `script-src 'self' ${gadgetOrigin}/embed.js` };
    const { page, gadget } = await setup.visit();
    await gadget().getByText('ann').waitFor();
    await page.getByText(`allow ${gadgetOrigin}, not just one of its files, in script-src`).waitFor();
  });

  it('a Cross-Origin-Opener-Policy that cuts off the connect window', async () => {
    setup = await setUpDoctor(true);
    setup.host.headers = {
      'Cross-Origin-Opener-Policy': 'same-origin',
      'Cross-Origin-Embedder-Policy': 'require-corp',
    };
    const { page } = await setup.visit();
    const report = await reportOf(page);
    expect(faultsIn(report)).toEqual({ ...ALWAYS, opener: 'problem' });
    expect(report.opener?.text).toContain('same-origin-allow-popups');
    await page.frameLocator('iframe[title^="Embed doctor"]').getByRole('button').click();
    await expect.poll(async () => (await reportOf(page)).popup?.level).toBe('problem');
  });
});

describe('The embed doctor names what is wrong around the page:', () => {
  it('a sandbox without pop-ups', async () => {
    setup = await setUpDoctor();
    const sandbox = 'allow-scripts allow-same-origin allow-forms';
    setup.host.pages = { '/outer': `<!doctype html><iframe sandbox="${sandbox}" src="/"></iframe>` };
    const { page } = await setup.visit();
    await page.goto(`${setup.host.origin}/outer`);
    const report = await reportOf(page.frameLocator('iframe').first());
    expect(report.sandbox?.level).toBe('problem');
    expect(report.sandbox?.text).toContain('allow-popups, allow-popups-to-escape-sandbox');
    expect(report.origin?.level).toBe('good');
  });

  it('a sandbox that takes its origin away, whatever its policy', async () => {
    setup = await setUpDoctor();
    const { host } = new URL(setup.oriel.gadgetOrigin);
    const policy = `<meta http-equiv="Content-Security-Policy" content="frame-src ${host}">`;
    const element = DOCTOR.replace('token-url="/oriel-token"', 'token="spent"');
    setup.host.pages = {
      '/outer': `<!doctype html><iframe sandbox="allow-scripts" src="/inner"></iframe>`,
      '/inner': `<!doctype html><head>${policy}<script src="${setup.oriel.gadgetOrigin}/embed.js" async></script></head>${element}`,
    };
    const { page } = await setup.visit();
    await page.goto(`${setup.host.origin}/outer`);
    const report = await reportOf(page.frameLocator('iframe').first());
    expect(report.origin).toMatchObject({ level: 'problem', text: expect.stringContaining('no origin') });
    expect(report['frame-src']?.level).toBe('unchecked');
  });

  it('a page around it that is not registered', async () => {
    setup = await setUpDoctor();
    setup.host.pages = { '/outer': `<!doctype html><iframe src="${setup.host.origin}"></iframe>` };
    const { page } = await setup.visit();
    const around = setup.host.origin.replace('localhost', 'intranet.test');
    await page.goto(`${around}/outer`);
    const report = await reportOf(page.frameLocator('iframe').first());
    expect(report.origin?.level).toBe('problem');
    expect(report.origin?.text).toContain(`framed by “${around}”`);
  });

  it('an origin that the host’s record does not name', async () => {
    setup = await setUpDoctor();
    const { page } = await setup.visit();
    const other = setup.host.origin.replace('localhost', 'wiki.test');
    await page.goto(other);
    const report = await reportOf(page);
    expect(report.origin?.level).toBe('problem');
    expect(report.origin?.text).toContain(`Add ${other} to hosts.gocd.origins.`);
    expect(report.launch?.level).toBe('unchecked');
  });

  it('a host that the server does not know', async () => {
    setup = await setUpDoctor();
    setup.host.body = DOCTOR.replace('host="gocd"', 'host="nobody"');
    const { page } = await setup.visit();
    const report = await reportOf(page);
    expect(report.origin?.level).toBe('problem');
    expect(report.origin?.text).toContain('“nobody”');
  });

  it('storage that is blocked for frames', async () => {
    setup = await setUpDoctor();
    const { page } = await setup.visit({}, async (page) => {
      await page.addInitScript(`if (window !== top) Object.defineProperty(window, 'localStorage', {
        get() { throw new DOMException('blocked', 'SecurityError'); },
      })`);
    });
    const report = await reportOf(page);
    expect(report.storage?.level).toBe('warning');
    expect(report.storage?.text).toContain('blocked');
    expect(report.launch?.level).toBe('good');
  });

  it('styles that cut the gadget off', async () => {
    setup = await setUpDoctor();
    setup.host.body = `<style>oriel-gadget { height: 40px; overflow: hidden }</style>${DOCTOR}`;
    const { page } = await setup.visit();
    expect((await reportOf(page)).resize?.level).toBe('warning');
    // What is no number of pixels fixes nothing.
    setup.host.body = setup.host.body.replace('<oriel-gadget', '<oriel-gadget height="auto"');
    await page.reload();
    expect((await reportOf(page)).resize?.level).toBe('warning');
  });
});
