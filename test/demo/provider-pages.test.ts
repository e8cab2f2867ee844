import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMingle } from './mingle/start-mingle.js';
import type { RunningApplication } from './site/application.js';
import { legacyClient, seeded } from './support/legacy-client.js';
import { type Visitor, visitor } from './support/visitor.js';

describe("the provider's pages", () => {
  let mingle: RunningApplication;
  let admin: Visitor;
  let ann: Visitor;
  beforeAll(async () => {
    mingle = await startMingle({ clients: [seeded], controlSecret: 'open sesame' });
    admin = visitor(mingle.url);
    ann = visitor(mingle.url);
    await admin.signIn('/profile/login', 'admin');
    await ann.signIn('/profile/login', 'ann');
  });
  afterAll(() => mingle.close());

  const clients = '/oauth/clients';
  const fields = (name: string, redirect: string) => ({
    'oauth_client[name]': name,
    'oauth_client[redirect_uri]': redirect,
  });
  const text = async (who: Visitor, path: string): Promise<string> => (await who.get(path)).text();

  it('let only administrators see the OAuth clients', async () => {
    expect((await ann.get(clients)).status).toBe(403);
    expect((await visitor(mingle.url).get(clients)).status).toBe(302);
    const page = await text(admin, clients);
    expect(page).toContain(`<code>${mingle.url}/oauth/authorize</code>`);
    expect(page).toContain(`<code>${mingle.url}/oauth/token</code>`);
    expect(page).toContain(seeded.secret);
  });

  it('make, change and delete a client, whose id and secret stay what they were', async () => {
    await admin.submit(`${clients}/new`, clients, fields(' Portal ', 'https://portal.example/cb'));
    const page = await text(admin, clients);
    expect(page).toContain('OAuth client was successfully created.');
    const path = [...page.matchAll(/href="(\/oauth\/clients\/\d+)">Portal</g)][0]?.[1] ?? '';
    const values = (await text(admin, path)).match(/[0-9a-f]{64}/g);
    expect(values).toHaveLength(2);

    await admin.submit(`${path}/edit`, path, { ...fields('Portal 2', 'http://x/cb?y=1'), _method: 'put' });
    const changed = await text(admin, path);
    expect(changed.match(/[0-9a-f]{64}/g)).toEqual(values);
    expect(changed).toContain('http://x/cb?y=1');

    await admin.submit(clients, path, { _method: 'delete' });
    expect((await admin.get(path)).status).toBe(404);
  });

  it.each([
    ['', 'https://x/', 'Name can&#39;t be blank'],
    ['Oriel', 'https://x/', 'Name is a duplicate.'],
    ['New', '', 'Redirect uri can&#39;t be blank'],
    ['New', 'ftp://x/', 'Redirect uri is invalid'],
  ])('refuse a client named "%s" at "%s"', async (name, redirect, fault) => {
    const response = await admin.submit(`${clients}/new`, clients, fields(name, redirect));
    expect(response.status).toBe(422);
    expect(await response.text()).toContain(fault);
  });

  it('show a person what acts for them, without the token, and take it back', async () => {
    const { access_token } = await legacyClient(mingle.url, '', '/profile/login').connect('ann');
    const page = await text(ann, '/oauth/user_tokens');
    expect(page).toContain('Client allowed to access Mingle on your behalf');
    expect(page).toContain('>Oriel<');
    expect(page).not.toContain(access_token);
    const revoke = /action="(\/oauth\/user_tokens\/revoke\/\d+)"/.exec(page)?.[1] ?? '';

    const stranger = await admin.submit(clients, revoke, { _method: 'delete' });
    expect([stranger.status, await stranger.text()]).toEqual([
      400,
      'You are not authorized to perform this action!',
    ]);

    await ann.submit('/oauth/user_tokens', revoke, { _method: 'delete' });
    expect(await text(ann, '/oauth/user_tokens')).toContain('There are no tokens.');
    const headers = { authorization: `Token token="${access_token}"` };
    expect((await fetch(`${mingle.url}/api/v2/projects.xml`, { headers })).status).toBe(401);
  });

  it('never lead out of the application after signing in', async () => {
    for (const target of [
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
    ]) {
      const who = visitor(mingle.url);
      const fields = { 'user[login]': 'ann', 'user[password]': 'ann', return: target };
      const response = await who.submit('/profile/login', '/profile/login', fields);
      expect(response.headers.get('location')).toBe('/projects');
    }
  });

  it('keep a session cookie of their own name from scripts and other sites', async () => {
    const cookie = (await fetch(`${mingle.url}/profile/login`)).headers.getSetCookie()[0] ?? '';
    expect(cookie).toMatch(/^mingle_session=/);
    expect(cookie).toMatch(/; httponly/i);
    expect(cookie).toMatch(/; samesite=lax/i);
  });

  it('let a test that knows the secret, and no one else, make Mingle fail', async () => {
    const command = (secret: string, body: object) =>
      fetch(`${mingle.url}/__control`, {
        method: 'POST',
        headers: { 'x-control': secret, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    expect((await command('wrong', {})).status).toBe(404);
    await command('open sesame', { clear: true, fault: { paths: ['/oauth/token'], status: 503 } });
    expect((await fetch(`${mingle.url}/oauth/token`, { method: 'POST' })).status).toBe(503);
    const state = await (await command('open sesame', { clear: true })).json();
    expect(state).toMatchObject({ tokenRequests: 0 });
    expect((await fetch(`${mingle.url}/oauth/token`, { method: 'POST' })).status).toBe(400);
    expect(await (await command('open sesame', {})).json()).toMatchObject({ tokenRequests: 1 });
  });
});
