import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { installClock, pressArmed } from '../support/armed.js';
import { contrastFaultsOf, faultsOf, overhangOf } from '../support/axe.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { HOST_SECRET } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';
import { startTokenServer, type TokenServer, tokenProviders } from '../support/token-server.js';

const OF_ANN = 'tok-of-ann-5f2c9a7781d0e3b64c11';
const OF_BOB = 'tok-of-bob-771d0e3b64c5f2c9a722';
const NEW_OF_BOB = 'tok-of-bob-b64c5f2c9a722771d0e3';

const clock = new TestClock('runs');
let api: TokenServer;
let host: HostPage;
let oriel: Awaited<ReturnType<typeof createTestServer>>;
let browser: Browser;

beforeAll(async () => {
  api = await startTokenServer();
  api.tokens.set(OF_ANN, 'ann').set(OF_BOB, 'bob');
  host = await startHostPage();
  oriel = await createTestServer(
    {
      hosts: {
        gocd: {
          ...{ name: 'Portal', origins: [host.origin], key: { algorithm: 'HS256', secret: HOST_SECRET } },
          ...{ gadgets: ['gocd-pipelines'], providers: ['gocd'] },
        },
      },
      providers: { gocd: tokenProviders(api.url).gocd },
    },
    { clock },
  );
  Object.defineProperty(host, 'claims', {
    get: () => {
      const now = Math.floor(clock.now() / 1000);
      return { iat: now, exp: now + 60 };
    },
  });
  host.gadgetOrigin = oriel.gadgetOrigin;
  host.body =
    '<oriel-gadget id="one" host="gocd" gadget="gocd-pipelines" token-url="/oriel-token"></oriel-gadget>';
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([oriel.close(), host.close(), api.close()]);
});

interface Visit {
  readonly context: BrowserContext;
  readonly page: Page;
  readonly gadget: FrameLocator;
}

const visit = async (user: string): Promise<Visit> => {
  host.user = user;
  const context = await newPerson(browser);
  const page = await context.newPage();
  await installClock(context);
  await page.goto(host.origin);
  return { context, page, gadget: page.locator('#one').frameLocator('iframe') };
};

const opening = async ({ context, gadget }: Visit, name: RegExp): Promise<Page> => {
  const button = gadget.getByRole('button', { name });
  const [popup] = await Promise.all([context.waitForEvent('page'), button.click()]);
  await popup.getByRole('heading', { name: 'Connect GoCD' }).waitFor();
  return popup;
};

describe('The bundled gadget of pipelines, over a GoCD of today that knows no OAuth', () => {
  it('shows each viewer what the token shows that they pasted', async () => {
    const ann = await visit('ann');
    const popup = await opening(ann, /^Connect GoCD/);
    await expect
      .poll(() => popup.getByRole('link', { name: 'Create a token at GoCD' }).getAttribute('href'))
      .toBe(`${api.url}/go/access_tokens`);
    for (const width of [360, 1440]) {
      await popup.setViewportSize({ width, height: 800 });
      expect(await overhangOf(popup)).toEqual([]);
    }
    expect(await faultsOf(popup)).toEqual([]);
    await popup.emulateMedia({ colorScheme: 'dark' });
    expect(await contrastFaultsOf(popup, false)).toEqual([]);

    const field = popup.getByLabel('Token', { exact: true });
    expect(await field.getAttribute('type')).toBe('password');
    await field.fill('tok-that-is-wrong');
    await pressArmed(popup, 'Check the token');
    await popup.getByRole('alert').getByText('GoCD doesn’t accept this.').waitFor();
    expect(await field.inputValue()).toBe('');
    expect(await field.evaluate('document.activeElement?.id')).toBe('oriel-token-token');

    await field.fill(OF_ANN);
    await pressArmed(popup, 'Check the token');
    await popup.getByText('This token belongs to the GoCD account').waitFor();
    expect(popup.url()).not.toContain(OF_ANN);
    await pressArmed(popup, 'Connect');
    await ann.gadget.getByText('pipeline-of-ann').waitFor();

    const bob = await visit('bob');
    await bob.gadget.getByRole('button', { name: /^Connect GoCD/ }).waitFor();
    expect(await bob.gadget.locator('body').textContent()).not.toContain('pipeline-of-ann');
    const his = await opening(bob, /^Connect GoCD/);
    await his.getByLabel('Token', { exact: true }).fill(OF_BOB);
    await pressArmed(his, 'Check the token');
    await pressArmed(his, 'Connect');
    await bob.gadget.getByText('pipeline-of-bob').waitFor();
    expect(await bob.gadget.locator('body').textContent()).not.toContain('pipeline-of-ann');
    expect(oriel.lines.join('\n')).not.toMatch(new RegExp(`${OF_ANN}|${OF_BOB}|tok-that-is-wrong`));
    await Promise.all([ann.context.close(), bob.context.close()]);
  });

  it('asks for a new token when GoCD takes back the one that was pasted', async () => {
    api.tokens.delete(OF_BOB);
    // What was kept of the answer before is too old now.
    clock.pass(31_000);
    const bob = await visit('bob');
    await bob.gadget.getByText('GoCD no longer accepts the token you pasted.').waitFor();
    api.tokens.set(NEW_OF_BOB, 'bob');
    const popup = await opening(bob, /^Reconnect GoCD/);
    await popup.getByLabel('Token', { exact: true }).fill(NEW_OF_BOB);
    await pressArmed(popup, 'Check the token');
    await pressArmed(popup, 'Connect');
    await bob.gadget.getByText('pipeline-of-bob').waitFor();
    await bob.context.close();
  });
});
