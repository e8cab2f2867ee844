import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { alice, bob, NOW } from '../../connect/connect-setup.js';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type ConsoleApp, startConsole } from '../console-app.js';

const PATH = '/admin/audit';

const changed: AuditEvent = {
  action: 'provider.changed',
  by: { kind: 'admin', id: 'a1', name: 'Anna <script>' },
  outcome: 'done',
  provider: 'mingle',
  changes: [{ path: 'scopes', before: 'read', after: 'read write' }],
};
const started = (viewer = alice): AuditEvent => ({
  action: 'flow.started',
  by: { kind: 'viewer', viewer },
  outcome: 'done',
  provider: 'github',
});

describe('The page Audit', () => {
  let app: ConsoleApp;
  let browser: HttpBrowser;
  let token: string;
  const append = (event: AuditEvent, at = NOW) => app.stores.audit.append(event, at);
  const page = async (path = PATH) => app.page(browser, path);
  /** The sentences that a page shows. */
  const sentences = (text: string) =>
    [...text.matchAll(/audit-sentence"><bdi>(.*?)<\/bdi>/g)].map(([, sentence]) => sentence);

  beforeEach(async () => {
    app = await startConsole();
    await app.admin('ann');
    ({ browser, token } = await app.signedIn());
  });
  afterEach(async () => {
    expect(app.bugs()).toEqual([]);
    await app.close();
  });

  it('shows each entry as a sentence, newest first, with what was changed', async () => {
    await append(changed);
    await append(started());
    const { status, text } = await page();
    expect(status).toBe(200);
    expect(sentences(text).slice(0, 2)).toEqual([
      expect.stringMatching(/^Viewer [\w-]{8} started to connect to github \(host gocd\)$/),
      'Anna &lt;script&gt; changed provider mingle: scopes “read” → “read write”',
    ]);
    expect(text).not.toContain('alice');
  });

  it('says that nothing matches', async () => {
    expect((await page(`${PATH}?provider=nobody`)).text).toContain('No matching entries.');
  });

  it('is searched by every field of its form, each of which keeps what was asked', async () => {
    // The administrator's own account and sign-in.
    const before = (await app.events()).length;
    await append(changed);
    await append(started());
    await append({ ...started(bob), action: 'flow.refused', outcome: 'refused', code: 'denied' }, NOW + 1);
    const found = async (query: string) => sentences((await page(`${PATH}?${query}`)).text).length;
    expect(await found('action=flow')).toBe(2);
    expect(await found('action=flow.started')).toBe(1);
    expect(await found('outcome=refused')).toBe(1);
    expect(await found('provider=mingle')).toBe(1);
    expect(await found('host=gocd')).toBe(2);
    expect(await found('by=a1')).toBe(1);
    expect(await found('from=2027-01-15&to=2027-01-15')).toBe(before + 3);
    expect(await found('from=2027-01-16')).toBe(0);
    const { text } = await page(`${PATH}?action=flow&by=a1&provider=%22%3E%3Cb%3E`);
    expect(text).toContain('value="flow" selected');
    expect(text).toContain('value="a1" selected');
    expect(text).toContain('value="&quot;&gt;&lt;b&gt;"');
  });

  it.each(['action=nonsense', 'outcome=maybe', 'from=yesterday', 'to=2027-02-29', 'host=%00'])(
    'says what is wrong with a search by %s',
    async (query) => {
      const { status, text } = await page(`${PATH}?${query}`);
      expect(status).toBe(400);
      expect(text).toContain('The log can’t be searched by this');
      expect(text).toContain('autofocus');
      const day = query.split('=')[0];
      if (day === 'from' || day === 'to')
        expect(text).toMatch(
          new RegExp(`id="${day}"[^>]* aria-invalid="true" aria-describedby="search-error"`),
        );
      // Nothing was searched, so nothing is said about what was found.
      expect(text).not.toContain('No matching entries');
      expect(text).not.toContain('Export results');
    },
  );

  it('turns pages by entries, and keeps the search', async () => {
    const { length: before } = await app.events();
    for (let n = 0; n < 120; n += 1) await append({ ...changed, subject: `n${n}` });
    const seen: string[] = [];
    let path: string | undefined = `${PATH}?provider=mingle`;
    while (path !== undefined) {
      const { text } = await page(path);
      seen.push(...[...text.matchAll(/<dt>Entry<\/dt><dd>(\d+)/g)].map(([, seq]) => seq ?? ''));
      path = /class="button" href="([^"]+)">Older/.exec(text)?.[1]?.replaceAll('&amp;', '&');
    }
    expect(seen).toEqual(Array.from({ length: 120 }, (_, n) => String(before + 120 - n)));
  });

  it('finds a viewer by the host’s name for them, without putting that into an address', async () => {
    await append(started());
    await append(started(bob));
    const find = (sub: string) =>
      app.post(browser, `${PATH}/viewer`, { host: 'gocd', sub, 'form-token': token });
    const target = redirectOf(await find('alice'), app.siteOrigin);
    const person = await app.stores.audit.personOf(alice);
    expect(target).toBe(`${app.siteOrigin}${PATH}?person=${person}`);
    expect(sentences((await browser.send(target)).text)).toHaveLength(1);
    const unknown = redirectOf(await find('nobody'), app.siteOrigin);
    expect(unknown).toBe(`${app.siteOrigin}${PATH}`);
    expect((await browser.send(unknown)).text).toContain('There is no such viewer in the log');
  });

  it('exports what was found as lines of JSON, and records the export', async () => {
    const first = await append(changed);
    await append(started());
    const answer = await app.post(browser, `${PATH}/export`, { provider: 'mingle', 'form-token': token });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-disposition']).toMatch(
      /^attachment; filename="oriel-audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
    expect(answer.headers['content-type']).toContain('application/jsonl');
    expect(answer.headers['cache-control']).toContain('no-store');
    expect(answer.text).toBe(`${JSON.stringify({ ...first, at: new Date(first.at).toISOString() })}\n`);
    expect((await app.events()).at(-1)).toMatchObject({
      action: 'audit.exported',
      actor: { kind: 'admin', name: 'ann' },
      changes: [{ path: 'search', before: null, after: 'provider=mingle' }],
      requestId: answer.headers['x-request-id'],
    });
  });

  it('is not shown without a session, and not exported by another site’s form', async () => {
    const stranger = new HttpBrowser();
    expect((await app.page(stranger, PATH)).status).toBe(303);
    expect((await app.page(stranger, `${PATH}/verify`)).status).toBe(303);
    expect((await app.post(stranger, `${PATH}/export`, { 'form-token': token })).status).toBe(401);
    expect((await app.post(browser, `${PATH}/export`, {})).status).toBe(403);
    expect((await page(`${PATH}/export`)).status).not.toBe(200);
    expect((await app.events()).filter(({ action }) => action === 'audit.exported')).toEqual([]);
  });

  it('checks the log, and a hash that was kept', async () => {
    const { hash, seq } = await append(changed);
    const whole = await page(`${PATH}/verify`);
    expect(whole.text).toContain(`${seq} entries, each chained`);
    expect(whole.text).toContain(hash);
    expect((await page(`${PATH}/verify?head=${hash}`)).text).toContain(`It belongs to entry ${seq}.`);
    expect((await page(`${PATH}/verify?head=${'A'.repeat(43)}`)).text).toContain(
      'The log was shortened or rewritten',
    );
    const nonsense = await page(`${PATH}/verify?head=nonsense`);
    expect(nonsense.status).toBe(400);
    expect(nonsense.text).toContain('That is not a hash from the log');
    expect(nonsense.text).toMatch(/value="nonsense"[^>]* aria-invalid="true" autofocus/);
  });
});
