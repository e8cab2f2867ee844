import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ConsoleApp, startConsole } from '../console-app.js';

const SIX_MINUTES = 6 * 60_000;

/** What anyone at an open session may do: it gives no one access, or asks for the password itself. */
const WITHOUT_ASKING = [
  'POST /admin/administrators/password',
  'POST /admin/audit/export',
  'POST /admin/audit/viewer',
  'POST /admin/confirm',
  'POST /admin/connections/retry',
  'POST /admin/preview/token',
  'POST /admin/providers/:id/certificates',
  'POST /admin/providers/:id/test',
  'POST /admin/server/reload',
  'POST /admin/sign-out',
];

describe('Keys, secrets, providers, hosts, people and ending connections', () => {
  let app: ConsoleApp;
  beforeAll(async () => {
    app = await startConsole();
    await app.admin('ann');
  });
  afterAll(() => app.close());

  it('require re-authentication after five minutes, before anything is done', async () => {
    const { browser, token } = await app.signedIn();
    app.clock.pass(SIX_MINUTES);
    const posts = app.running
      .routes()
      .filter(({ method, path }) => method === 'POST' && path.startsWith('/admin/'))
      .map(({ path }) => `POST ${path}`)
      .filter((name) => !['POST /admin/sign-in', 'POST /admin/setup'].includes(name));
    expect(posts).toEqual(expect.arrayContaining(WITHOUT_ASKING));
    const asking = posts.filter((name) => !WITHOUT_ASKING.includes(name));
    expect(asking.length).toBeGreaterThan(10);
    for (const name of asking) {
      const path = name.replace('POST ', '').replaceAll(/:\w+/g, 'some-id');
      const { status, text } = await app.post(browser, path, { 'form-token': token });
      expect([name, status, text.includes('Confirm it’s you')]).toEqual([name, 403, true]);
    }
  });
});
