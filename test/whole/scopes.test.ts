import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { HOST_SECRET, signHostToken } from '../support/host-token.js';
import { frameData, HttpBrowser, httpFrame } from '../support/http-viewer.js';
import { createTestServer } from '../support/test-server.js';

/* Gadgets that need more than the record of their provider asks for, at a stub that grants what its person ticks. */

vi.setConfig({ testTimeout: 60_000 });

/** What the person unticks at the provider. */
let unticked: readonly string[] = [];
/** What the token answer says was granted; undefined where it says nothing (RFC 6749 §5.1). */
let said: 'scopes' | 'nothing' = 'scopes';
/** What was asked for last. */
let asked: readonly string[] = [];

let stub: Server;
let oriel: Awaited<ReturnType<typeof createTestServer>>;

const gadget = (id: string, scopes: object | undefined, provider = 'code') => ({
  [`own/${id}/gadget.yaml`]: JSON.stringify({
    ...{
      title: `The ${id}`,
      description: 'What it shows.',
      requests: { it: { provider, path: `/${id}`, ttl: 0 } },
    },
    ...(scopes && { scopes }),
  }),
  [`own/${id}/view.njk`]: '<p class="seen">{{ answers.it.data.title }}</p>',
});

beforeAll(async () => {
  stub = createServer((request, response) => {
    response.setHeader('Content-Type', 'application/json');
    const granted = asked.filter((scope) => !unticked.includes(scope));
    response.end(
      JSON.stringify(
        request.url === '/token'
          ? {
              access_token: 'a',
              token_type: 'Bearer',
              ...(said === 'scopes' && { scope: granted.join(' ') }),
            }
          : { title: request.url },
      ),
    );
  });
  await new Promise<void>((resolve) => {
    stub.listen(0, '127.0.0.1', resolve);
  });
  const at = `http://127.0.0.1:${(stub.address() as AddressInfo).port}`;
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
          gadgets: {
            plain: { gadget: 'plain' },
            reviews: { gadget: 'reviews' },
            builds: { gadget: 'builds' },
            bound: { gadget: 'roles', providers: { forge: 'github' } },
          },
          providers: ['github', 'code'],
        },
      },
      providers: Object.fromEntries(
        ['github', 'code'].map((id) => [
          id,
          {
            ...{
              name: `Provider ${id}`,
              authorizationEndpoint: `${at}/authorize`,
              tokenEndpoint: `${at}/token`,
              api: at,
            },
            ...{
              client: { id: `oriel-${id}`, secret: 's' },
              allowAddresses: ['127.0.0.0/8'],
              scopes: ['read'],
            },
            impliedScopes: { repo: ['public_repo'] },
            scopeDescriptions: { 'read:org': 'See your teams' },
          },
        ]),
      ),
    },
    {
      bundled: false,
      files: {
        ...gadget('plain', undefined),
        ...gadget('reviews', { code: ['public_repo', 'read:org'] }),
        ...gadget('builds', { code: ['workflow'] }),
        ...gadget('roles', { forge: ['gist'] }, 'forge'),
      },
    },
  );
});
afterAll(async () => {
  await oriel.close();
  stub.close();
});

const launched = async (frame: ReturnType<typeof httpFrame>, name: string, sub: string) => {
  const page = await frame.launch('gocd', name, {
    token: await signHostToken({ sub, name: sub, aud: oriel.gadgetOrigin }),
  });
  return frameData(page.text).bearer;
};

const shown = async (frame: ReturnType<typeof httpFrame>, bearer: string) => {
  const { text, headers } = await frame.content(bearer);
  return { state: headers['x-oriel-state'], text };
};

const consent = async (url: string) => {
  const { searchParams } = new URL(url);
  asked = (searchParams.get('scope') ?? '').split(' ');
  const callback = new URL(searchParams.get('redirect_uri') ?? '');
  callback.search = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' }).toString();
  return callback.href;
};

const viewer = async (sub: string) => {
  [unticked, said] = [[], 'scopes'];
  const frame = httpFrame(oriel, new HttpBrowser());
  return {
    frame,
    open: (name: string) => launched(frame, name, sub),
    see: async (name: string) => (await shown(frame, await launched(frame, name, sub))).state,
  };
};

it('A gadget asks for what it needs beside what the record asks for, and no other gadget’s needs', async () => {
  const { frame, open, see } = await viewer('ann');
  await frame.connect(await open('plain'), 'code', consent);
  expect(asked).toEqual(['read']);
  expect(await see('plain')).toBe('content');
  const { state, text } = await shown(frame, await open('reviews'));
  expect(state).toBe('reconnect');
  expect(text).toContain('needs more permissions from <bdi>Provider code</bdi>');
  expect(text).toContain('See your teams');
  expect(text).toContain('public_repo');

  await frame.connect(await open('reviews'), 'code', consent);
  expect(asked).toEqual(['read', 'public_repo', 'read:org']);
  expect(await see('reviews')).toBe('content');
  expect(await see('builds')).toBe('reconnect');

  // What was granted is asked for again, since the new grant may take the place of the old one.
  await frame.connect(await open('builds'), 'code', consent);
  expect(asked).toEqual(['read', 'workflow', 'public_repo', 'read:org']);
  for (const name of ['plain', 'reviews', 'builds']) expect(await see(name)).toBe('content');
});

it('What a person unticks is missed by the gadgets that need it, and named in My connections', async () => {
  const { frame, open, see } = await viewer('bob');
  unticked = ['read:org'];
  const bearer = await open('reviews');
  expect(await frame.connect(bearer, 'code', consent)).toBe('active');
  const { state, text } = await shown(frame, bearer);
  expect(state).toBe('reconnect');
  expect(text).toContain('See your teams');
  expect(text).not.toContain('public_repo');
  expect(await see('plain')).toBe('content');

  const { siteOrigin } = oriel;
  const { ticket } = await frame.call(bearer, '/frame/tickets', {});
  await frame.browser.send(`${siteOrigin}/connections/open`, { origin: siteOrigin, json: { ticket } });
  const mine = (await frame.browser.send(`${siteOrigin}/connections`)).text;
  expect(mine).toContain('Gadgets that need more');
  expect(mine).toMatch(/The reviews[\s\S]{0,200}See your teams/);
});

it('An answer that says nothing of scopes grants what was asked for, and one scope may include another', async () => {
  const { frame, open, see } = await viewer('cat');
  said = 'nothing';
  await frame.connect(await open('builds'), 'code', consent);
  expect(await see('builds')).toBe('content');
  const connections = await oriel.stores.connections.latest(
    ...(await (async () => {
      const { viewerOf } = await import('../../src/domain/viewer.js');
      return [viewerOf('gocd', 'cat'), 'code'] as const;
    })()),
  );
  expect(connections?.scopes).toEqual(['read', 'workflow']);
});

it('A role’s scopes are asked of the provider that plays it', async () => {
  const { frame, open, see } = await viewer('dan');
  await frame.connect(await open('bound'), 'github', consent);
  expect(asked).toEqual(['read', 'gist']);
  expect(await see('bound')).toBe('content');
});
