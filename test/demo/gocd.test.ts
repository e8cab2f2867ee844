import { createHmac } from 'node:crypto';
import { XMLParser } from 'fast-xml-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startGocd } from './gocd/start-gocd.js';
import type { RunningApplication } from './site/application.js';
import { legacyClient, seeded } from './support/legacy-client.js';
import { type Visitor, visitor } from './support/visitor.js';

const gadgetOrigin = 'http://127.0.0.1:3999';
const secret = 's'.repeat(40);
const compare = '/go/compare/apollo-web/20/with/24';
const parser = new XMLParser({ ignoreAttributes: false, isArray: (name) => name === 'Project' });

describe('GoCD', () => {
  let gocd: RunningApplication;
  const people: Record<string, Visitor> = {};
  const person = (login: string): Visitor => people[login] ?? visitor(gocd.url);
  beforeAll(async () => {
    const oriel = { gadgetOrigin, secret };
    gocd = await startGocd({ oriel, mingle: 'http://localhost:8099', clients: [seeded] });
    for (const login of ['ann', 'bob', 'admin']) {
      people[login] = visitor(gocd.url);
      await people[login].signIn('/go/auth/login', login);
    }
  });
  afterAll(() => gocd.close());

  const stages = (body: string): readonly string[] =>
    parser.parse(body).Projects.Project.map((project: Record<string, string>) => project['@_name']);

  it('filters cctray.xml by the person behind the token, and by the session', async () => {
    const client = legacyClient(gocd.url, '/go', '/go/auth/login');
    for (const [login, sees, misses] of [
      ['ann', 'apollo-deploy :: staging', 'cassini-archive :: copy'],
      ['bob', 'borealis-app :: build :: linux', 'apollo-deploy :: staging'],
      ['admin', 'cassini-archive :: copy', 'nothing'],
    ] as const) {
      const { access_token } = await client.connect(login);
      const headers = { authorization: `Token token="${access_token}"` };
      const names = stages(await (await fetch(`${gocd.url}/go/cctray.xml`, { headers })).text());
      expect(names).toContain(sees);
      expect(names).not.toContain(misses);
      expect(stages(await (await person(login).get('/go/cctray.xml')).text())).toEqual(names);
    }
  });

  it('does not give out cctray.xml without a session or a valid token', async () => {
    const nobody = await fetch(`${gocd.url}/go/cctray.xml`);
    expect(nobody.status).toBe(403);
    expect(await nobody.text()).toBe(
      '<access-denied><message>You are not authenticated!</message></access-denied>',
    );
    const headers = { authorization: `Token token="${'0'.repeat(64)}"` };
    expect((await fetch(`${gocd.url}/go/cctray.xml`, { headers })).status).toBe(401);
  });

  it('says who broke a build, and keeps the last result while it builds', async () => {
    const body = await (await person('ann').get('/go/cctray.xml')).text();
    const byName = new Map(
      parser.parse(body).Projects.Project.map((one: Record<string, string>) => [one['@_name'], one]),
    );
    expect(byName.get('apollo-deploy :: production')).toMatchObject({
      '@_lastBuildStatus': 'Failure',
      messages: { message: { '@_kind': 'Breakers', '@_text': 'Ada Admin, Ann Kowalski' } },
    });
    expect(byName.get('apollo-web :: package')).toMatchObject({
      '@_activity': 'Building',
      '@_lastBuildLabel': '23',
    });
  });

  it('lists the card numbers between two runs: the first run not, each card once, newest commit first', async () => {
    const list = async (range: string) =>
      (await person('ann').get(`/go/api/card_activity/apollo-web/${range}`)).text();
    expect(await list('22/to/24')).toBe('9,35,40,37,28,36,14');
    expect(await list('24/to/22')).toBe('9,35,40,37,28,36,14');
    expect(await list('20/to/20')).toBe('10,11');
    expect(await list('20/to/21')).toBe('');
  });

  it.each([
    ['ann', 'apollo-web/0/to/2', 400, 'Pipeline counters should be positive.'],
    ['ann', 'nowhere/1/to/2', 404, "Pipeline 'nowhere' not found."],
    ['bob', 'apollo-deploy/1/to/2', 401, "You do not have view permissions for pipeline 'apollo-deploy'."],
  ])('refuses %s the card numbers of %s with %i', async (login, range, status, sentence) => {
    const response = await person(login).get(`/go/api/card_activity/${range}`);
    expect([response.status, await response.text()]).toEqual([status, sentence]);
  });

  it('compares on two tabs that are links, and frames the gadget on one of them', async () => {
    const changes = await (await person('bob').get(compare)).text();
    expect(changes).toContain('<a href="http://localhost:8099/projects/apollo/cards/14">#14</a>');
    expect(changes).toContain(`href="${compare}?tab=card-activity"`);
    expect(changes).not.toContain('<oriel-gadget');
    const response = await person('bob').get(`${compare}?tab=card-activity`);
    const page = await response.text();
    expect(page).toMatch(
      /<oriel-gadget host="gocd" gadget="mingle-card-activity" token-url="\/go\/oriel-token"/,
    );
    expect(page).toContain('project="apollo" cards="9,35,40,37,28,36,14,15,12"');
    expect(page).toContain('conditions="Status &gt; &#39;In Development&#39;"');
    expect(page).toContain(`<script src="${gadgetOrigin}/embed.js" async></script>`);
    const csp = response.headers.get('content-security-policy') ?? '';
    for (const directive of ["script-src 'self'", 'frame-src', "form-action 'self'"]) {
      expect(csp).toContain(`${directive} ${gadgetOrigin}`);
    }
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin-allow-popups');
  });

  it('launches without script by a form whose token is its own', async () => {
    const page = await (await person('ann').get(`${compare}?tab=card-activity&script=off`)).text();
    expect(page).not.toContain('<script');
    expect(page).toContain(
      `action="${gadgetOrigin}/h/gocd/g/mingle-card-activity" method="post" target="oriel"`,
    );
    expect(page).toContain('name="p.project" value="apollo"');
    const tokens = [page, await (await person('ann').get(`${compare}?tab=card-activity&script=off`)).text()];
    expect(new Set(tokens.map((text) => /name="token" value="([^"]+)"/.exec(text)?.[1])).size).toBe(2);
  });

  it('keeps pipelines from people who may not see them, and starts counting at one', async () => {
    expect((await person('bob').get('/go/compare/apollo-deploy/7/with/8')).status).toBe(403);
    expect((await person('ann').get('/go/compare/nowhere/1/with/2')).status).toBe(404);
    const moved = await person('ann').get('/go/compare/apollo-web/0/with/24?tab=cards');
    expect(moved.headers.get('location')).toBe('/go/compare/apollo-web/1/with/24?tab=cards');
    const none = await (
      await person('ann').get('/go/compare/infrastructure/40/with/41?tab=card-activity')
    ).text();
    expect(none).toContain('No mingle project configured for this pipeline.');
  });

  describe('naming its viewer to Oriel', () => {
    const cookie = async (login: string): Promise<string> => {
      const page = await fetch(`${gocd.url}/go/auth/login`);
      const session = page.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const authenticity_token = /authenticity_token" value="([^"]+)/.exec(await page.text())?.[1] ?? '';
      const done = await fetch(`${gocd.url}/go/auth/login`, {
        method: 'POST',
        redirect: 'manual',
        headers: { cookie: session },
        body: new URLSearchParams({ authenticity_token, 'user[login]': login, 'user[password]': login }),
      });
      return done.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    };
    const ask = (headers: Readonly<Record<string, string>>, gadget = 'mingle-cards') =>
      fetch(`${gocd.url}/go/oriel-token`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: gocd.url, ...headers },
        body: JSON.stringify({ gadget, params: {} }),
      });

    it('signs a token that says who is looking, for a minute and for one gadget', async () => {
      const { token } = (await (await ask({ cookie: await cookie('ann') })).json()) as {
        readonly token: string;
      };
      const [header = '', payload = '', signature] = token.split('.');
      expect(createHmac('sha256', secret).update(`${header}.${payload}`).digest('base64url')).toBe(signature);
      expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({ alg: 'HS256', typ: 'JWT' });
      const claims = JSON.parse(Buffer.from(payload, 'base64url').toString());
      expect(claims).toMatchObject({
        iss: 'gocd',
        aud: gadgetOrigin,
        name: 'Ann Kowalski',
        gadget: 'mingle-cards',
      });
      expect(claims.exp - claims.iat).toBe(60);
      expect(claims.sub).not.toMatch(/^ann/i);
      expect(claims.jti).toMatch(/^[0-9a-f-]{36}$/);
    });

    it('answers 401 without a session, 403 to other pages, 400 for gadgets that it does not frame', async () => {
      const ann = await cookie('ann');
      expect((await ask({})).status).toBe(401);
      expect((await ask({ cookie: ann, origin: 'http://evil.example' })).status).toBe(403);
      expect((await ask({ cookie: ann, 'content-type': 'text/plain' })).status).toBe(415);
      expect((await ask({ cookie: ann }, 'other')).status).toBe(400);
    });
  });
});
