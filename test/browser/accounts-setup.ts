import { freePort } from '../cli/command-line.js';
import { installClock } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { startHostPage } from '../support/host-page.js';
import { HOST_SECRET } from '../support/host-token.js';
import { startOidc } from '../support/oidc.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';

const MANIFEST = `
title: Who am I
description: Whose data this person sees.
requests:
  me: { provider: accounts, path: /me, format: json, ttl: 0 }
`;
const VIEW = '<p>data of {{ answers.me.data.sub }}</p>';

/** Seconds. */
export const ACCESS_TOKEN_LIFE = 600;

const gadgetElement = (id: string): string =>
  `<oriel-gadget id="${id}" host="gocd" gadget="who-am-i" token-url="/oriel-token"></oriel-gadget>`;

/** The whole product with one gadget, a certified authorization server that it knows by its issuer alone, a host and a browser. */
export const setUpAccounts = async (options: { readonly frames?: readonly string[] } = {}) => {
  const port = await freePort();
  const gadgetOrigin = `http://127.0.0.1:${port}`;
  const siteOrigin = `http://localhost:${port}`;
  const { frames = ['one'] } = options;
  const clock = new TestClock('runs');
  const redirectUris = [`${siteOrigin}/connect/callback/accounts`];
  const oidc = await startOidc({ redirectUris, accessTokenLife: ACCESS_TOKEN_LIFE });
  const host = await startHostPage();
  host.gadgetOrigin = gadgetOrigin;
  Object.defineProperty(host, 'claims', {
    get: () => {
      const now = Math.floor(clock.now() / 1000);
      return { iat: now, exp: now + 60 };
    },
  });
  host.body = frames.map(gadgetElement).join('');

  const files = { 'own/who-am-i/gadget.yaml': MANIFEST, 'own/who-am-i/view.njk': VIEW };
  const configuration = {
    gadgets: ['./own'],
    hosts: {
      gocd: {
        name: 'GoCD',
        origins: [host.origin],
        key: { algorithm: 'HS256', secret: HOST_SECRET },
        gadgets: ['who-am-i'],
        providers: ['accounts'],
      },
    },
    providers: {
      accounts: {
        preset: 'oauth2',
        name: 'Example accounts',
        issuer: oidc.issuer,
        iss: 'required',
        api: oidc.issuer,
        scopes: ['openid', 'profile'],
        selectAccountParameters: { prompt: 'login' },
        allowAddresses: ['127.0.0.0/8'],
        client: { id: oidc.client.id, secret: oidc.client.secret.reveal() },
      },
    },
  };
  const oriel = await createTestServer(configuration, { port, files, clock, logLevel: 'info' });
  const browser = await launchBrowser();
  const context = await newPerson(browser);
  await installClock(context);
  const page = await context.newPage();

  return {
    host,
    oidc,
    page,
    context,
    siteOrigin,
    /** Oriel's clock, and the host's. */
    clock,
    /** What the server noted, oldest first. */
    get events(): readonly string[] {
      return oriel.lines.map((line) => JSON.parse(line).event);
    },
    gadget: (id = 'one') => page.locator(`#${id}`).frameLocator('iframe'),
    async close() {
      await browser.close();
      await oriel.close();
      await Promise.all([host.close(), oidc.close()]);
    },
  };
};

export type AccountsSetup = Awaited<ReturnType<typeof setUpAccounts>>;
