import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AuditWriter } from '../../../src/admin/audit/audit-writer.js';
import type { Connection } from '../../../src/domain/connection.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { FailureNotes } from '../../../src/render/failure-notes.js';
import { alice, bob, HOUR } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { type HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { someRecords, withRecords } from '../admin-setup.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

const LIST = '/admin/connections';

let app: ConsoleApp;
let steps: ReturnType<typeof stepsOf>;
let browser: HttpBrowser;
let token: string;

beforeEach(async () => {
  const records = someRecords();
  app = await startConsole({
    deps: (ports) => withRecords(ports, records),
  });
  steps = stepsOf(app);
  await app.admin('ann');
  ({ browser, token } = await app.signedIn());
});
afterEach(async () => {
  expect(app.bugs()).toEqual([]);
  await app.close();
});

const page = async (path = LIST) => app.page(browser, path);
const post = (path: string, form: Readonly<Record<string, string>> = {}) =>
  app.post(browser, path, { ...form, 'form-token': token });
/** Whose rows a page shows. */
const people = (text: string) =>
  [...text.matchAll(/class="who"><bdi>(.*?)<\/bdi>/g)].map(([, sub]) => sub).sort();

describe('The page Connections', () => {
  it('says that no one is connected yet, and how to connect', async () => {
    const { status, text } = await page();
    expect(status).toBe(200);
    expect(text).toContain('No connections yet.');
    expect(text).not.toContain('Disconnect all');
  });

  it('shows who is connected, to which account, for what, and which gadgets use it', async () => {
    const { id } = await steps.connect('ada');
    await app.stores.connectionLists.used(id, 'reviews', app.clock.now());
    const { text } = await page();
    expect(people(text)).toEqual(['alice']);
    for (const seen of [
      'GoCD',
      'GitHub',
      'ada',
      '<code>read</code>',
      'Reviews',
      '1 active, 0 need reconnecting',
    ])
      expect(text).toContain(seen);
  });

  it('shows what a host calls a person as text, however it is written', async () => {
    await steps.connect('ada', 'github', viewerOf('gocd', '<b>\u202Eevil\u0000'));
    const { text } = await page();
    expect(text).toContain('&lt;b&gt;');
    for (const raw of ['<b>', '\u202E', '\u0000']) expect(text.includes(raw)).toBe(false);
  });

  it('is filtered by provider, host and state, and keeps what was asked', async () => {
    await steps.connect('ada');
    await steps.connect('ada', 'mingle');
    const lapsed = await steps.connect('bob', 'github', bob);
    await app.stores.connections.expire(lapsed, 'revoked');
    expect(people((await page(`${LIST}?provider=github`)).text)).toEqual(['alice', 'bob']);
    const { text } = await page(`${LIST}?provider=github&host=gocd&status=reconnect`);
    expect(people(text)).toEqual(['bob']);
    expect(text).toContain('it was ended at the provider');
    expect(text).toMatch(/<option value="github" selected>/);
    expect((await page(`${LIST}?host=nowhere`)).text).toContain('No matching connections.');
    expect(people((await page(`${LIST}?status=nonsense`)).text)).toEqual(['alice', 'alice', 'bob']);
  });

  it('is shown page by page', async () => {
    for (let n = 0; n < 51; n += 1) await steps.connect(`a${n}`, 'mingle', viewerOf('gocd', `v${n}`));
    const first = await page(`${LIST}?provider=mingle`);
    const next = /href="([^"]*after=[^"]*)">Next/.exec(first.text)?.[1]?.replaceAll('&amp;', '&') ?? '';
    const second = await page(next);
    expect([people(first.text).length, people(second.text).length]).toEqual([50, 1]);
    expect(second.text).toContain(`href="${LIST}?provider=mingle">First`);
  });
});

describe('Revoking one Connection in the console', () => {
  let connection: Connection;
  beforeEach(async () => {
    connection = await steps.connect('ada');
  });

  it('asks first, and says what will happen', async () => {
    const { text } = await page(`${LIST}/${connection.id}/revoke`);
    for (const seen of ['alice', 'GitHub', 'What happens', 'can connect again']) expect(text).toContain(seen);
    expect((await app.stores.connections.byId(connection.id))?.status).toBe('active');
  });

  it.each([
    ['github', 'GitHub is asked to revoke the permission, and the result is shown here.'],
    [
      'mingle',
      'Mingle doesn’t support revoking the permission. Only the viewer can delete it in their account there.',
    ],
  ])('says beforehand what %s will do about the permission', async (provider, sentence) => {
    const { id } = await steps.connect('ada', provider, bob);
    const { text } = await page(`${LIST}/${id}/revoke`);
    expect(text.replaceAll(/<[^>]+>/g, '')).toContain(sentence);
  });

  it('ends it, and says honestly what came of it', async () => {
    expect(redirectOf(await post(`${LIST}/${connection.id}/revoke`), app.siteOrigin)).toBe(
      app.siteOrigin + LIST,
    );
    expect((await page()).text).toContain('Disconnected, and GitHub revoked the permission.');
    expect(await app.stores.connections.byId(connection.id)).toBeNull();
    expect((await app.events()).at(-1)).toMatchObject({
      action: 'connection.disconnected',
      actor: { kind: 'admin', name: 'ann' },
      person: await app.stores.audit.personOf(alice),
    });
  });

  it('warns when the provider could not be notified, and shows it as being revoked', async () => {
    app.server.revocation = 'failed';
    await post(`${LIST}/${connection.id}/revoke`);
    const { text } = await page();
    expect(text).toMatch(/notice-warning[^>]*>Disconnected here; no data is shown any more/);
    expect(text).toContain('being revoked');
    expect((await page(`${LIST}/${connection.id}/revoke`)).text).toContain(
      'This account is already disconnected',
    );
  });

  it('refuses one that is gone', async () => {
    expect((await page(`${LIST}/nothing/revoke`)).status).toBe(404);
    expect((await post(`${LIST}/nothing/revoke`)).status).toBe(404);
  });
});

describe('Revoking all Connections of a provider or a host in the console', () => {
  beforeEach(async () => {
    await steps.connect('ada');
    await steps.connect('bob', 'github', bob);
    await steps.connect('ada', 'mingle');
  });

  it('asks which, and says how many and that it cannot be stopped', async () => {
    expect((await page(`${LIST}/revoke-all`)).text).toContain('Choose a provider, a host, or both.');
    const { text } = await page(`${LIST}/revoke-all?provider=github`);
    expect(text).toContain('Every connection of GITHUB');
    expect(text).toContain('Disconnect 2 connections');
    expect(text).toContain('You can’t stop this');
    const all = (await page(`${LIST}/revoke-all?host=gocd`)).text.replaceAll(/<[^>]+>/g, '');
    expect(all).toContain('2 connections of GitHub: GitHub is asked to revoke the permissions');
    expect(all).toContain('1 connection of Mingle: Mingle doesn’t support revoking the permission');
    expect((await page(`${LIST}/revoke-all?host=wiki`)).text).toContain('No matching connections.');
  });

  it('starts it, and shows its progress', async () => {
    const started = await post(`${LIST}/revoke-all`, { provider: 'github', host: '' });
    const { text } = await page(String(started.headers.location));
    expect(text).toContain('Every connection of GITHUB');
    expect(text.replaceAll(/<[^>]+>/g, '')).toContain('0 of 2 revoked, 2 remaining');
    expect(text).toContain('An administrator revoked them.');
    expect((await page('/admin/bulk-disconnects')).text).toContain('Every connection of GITHUB');
  });

  it('is refused when nothing was chosen', async () => {
    expect((await post(`${LIST}/revoke-all`, { provider: '', host: '' })).status).toBe(400);
    expect((await page('/admin/bulk-disconnects')).text).toContain('No bulk disconnects yet.');
  });

  it('is asked for a password again when the last one is too long ago', async () => {
    app.clock.pass(6 * 60_000);
    const answer = await post(`${LIST}/revoke-all`, { provider: 'github', host: '' });
    expect(answer.status).toBe(403);
    expect(await app.stores.bulkDisconnects.latest(1)).toEqual([]);
  });

  it('of an unknown id is not found', async () => {
    expect((await page('/admin/bulk-disconnects/nothing')).status).toBe(404);
  });
});

describe('The page that says why tokens are not renewed', () => {
  const PATH = `${LIST}/refreshing`;

  it('says that all is well', async () => {
    expect((await page(PATH)).text).toContain('All tokens are refreshing normally');
  });

  it('shows a rejected client, and offers “Retry”', async () => {
    await app.stores.clientStops.stop('mingle', 'key', app.clock.now() - HOUR);
    expect((await page(PATH)).text).toContain('rejected this server’s client credentials');
    expect(redirectOf(await post(`${LIST}/retry`, { provider: 'mingle' }), app.siteOrigin)).toBe(
      app.siteOrigin + PATH,
    );
    const { text } = await page(PATH);
    expect(text).toContain('One client of mingle can request tokens again.');
    expect(text).toContain('All tokens are refreshing normally');
    expect((await app.events()).at(-1)).toMatchObject({ action: 'provider.retried', actor: { name: 'ann' } });
  });

  it('shows what failed with the request id of the viewer’s page, which leads to its entry in the audit log', async () => {
    const { clock, stores } = app;
    const audit = new AuditWriter(stores.audit, { clock, journal: app.ports.journal });
    const failures = [{ provider: 'github', code: 'http-503' }];
    new FailureNotes({ audit, clock }).note({
      ...{ gadget: 'reviews', viewer: alice, requestId: 'request-of-alice', failures },
    });
    await expect.poll(async () => (await page(PATH)).text).toContain('http-503');
    const { text } = await page(PATH);
    const link = '<a href="/admin/audit?request=request-of-alice"><code>request-of-alice</code></a>';
    expect(text).toContain(`<code>http-503</code> while showing a gadget, request ${link}`);
    const found = await page('/admin/audit?request=request-of-alice');
    expect(found.text).toContain('http-503');
  });

  it('refuses to retry a provider that is not there', async () => {
    expect((await post(`${LIST}/retry`, { provider: 'nothing' })).status).toBe(404);
    expect((await post(`${LIST}/retry`)).status).toBe(404);
  });
});
