import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import type { Browser, BrowserContext, FrameLocator, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { installClock, pressArmed } from '../support/armed.js';
import { launchBrowser, newPerson } from '../support/browser.js';
import { type HostPage, startHostPage } from '../support/host-page.js';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { frameData, HttpBrowser, httpFrame } from '../support/http-viewer.js';
import { TestClock } from '../support/test-clock.js';
import { createTestServer } from '../support/test-server.js';
import { snippet } from './markdown.js';
import { madeFromOf, palettePng } from './palette-png.js';
import { LIGHT, PICTURING, picture } from './pictures.js';

const DOCUMENT = 'docs/team-page.md';
/** When the samples were: what is “today” in them is today here. */
const THEN = 1_795_599_996_000;
const TOKEN = 'f1e2d3c4-of-ann-5f2c9a7781d0e3b64c11';

const sampled = (gadget: string): Readonly<Record<string, unknown>> => {
  const sample = JSON.parse(readFileSync(`gadgets/${gadget}/sample.json`, 'utf8'), (key, value) =>
    key === 'avatar_url' ? undefined : value,
  ) as { readonly answers: Readonly<Record<string, { readonly data: unknown }>> };
  return Object.fromEntries(Object.entries(sample.answers).map(([name, { data }]) => [name, data]));
};

const reviews = sampled('github-reviews');
const calendar = sampled('google-calendar');
const messages = sampled('slack-mentions');
const builds = sampled('jenkins-failing-builds');

/** What the four answer to Ann, by provider and path; to anyone else nothing of it. */
const ANSWERS: Readonly<Record<string, (query: URLSearchParams) => unknown>> = {
  '/github/user': () => ({ id: 412, login: 'ann-archer' }),
  '/github/search/issues': () => reviews.search,
  '/google/userinfo': () => ({ sub: '10769150350006150715113082367', email: 'ann@example.com' }),
  '/google/calendar/v3/calendars/primary/events': () => calendar.events,
  '/slack/auth.test': () => ({ ok: true, user_id: 'U061F7AUR', user: 'ann' }),
  '/slack/search.messages': (query) =>
    query.get('query')?.startsWith('to:') ? messages.direct : messages.mentions,
  '/jenkins/me/api/json': () => ({ id: 'ann', fullName: 'Ann Archer' }),
  '/jenkins/view/all/api/json': () => builds.jobs,
};

const isAnn = ({ headers: { authorization = '' } }: IncomingMessage): boolean => {
  const [scheme = '', value = ''] = authorization.split(' ');
  return scheme === 'Basic'
    ? Buffer.from(value, 'base64').toString() === `ann:${TOKEN}`
    : value === 'token-of-ann';
};

/** All four in one; a code is `code-of-ann`. */
const startProviders = async (): Promise<{ readonly server: Server; readonly origin: string }> => {
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    if (pathname.endsWith('/token')) {
      const code = new URLSearchParams(await text(request)).get('code') ?? '';
      return json(200, {
        access_token: code.replace('code', 'token'),
        token_type: 'bearer',
        expires_in: 3600,
      });
    }
    const answer = ANSWERS[pathname];
    if (answer === undefined) return json(404, {});
    return isAnn(request) ? json(200, answer(searchParams)) : json(401, { ok: false, error: 'invalid_auth' });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

/** Where these four stand in place of the real ones. */
const placesAt = (origin: string) => {
  const of = (id: string) => ({
    ...{ authorizationEndpoint: `${origin}/${id}/authorize`, tokenEndpoint: `${origin}/${id}/token` },
    ...{ api: `${origin}/${id}`, allowAddresses: ['127.0.0.0/8'] },
    client: { id: 'team-page', secret: 'secret-of-the-team-page' },
  });
  return {
    github: of('github'),
    google: {
      ...{
        ...of('google'),
        revocationEndpoint: 'none',
        account: { target: '/userinfo', id: 'sub', label: 'email' },
      },
      apis: { calendar: `${origin}/google/calendar/v3` },
    },
    slack: of('slack'),
    jenkins: { url: `${origin}/jenkins`, allowAddresses: ['127.0.0.0/8'] },
  } as const;
};

type Records = Readonly<Record<string, Readonly<Record<string, object>>>>;
const written = (name: string): Records => parse(snippet(DOCUMENT, name)) as Records;

const clock = new TestClock('runs');
clock.pass(THEN - Date.now());

let providers: Awaited<ReturnType<typeof startProviders>>;
let oriel: Awaited<ReturnType<typeof createTestServer>>;
let host: HostPage;
let browser: Browser;

const claimsNow = () => {
  const now = Math.floor(clock.now() / 1000);
  return { iss: 'portal', iat: now, exp: now + 60 };
};

beforeAll(async () => {
  [providers, host, browser] = await Promise.all([startProviders(), startHostPage(), launchBrowser()]);
  const places: Readonly<Record<string, object>> = placesAt(providers.origin);
  const { hosts = {} } = written('oriel.yaml: the host');
  const records = written('oriel.yaml: the providers').providers ?? {};
  oriel = await createTestServer(
    {
      hosts: {
        portal: { ...hosts.portal, origins: [host.origin], key: { algorithm: 'HS256', secret: HOST_SECRET } },
      },
      providers: Object.fromEntries(
        Object.entries(records).map(([id, record]) => [id, { ...record, ...places[id] }]),
      ),
    },
    { clock },
  );
  Object.defineProperty(host, 'claims', { get: claimsNow });
  host.gadgetOrigin = oriel.gadgetOrigin;
  host.body = `<style>body { font: 16px/1.5 system-ui, sans-serif; margin: 1.25rem 1.5rem }</style><div lang="en-GB"><h1>Team Mail</h1>${snippet(
    DOCUMENT,
    'the team’s page',
  ).replace(/<script.*<\/script>\n/, '')}</div>`;
});
afterAll(async () => {
  await browser.close();
  await Promise.all([oriel.close(), host.close()]);
  providers.server.close();
});

const GADGETS = {
  github: 'github-reviews',
  google: 'google-calendar',
  slack: 'slack-mentions',
  jenkins: 'jenkins-failing-builds',
} as const;

const PICTURE = 'docs/images/team-page.png';

/** Of what decides what the picture shows, but for the styles of every gadget. */
const madeFrom = (): string => {
  const hash = createHash('sha256').update(snippet(DOCUMENT, 'the team’s page'));
  for (const gadget of Object.values(GADGETS))
    hash.update(readFileSync(`gadgets/${gadget}/golden/sample.html`));
  return hash.digest('hex');
};

const gadgetIn = (page: Page, id: keyof typeof GADGETS): FrameLocator =>
  page.locator(`oriel-gadget[gadget="${GADGETS[id]}"]`).frameLocator('iframe');

const visit = async (user: string): Promise<readonly [Page, BrowserContext]> => {
  host.user = user;
  const context = await newPerson(browser, {
    ...LIGHT,
    timezoneId: 'Europe/Berlin',
  });
  const page = await context.newPage();
  await installClock(context, clock.now());
  await page.goto(host.origin);
  return [page, context];
};

/** Connects as a person does, without a browser: what its popup looks like is shown elsewhere. */
const connect = async (id: keyof typeof GADGETS, user: string): Promise<string> => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const token = await signHostToken({ ...claimsNow(), aud: oriel.gadgetOrigin, sub: user, name: user });
  const { bearer } = frameData((await frame.launch('portal', GADGETS[id], { token })).text);
  return frame.connect(bearer, id, async (url) => {
    const { searchParams } = new URL(url);
    const callback = new URL(searchParams.get('redirect_uri') ?? '');
    const state = searchParams.get('state') ?? '';
    callback.search = new URLSearchParams({ code: `code-of-${user}`, state }).toString();
    return callback.href;
  });
};

describe('The team page of the document', () => {
  it('offers each person to connect what they want', async () => {
    const [page] = await visit('ann');
    for (const id of Object.keys(GADGETS) as (keyof typeof GADGETS)[])
      await gadgetIn(page, id)
        .getByRole('button', { name: /^Connect / })
        .waitFor();
    await picture(page, 'team-page-before', 680);
  });

  it('takes a token for Jenkins, which has no OAuth', async () => {
    const [page, context] = await visit('ann');
    const [popup] = await Promise.all([
      context.waitForEvent('page'),
      gadgetIn(page, 'jenkins')
        .getByRole('button', { name: /^Connect Jenkins/ })
        .click(),
    ]);
    await popup.getByRole('heading', { name: 'Connect Jenkins' }).waitFor();
    await popup.setViewportSize({ width: 560, height: 900 });
    await picture(popup, 'team-page-token', 900);
    await popup.getByLabel('Your account name at Jenkins').fill('ann');
    await popup.getByLabel('Token', { exact: true }).fill(TOKEN);
    await pressArmed(popup, 'Check the token');
    await pressArmed(popup, 'Connect');
    await gadgetIn(page, 'jenkins').getByText('mail » web » main').waitFor();
  });

  it('shows a person their own of all four, and someone else nothing of it', async () => {
    for (const id of ['github', 'google', 'slack'] as const) expect(await connect(id, 'ann')).toBe('active');
    const [page] = await visit('ann');
    const shown = {
      github: 'Keep drafts when the connection is lost',
      google: 'Review of the release',
      slack: 'before lunch?',
      jenkins: 'With your changes',
    };
    for (const id of Object.keys(GADGETS) as (keyof typeof GADGETS)[])
      await gadgetIn(page, id).getByText(shown[id]).first().waitFor();
    await picture(page, 'team-page', 1130);
    if (PICTURING) writeFileSync(PICTURE, palettePng(readFileSync(PICTURE), madeFrom()));

    const [his] = await visit('bob');
    for (const id of Object.keys(GADGETS) as (keyof typeof GADGETS)[]) {
      await gadgetIn(his, id)
        .getByRole('button', { name: /^Connect / })
        .waitFor();
      expect(await gadgetIn(his, id).locator('body').textContent()).not.toContain(shown[id]);
    }
  });

  it('has a picture that was taken of what it shows now', () => {
    const how = 'UPDATE_PICTURES=1 npx vitest run test/docs/team-page, and look at it';
    expect(madeFromOf(readFileSync(PICTURE)), how).toBe(madeFrom());
  });
});
