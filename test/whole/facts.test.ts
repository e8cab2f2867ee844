import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { frameData, HttpBrowser, httpFrame, redirectOf } from '../support/http-viewer.js';
import { createTestServer } from '../support/test-server.js';

/*
 * What is fixed when a person connects, at stubs of three kinds of provider: Atlassian, where a person has several sites; Salesforce,
 * whose token answer says where the API is; Google, where one grant is for several APIs.
 */

vi.setConfig({ testTimeout: 60_000 });

const SITES: Readonly<Record<string, readonly { id: string; name: string }[]>> = {
  ada: [
    { id: '11111111-aaaa', name: 'Acme <b>tracker</b>' },
    { id: '22222222-bbbb', name: 'Beta tracker' },
  ],
  ben: [{ id: '33333333-cccc', name: 'Gamma tracker' }],
};

/** Whose token it is: `token-of-ada`. */
const personOf = ({ headers }: IncomingMessage): string =>
  /^Bearer token-of-(\w+)$/.exec(headers.authorization ?? '')?.[1] ?? '';

/** Every call with a token, as `stub person METHOD path`. */
let calls: string[] = [];
/** What Salesforce's token answer says of its API. */
let instance: unknown = '';

const listening = async (answer: (request: IncomingMessage, response: ServerResponse) => unknown) => {
  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  servers.push(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
const servers: Server[] = [];

const json = (response: ServerResponse, status: number, body: unknown) =>
  response.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

/** What an API answers at a path to someone: each site by its own name. */
const answerTo = (
  name: string,
  person: string,
  pathname: string,
): readonly [status: number, body: unknown] => {
  if (pathname === '/oauth/token/accessible-resources') return [200, SITES[person] ?? []];
  if (pathname === '/me' || pathname === '/services/oauth2/userinfo')
    return [200, { account_id: person, user_id: person, name: person }];
  const [, site] = /^\/ex\/jira\/([^/]+)\/issues$/.exec(pathname) ?? [];
  if (site === undefined) return [200, { title: `${name} of ${person} at ${pathname}` }];
  const named = SITES[person]?.find(({ id }) => id === site);
  return named === undefined ? [404, {}] : [200, { title: `${named.name} of ${person}` }];
};

/** A provider: codes are `code-of-ada`. */
const stub = (name: string) =>
  listening(async (request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://x');
    if (pathname === '/token') {
      const code = new URLSearchParams(await text(request)).get('code') ?? '';
      return json(response, 200, {
        ...{ access_token: code.replace('code-of-', 'token-of-'), token_type: 'Bearer', expires_in: 3600 },
        ...(name === 'salesforce' && { instance_url: instance }),
      });
    }
    const person = personOf(request);
    calls.push(`${name} ${person} ${request.method} ${pathname}`);
    return json(response, ...(person === '' ? ([401, {}] as const) : answerTo(name, person, pathname)));
  });

const request = (provider: string, more: object) => ({ it: { provider, ttl: 0, ...more } });
const folder = (id: string, provider: string, more: object) => ({
  [`own/${id}/gadget.yaml`]: JSON.stringify({
    ...{ title: id, description: `What ${provider} shows.`, requests: request(provider, more) },
  }),
  [`own/${id}/view.njk`]: '<p class="seen">{{ answers.it.data.title }}</p>',
});

let oriel: Awaited<ReturnType<typeof createTestServer>>;
let jira = '';
let login = '';
let org = '';
let mail = '';

const client = { id: 'oriel', secret: 'of-the-client' };
const usual = { client, allowAddresses: ['127.0.0.0/8'], pkce: 'none' };

beforeAll(async () => {
  [jira, login, org, mail] = (await Promise.all(['jira', 'salesforce', 'org', 'mail'].map(stub))) as [
    string,
    string,
    string,
    string,
  ];
  instance = org;
  const at = (origin: string) => ({
    authorizationEndpoint: `${origin}/authorize`,
    tokenEndpoint: `${origin}/token`,
  });
  const gadgets = {
    issues: 'jira',
    leads: 'salesforce',
    calendar: 'google',
    inbox: 'google',
    lost: 'google',
  };
  oriel = await createTestServer(
    {
      gadgets: ['./own'],
      hosts: {
        gocd: {
          ...{
            name: 'GoCD',
            origins: ['http://127.0.0.1:1'],
            key: { algorithm: 'HS256', secret: HOST_SECRET },
          },
          ...{ gadgets: Object.keys(gadgets), providers: ['jira', 'salesforce', 'google'] },
        },
      },
      providers: {
        // The presets as they are shipped, but for where their servers are.
        jira: { preset: 'jira', ...usual, ...at(jira), api: jira },
        salesforce: {
          ...{ preset: 'salesforce', ...usual, ...at(login), revocationEndpoint: 'none' },
          facts: {
            instance: {
              ...{ from: 'token', at: 'instance_url', kind: 'origin', title: 'Organization' },
              hosts: ['*.my.salesforce.com', new URL(org).host],
            },
          },
        },
        google: {
          ...{ ...usual, ...at(jira), api: jira, client: { ...client, id: 'oriel-google' } },
          apis: { mail: `${mail}/gmail/v1` },
        },
      },
    },
    {
      bundled: false,
      files: {
        ...folder('issues', 'jira', { path: '/ex/jira/{facts.cloud}/issues' }),
        ...folder('leads', 'salesforce', { path: '/services/data/leads' }),
        ...folder('calendar', 'google', { path: '/calendar' }),
        ...folder('inbox', 'google', { api: 'mail', path: '/inbox' }),
        ...folder('lost', 'google', { api: 'nowhere', path: '/lost' }),
      },
    },
  );
});
afterAll(async () => {
  await oriel.close();
  for (const server of servers) server.close();
});

const launched = async (frame: ReturnType<typeof httpFrame>, gadget: string, sub: string) => {
  const token = await signHostToken({ sub, name: sub, aud: oriel.gadgetOrigin });
  const page = await frame.launch('gocd', gadget, { token });
  return frameData(page.text).bearer;
};

/** Goes to the provider and comes back, with what its callback says more. */
const consenting =
  (person: string, more: Readonly<Record<string, string>> = {}) =>
  async (url: string) => {
    const { searchParams } = new URL(url);
    const callback = new URL(searchParams.get('redirect_uri') ?? '');
    callback.search = new URLSearchParams({
      ...{ code: `code-of-${person}`, state: searchParams.get('state') ?? '' },
      ...more,
    }).toString();
    return callback.href;
  };

/** What a gadget shows someone: its state, and the text in it. */
const shown = async (frame: ReturnType<typeof httpFrame>, bearer: string) => {
  const { text: html, headers } = await frame.content(bearer);
  return `${headers['x-oriel-state']}: ${/<p class="seen">(.*?)<\/p>/.exec(html)?.[1] ?? ''}`;
};

/** The page of the second question, and its flow. */
const asked = async (
  frame: ReturnType<typeof httpFrame>,
  bearer: string,
  provider: string,
  person: string,
) => {
  const { siteOrigin } = oriel;
  const { browser, call } = frame;
  const { flow = '', ticket } = await call(bearer, '/frame/flows', { provider, intent: 'connect' });
  await browser.send(`${siteOrigin}/connect/open`, { origin: siteOrigin, json: { ticket } });
  const gone = await browser.send(`${siteOrigin}/connect/go`, { origin: siteOrigin, form: { flow } });
  const callback = await consenting(person)(redirectOf(gone, siteOrigin));
  const page = await browser.send(redirectOf(await browser.send(callback), siteOrigin));
  const accept = (more: Readonly<Record<string, string>>) =>
    browser.send(`${siteOrigin}/connect/accept`, { origin: siteOrigin, form: { flow, ...more } });
  return { flow, page, accept };
};

it('The person chooses among their sites right after consent, and another one in My connections', async () => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'issues', 'ann');
  const { flow, page, accept } = await asked(frame, bearer, 'jira', 'ada');
  expect(page.text).toContain('Jira site');
  // What a provider calls it is text.
  expect(page.text).toContain('Acme &lt;b&gt;tracker&lt;/b&gt;');
  expect(page.text).toContain('value="22222222-bbbb"');
  // No one else's, whatever the form says.
  expect((await accept({ 'fact-cloud': '33333333-cccc' })).status).toBe(400);
  expect((await accept({ 'fact-cloud': '22222222-bbbb' })).status).toBe(303);
  expect((await frame.call(bearer, `/frame/flows/${flow}`)).status).toBe('active');
  expect(await shown(frame, bearer)).toBe('content: Beta tracker of ada');

  const { siteOrigin } = oriel;
  const { ticket } = await frame.call(bearer, '/frame/tickets', {});
  await frame.browser.send(`${siteOrigin}/connections/open`, { origin: siteOrigin, json: { ticket } });
  const mine = (await frame.browser.send(`${siteOrigin}/connections`)).text;
  const [, id = ''] = /action="\/connections\/([^/]+)\/facts"/.exec(mine) ?? [];
  expect(mine).toContain('Beta tracker');
  const choose = (value: string) =>
    frame.browser.send(`${siteOrigin}/connections/${id}/facts`, {
      origin: siteOrigin,
      form: { 'fact-cloud': value },
    });
  expect((await choose('33333333-cccc')).status).toBe(400);
  expect(await shown(frame, bearer)).toBe('content: Beta tracker of ada');
  expect((await choose('11111111-aaaa')).status).toBe(303);
  expect(await shown(frame, bearer)).toBe('content: Acme &lt;b&gt;tracker&lt;/b&gt; of ada');
});

it('Someone with one site is not asked, and someone else cannot change it', async () => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'issues', 'bob');
  const { page, accept, flow } = await asked(frame, bearer, 'jira', 'ben');
  expect(page.text).not.toContain('type="radio"');
  expect(page.text).toContain('Gamma tracker');
  await accept({});
  await frame.call(bearer, `/frame/flows/${flow}`);
  expect(await shown(frame, bearer)).toBe('content: Gamma tracker of ben');

  const [theirs] = await oriel.stores.connections.ofViewer(
    (await oriel.stores.flows.byId(flow))?.viewer as never,
  );
  const other = httpFrame(oriel, new HttpBrowser());
  const { siteOrigin } = oriel;
  const { ticket } = await other.call(await launched(other, 'issues', 'cat'), '/frame/tickets', {});
  await other.browser.send(`${siteOrigin}/connections/open`, { origin: siteOrigin, json: { ticket } });
  const form = { 'fact-cloud': '33333333-cccc' };
  const refused = await other.browser.send(`${siteOrigin}/connections/${theirs?.id}/facts`, {
    origin: siteOrigin,
    form,
  });
  expect(refused.status).toBe(404);
});

it('Someone without a site connects nothing', async () => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'issues', 'dan');
  const { page } = await asked(frame, bearer, 'jira', 'nobody');
  expect(page.text).toContain('didn’t say which Jira site this account can use');
  expect(await shown(frame, bearer)).toBe('connect: ');
});

it('The API is where the token answer says, on a host that the record names', async () => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'leads', 'ann');
  expect(await frame.connect(bearer, 'salesforce', consenting('ada'))).toBe('active');
  expect(await shown(frame, bearer)).toBe('content: org of ada at /services/data/leads');
  expect(calls.filter((call) => call.startsWith('salesforce'))).toEqual([]);
});

it.each([
  'https://theirs.example',
  'https://acme.my.salesforce.com@theirs.example',
  'https://theirs.example/.my.salesforce.com',
  'https://theirs.example#.my.salesforce.com',
  'https://theirs.example?.my.salesforce.com',
  'https://theirs.example\\.my.salesforce.com',
  'https://my.salesforce.com',
  'https://acme.my.salesforce.com.theirs.example',
  'https://acme.my.salesforce.com.',
  'https://acme.my.salesforce.com:8443',
  'https://acme.my.salesforce.com/path',
  'https://acme.my.salesforce.com\n',
  'https://äcme.my.salesforce.com',
  'https://acme%2emy.salesforce.com',
  'http://acme.my.salesforce.com',
  '//acme.my.salesforce.com',
  'ftp://acme.my.salesforce.com',
  'javascript:alert(1)//.my.salesforce.com',
  'https://user@acme.my.salesforce.com',
  'https://169.254.169.254',
  'https://0x7f.1',
  'https://2130706433',
  '',
  7,
  { host: 'acme.my.salesforce.com' },
  null,
])('No token goes to %j, which is no host of the record', async (value) => {
  instance = value;
  calls = [];
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'leads', `eve-${JSON.stringify(value)}`);
  const { page } = await asked(frame, bearer, 'salesforce', 'ada');
  expect(page.text).toContain('didn’t say which Organization this account can use');
  expect(calls).toEqual([]);
  instance = org;
});

it('One grant is for several APIs, each at its own origin, and for none that the record does not name', async () => {
  const frame = httpFrame(oriel, new HttpBrowser());
  const bearer = await launched(frame, 'calendar', 'ann');
  expect(await frame.connect(bearer, 'google', consenting('ada'))).toBe('active');
  expect(await shown(frame, bearer)).toBe('content: jira of ada at /calendar');
  expect(await shown(frame, await launched(frame, 'inbox', 'ann'))).toBe(
    'content: mail of ada at /gmail/v1/inbox',
  );
  expect(await shown(frame, await launched(frame, 'lost', 'ann'))).toBe('misconfigured: ');
  expect(oriel.bugs()).toEqual([]);
});
