import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startMingle } from './mingle/start-mingle.js';
import type { RunningApplication } from './site/application.js';
import { type LegacyClient, legacyClient, seeded } from './support/legacy-client.js';
import { type Visitor, visitor } from './support/visitor.js';

describe("the legacy provider's authorization endpoint", () => {
  let mingle: RunningApplication;
  let client: LegacyClient;
  let ann: Visitor;
  beforeAll(async () => {
    mingle = await startMingle({ clients: [seeded] });
    client = legacyClient(mingle.url, '', '/profile/login');
    ann = await client.person('ann');
  });
  afterAll(() => mingle.close());

  const good = { client_id: seeded.id, redirect_uri: seeded.redirectUri, response_type: 'code', state: 's' };
  const ask = (changed: Readonly<Record<string, string>>) =>
    ann.get(`/oauth/authorize?${new URLSearchParams({ ...good, ...changed })}`);
  const back = (error: string) => `${seeded.redirectUri}&error=${error}`;

  it('sends a stranger to sign in, and back to the request afterwards', async () => {
    const stranger = visitor(mingle.url);
    const path = `/oauth/authorize?${new URLSearchParams(good)}`;
    const signIn = (await stranger.get(path)).headers.get('location') ?? '';
    expect(signIn).toBe(`/profile/login?return=${encodeURIComponent(path)}`);
    const fields = { 'user[login]': 'ann', 'user[password]': 'ann', return: path };
    const done = await stranger.submit(signIn, '/profile/login', fields);
    expect(done.headers.get('location')).toBe(path);
  });

  it.each([
    [
      'a missing client before a wrong response type',
      { client_id: '', response_type: 'token' },
      'invalid-request',
    ],
    ['a missing response type', { response_type: ' ' }, 'invalid-request'],
    [
      'a response type other than code',
      { response_type: 'token', client_id: 'x' },
      'unsupported-response-type',
    ],
    ['an unknown client', { client_id: 'x' }, 'invalid-client-id'],
  ])(
    'reports %s to the registered redirect URI, with hyphens and without state',
    async (_, changed, error) => {
      const response = await ask(changed);
      expect(response.status).toBe(302);
      expect(response.headers.get('location')).toBe(back(error));
    },
  );

  it('asks for a redirect URI before it looks at the client', async () => {
    const response = await ask({ redirect_uri: '', client_id: 'x' });
    expect(response.status).toBe(400);
    expect(await response.text()).toBe("You did not specify the 'redirect_uri' parameter!");
  });

  it.each(['https://evil.example/', `${seeded.redirectUri}/more`, ''.padEnd(5, 'x')])(
    'shows a page instead of redirecting to %s, which no one registered',
    async (redirect_uri) => {
      const response = await ask({ redirect_uri });
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
      expect(await response.text()).toContain('redirect-uri-mismatch');
    },
  );

  it('asks with Yes and No, and lets the form redirect to the registered origin', async () => {
    const response = await ask({});
    const page = await response.text();
    expect(page).toContain('id="oauth_authorize_form"');
    expect(page).toMatch(/the service named '<strong>Oriel<\/strong>'/);
    expect(page).toMatch(/name="authorize" value="Yes"[\s\S]*name="authorize" value="No"/);
    expect(response.headers.get('content-security-policy')).toContain(
      "form-action 'self' http://localhost:9;",
    );
  });

  it('adds code, lifetime and state to a redirect URI that has a query', async () => {
    const location = await client.consent(ann);
    expect(location.href.startsWith(`${seeded.redirectUri}&code=`)).toBe(true);
    expect(location.searchParams.get('code')).toMatch(/^[0-9a-f]{64}$/);
    expect(location.searchParams.get('expires_in')).toBe('3600');
    expect(location.searchParams.get('state')).toBe('a state');
  });

  it('says access-denied, and drops state, for anything but exactly Yes', async () => {
    expect((await client.consent(ann, 'No')).href).toBe(back('access-denied'));
  });

  it('checks everything again when the form is sent', async () => {
    const changed = { ...good, response_type: 'token', authorize: 'Yes' };
    const form = `/oauth/authorize?${new URLSearchParams(good)}`;
    const response = await ann.submit(form, '/oauth/authorize', changed);
    expect(response.headers.get('location')).toBe(back('unsupported-response-type'));
  });

  it('takes no form that did not come from its own page', async () => {
    const response = await ann.submit('/oauth/authorize', '/oauth/authorize', {
      ...good,
      authorize: 'Yes',
      authenticity_token: 'forged',
    });
    expect(response.status).toBe(422);
  });
});
