import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../cli/command-line.js';
import { installClock, pressArmed } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { emulatedHere, type Runnable, type Service, startEmulated } from '../support/emulated.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { HOST_SECRET } from '../support/host-token.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';

const SECRET = 'emulated-client-secret-0123456789';

interface EmulatedProvider extends Service {
  /** Its record, seen from the origin where it stands. */
  readonly record: (origin: string) => object;
  readonly request: object;
  /** Where the answer says who is looking. */
  readonly shows: string;
  /** What the button of a person says on its page, and what the gadget says of them. */
  readonly people: readonly [ann: readonly [string, string], bob: readonly [string, string]];
  /** What is asked of it when a connection ends; absent where it offers nothing. */
  readonly revocation?: string;
  /** Whether it gives refresh tokens to apps like ours. */
  readonly refreshes: boolean;
}

/** By the redirect URI of our server, which they all want to know beforehand. */
const emulatedProviders = (redirectUri: (id: string) => string): readonly EmulatedProvider[] => {
  const app = (id: string) => ({
    ...{ client_id: 'oriel', client_secret: SECRET, name: 'Oriel', redirect_uris: [redirectUri(id)] },
  });
  return [
    // An OAuth app. `emulate` has GitHub Apps for installations alone, not as people connect them: it gives no refresh tokens.
    {
      service: 'github',
      seed: {
        users: [
          { login: 'ann', name: 'Ann Example' },
          { login: 'bob', name: 'Bob Example' },
        ],
        oauth_apps: [app('github')],
      },
      iss: (origin) => `${origin}/login/oauth`,
      revokes: { request: /^DELETE \/applications\/oriel\/grant$/, status: 204 },
      record: (origin) => ({
        ...{ preset: 'github', url: origin, issuer: `${origin}/login/oauth`, iss: 'required', api: origin },
        authorizationEndpoint: `${origin}/login/oauth/authorize`,
        tokenEndpoint: `${origin}/login/oauth/access_token`,
      }),
      request: { path: '/user', format: 'json', ttl: 0 },
      shows: 'login',
      people: [
        ['ann', 'ann'],
        ['bob', 'bob'],
      ],
      revocation: 'DELETE /applications/oriel/grant',
      refreshes: false,
    },
    {
      service: 'slack',
      seed: {
        users: [
          { name: 'ann', real_name: 'Ann Example', email: 'ann@example.com' },
          { name: 'bob', real_name: 'Bob Example', email: 'bob@example.com' },
        ],
        oauth_apps: [{ ...app('slack'), app_id: 'A1', scopes: ['users:read'], user_scopes: ['users:read'] }],
      },
      // The emulator knows the older of Slack's two ways: a person's token beside a bot's, in `authed_user`.
      record: (origin) => ({
        ...{ preset: 'slack', url: origin, api: `${origin}/api`, tokenAt: 'authed_user' },
        authorizationEndpoint: `${origin}/oauth/v2/authorize`,
        tokenEndpoint: `${origin}/api/oauth.v2.access`,
        ...{ scopes: [], authorizationParameters: { user_scope: 'users:read' } },
        account: { target: '/auth.test', body: {}, id: 'user_id', label: 'user' },
      }),
      revokes: { request: /^\w+ \/api\/auth\.revoke$/, status: 200, answer: '{"ok":true,"revoked":true}' },
      request: { path: '/auth.test', format: 'json', ttl: 0, method: 'POST', body: {} },
      shows: 'user',
      people: [
        ['ann', 'ann'],
        ['bob', 'bob'],
      ],
      revocation: 'POST /api/auth.revoke',
      refreshes: false,
    },
    {
      service: 'google',
      seed: {
        users: [
          { email: 'ann@example.com', name: 'Ann Example' },
          { email: 'bob@example.com', name: 'Bob Example' },
        ],
        oauth_clients: [app('google')],
      },
      record: (origin) => ({
        ...{ preset: 'google', url: origin, issuer: origin, api: origin },
        authorizationEndpoint: `${origin}/o/oauth2/v2/auth`,
        tokenEndpoint: `${origin}/oauth2/token`,
        revocationEndpoint: `${origin}/oauth2/revoke`,
        account: { target: '/oauth2/v2/userinfo', id: 'sub', label: 'email' },
        scopes: ['openid', 'email'],
      }),
      request: { path: '/oauth2/v2/userinfo', format: 'json', ttl: 0 },
      shows: 'email',
      people: [
        ['ann@example.com', 'ann@example.com'],
        ['bob@example.com', 'bob@example.com'],
      ],
      revocation: 'POST /oauth2/revoke',
      refreshes: true,
    },
    {
      service: 'microsoft',
      seed: {
        users: [
          { email: 'ann@example.com', name: 'Ann Example' },
          { email: 'bob@example.com', name: 'Bob Example' },
        ],
        oauth_clients: [app('microsoft')],
      },
      record: (origin) => ({
        ...{ preset: 'microsoft', url: origin, issuer: origin, api: `${origin}/v1.0` },
        scopes: ['openid', 'offline_access', 'User.Read'],
        ...{ authorizationEndpoint: `${origin}/oauth2/v2.0/authorize` },
        tokenEndpoint: `${origin}/oauth2/v2.0/token`,
      }),
      request: { path: '/me', format: 'json', ttl: 0 },
      shows: 'userPrincipalName',
      people: [
        ['ann@example.com', 'ann@example.com'],
        ['bob@example.com', 'bob@example.com'],
      ],
      refreshes: true,
    },
    {
      service: 'okta',
      seed: {
        users: [
          { login: 'ann@example.com', email: 'ann@example.com', first_name: 'Ann', last_name: 'Example' },
          { login: 'bob@example.com', email: 'bob@example.com', first_name: 'Bob', last_name: 'Example' },
        ],
        authorization_servers: [{ id: 'default', name: 'default', audiences: ['api://default'] }],
        oauth_clients: [{ ...app('okta'), auth_server_id: 'default' }],
      },
      // Everything but the API is found by the issuer alone.
      record: (origin) => ({
        ...{ preset: 'okta', name: 'Okta', url: `${origin}/oauth2/default`, api: `${origin}/oauth2/default` },
        scopes: ['openid', 'email', 'profile', 'offline_access'],
      }),
      request: { path: '/v1/userinfo', format: 'json', ttl: 0 },
      shows: 'email',
      people: [
        ['ann@example.com', 'ann@example.com'],
        ['bob@example.com', 'bob@example.com'],
      ],
      revocation: 'POST /oauth2/default/v1/revoke',
      refreshes: true,
    },
    {
      service: 'linear',
      seed: {
        organization: { name: 'Acme', url_key: 'acme' },
        users: [
          { email: 'ann@example.com', name: 'Ann Example' },
          { email: 'bob@example.com', name: 'Bob Example' },
        ],
        oauth_apps: [{ ...app('linear'), scopes: ['read'], actor: 'user' }],
      },
      record: (origin) => ({
        ...{ preset: 'linear', url: origin, api: origin },
        authorizationEndpoint: `${origin}/oauth/authorize`,
        tokenEndpoint: `${origin}/oauth/token`,
        revocationEndpoint: `${origin}/oauth/revoke`,
      }),
      request: { path: '/graphql', graphql: '{ viewer { id name email } }', ttl: 0 },
      shows: 'viewer.email',
      people: [
        ['ann@example.com', 'ann@example.com'],
        ['bob@example.com', 'bob@example.com'],
      ],
      revocation: 'POST /oauth/revoke',
      refreshes: true,
    },
  ];
};

const NAMES = ['github', 'slack', 'google', 'microsoft', 'okta', 'linear'] as const;

const here = emulatedHere();
if ('reason' in here) console.warn(`The providers that emulate plays are not tested: ${here.reason}`);

describe.skipIf('reason' in here)('A provider as others understood its documentation', () => {
  const clock = new TestClock('runs');
  let providers: readonly EmulatedProvider[];
  let emulated: Awaited<ReturnType<typeof startEmulated>>;
  let host: HostPage;
  let oriel: Awaited<ReturnType<typeof createTestServer>>;
  let browser: Browser;

  beforeAll(async () => {
    const port = await freePort();
    providers = emulatedProviders((id) => `http://localhost:${port}/connect/callback/${id}`);
    emulated = await startEmulated(here as Runnable, providers);
    host = await startHostPage();
    Object.defineProperty(host, 'claims', {
      get: () => {
        const now = Math.floor(clock.now() / 1000);
        return { iat: now, exp: now + 60 };
      },
    });
    const files = Object.fromEntries(
      providers.flatMap(({ service, request, shows }) => [
        [
          `own/of-${service}/gadget.yaml`,
          JSON.stringify({
            ...{ title: `Who am I at ${service}`, description: 'Whose account it is.' },
            requests: { me: { provider: service, ...request } },
          }),
        ],
        [`own/of-${service}/view.njk`, `<p>seen as {{ answers.me.data.${shows} }}</p>`],
      ]),
    );
    oriel = await createTestServer(
      {
        gadgets: ['./own'],
        hosts: {
          gocd: {
            ...{ name: 'Portal', origins: [host.origin], key: { algorithm: 'HS256', secret: HOST_SECRET } },
            gadgets: providers.map(({ service }) => `of-${service}`),
            providers: providers.map(({ service }) => service),
          },
        },
        providers: Object.fromEntries(
          providers.map(({ service, record }) => [
            service,
            {
              ...record(emulated.fronts[service]?.origin ?? ''),
              client: { id: 'oriel', secret: SECRET },
              allowAddresses: ['127.0.0.0/8'],
            },
          ]),
        ),
      },
      { port, files, clock, logLevel: 'info' },
    );
    host.gadgetOrigin = oriel.gadgetOrigin;
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await Promise.all([oriel?.close(), host?.close(), emulated?.close()]);
  });

  interface Visit {
    readonly context: BrowserContext;
    readonly page: Page;
    readonly gadget: FrameLocator;
  }

  const visit = async (user: string, service: string): Promise<Visit> => {
    host.user = user;
    host.body = `<oriel-gadget id="one" host="gocd" gadget="of-${service}" token-url="/oriel-token"></oriel-gadget>`;
    const context = await newPerson(browser);
    await installClock(context);
    const page = await context.newPage();
    await page.goto(host.origin);
    return { context, page, gadget: page.locator('#one').frameLocator('iframe') };
  };

  const connectAs = async ({ context, gadget }: Visit, button: string, seen: string): Promise<void> => {
    const ask = gadget.getByRole('button', { name: /^Connect / });
    const [popup] = await Promise.all([context.waitForEvent('page'), ask.click()]);
    await pressArmed(popup, /^Continue to /);
    await popup.getByRole('button', { name: button }).click();
    await popup.getByText(/^You signed in to/).waitFor();
    await pressArmed(popup, 'Connect');
    await gadget.getByText(`seen as ${seen}`).waitFor();
  };

  it.each(NAMES)('%s connects each viewer to their own account, and to no other', async (service) => {
    const provider = providers.find((each) => each.service === service);
    const front = emulated.fronts[service];
    if (provider === undefined || front === undefined) throw new Error(`there is no ${service}`);
    const [[annsButton, annIsSeen], [bobsButton, bobIsSeen]] = provider.people;

    const ann = await visit('ann', service);
    await connectAs(ann, annsButton, annIsSeen);
    const bob = await visit('bob', service);
    await connectAs(bob, bobsButton, bobIsSeen);
    expect(await bob.gadget.locator('body').textContent()).not.toContain(annIsSeen);

    if (provider.refreshes) {
      const before = front.requests.filter((each) => /token$/.test(each)).length;
      clock.pass(25 * 3_600_000);
      host.user = 'ann';
      await ann.page.reload();
      await ann.gadget.getByText(`seen as ${annIsSeen}`).waitFor();
      expect(front.requests.filter((each) => /token$/.test(each)).length).toBe(before + 1);
    }

    // The provider takes the token back behind our back: the viewer is asked again, and shown nothing.
    front.tokens.clear();
    host.user = 'bob';
    await bob.page.reload();
    await bob.gadget.getByRole('button', { name: /^(?:Connect|Reconnect) / }).waitFor();
    expect(await bob.gadget.locator('body').textContent()).not.toContain('seen as');
    expect(oriel.bugs()).toEqual([]);
    expect(oriel.lines.join('\n')).not.toContain(SECRET);
    await Promise.all([ann.context.close(), bob.context.close()]);
  });

  it.each(NAMES)('%s is asked to take back what it gave when a viewer disconnects', async (service) => {
    const provider = providers.find((each) => each.service === service);
    const front = emulated.fronts[service];
    if (provider === undefined || front === undefined) throw new Error(`there is no ${service}`);
    const [[button, seen]] = provider.people;
    const carol = await visit('carol', service);
    await connectAs(carol, button, seen);
    await carol.gadget.getByText('Options', { exact: true }).click();
    await carol.gadget.getByRole('button', { name: /^Disconnect / }).click();
    const sure = carol.gadget.getByRole('button', { name: /^Disconnect/ });
    if ((await sure.count()) > 0) await sure.last().click();
    await carol.gadget.getByRole('button', { name: /^Connect / }).waitFor();
    if (provider.revocation === undefined)
      expect(front.requests.some((each) => /revoke/.test(each))).toBe(false);
    else await expect.poll(() => front.requests).toContain(provider.revocation);
    await carol.context.close();
  });
});
