import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../../src/connect/consent/activate-flow.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { alice, bob } from '../../connect/connect-setup.js';
import { type Answer, HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type Pasting, startPasting, TOKEN, wordsOf } from './pasting.js';
import { visit } from './visiting.js';

const DAY = 24 * 60 * 60_000;

describe('A token that a person pastes', () => {
  let site: Pasting;
  let browser: HttpBrowser;

  beforeEach(async () => {
    site = await startPasting();
    browser = new HttpBrowser();
  });
  afterEach(() => site.close());

  it('is asked for with the page that creates one, in a field that keeps nothing', async () => {
    const { html, flow } = await site.open(browser);
    expect(html).toContain(`href="${site.api.url}/go/access_tokens" target="_blank" rel="noopener`);
    expect(html).toMatch(
      /<input id="oriel-token-token" name="token" type="password"[^>]* autocomplete="off"/,
    );
    expect(html).not.toContain('name="account"');
    expect(html).not.toContain('name="expires"');
    expect(html).not.toContain('/connect/go');
    // Reloaded, it is a page of its own, whose forms go nowhere else.
    const page = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(page.text).toContain('name="token"');
    expect(page.headers['content-security-policy']).toContain("form-action 'self'");
  });

  it('is checked, named and kept, and shown to no one', async () => {
    const { flow } = await site.open(browser);
    const pasted = await site.paste(browser, flow, `  ${TOKEN}\n`);
    const finish = await browser.send(redirectOf(pasted, site.siteOrigin));
    expect(wordsOf(finish)).toContain('This token belongs to the GoCD account ada (GoCD)');
    expect(await site.find()).toBeNull();
    await site.send(browser, '/connect/accept', { flow });
    await activateFlow(site.deps, flow, alice);
    const connection = await site.find();
    expect(connection).toMatchObject({
      ...{ status: 'active', clientId: '', scopes: [], expiresAt: null },
      account: { id: 'ada', label: 'ada (GoCD)' },
    });
    const tokens = connection && (await site.stores.connections.tokens(connection));
    expect(tokens?.refreshToken).toBeNull();
    expect(tokens?.origins).toEqual([site.api.url]);
    expect(site.api.asked).toEqual([
      {
        path: '/go/api/current_user',
        authorization: `Bearer ${TOKEN}`,
        accept: 'application/vnd.go.cd+json',
      },
    ]);
    expect(pasted.text + finish.text).not.toContain(TOKEN);
    expect(site.lines.join('\n')).not.toContain(TOKEN);
    const database = await openSqlite(site.database);
    const rows = await database.read(sql`select * from audit_entry`);
    const flows = await database.read(sql`select * from flow`);
    await database.close();
    expect(JSON.stringify([rows, flows])).not.toContain(TOKEN);
  });

  it('that the provider does not know is reported at once, with the empty field to try again', async () => {
    const { flow } = await site.open(browser);
    const wrong = await site.paste(browser, flow, 'tok-that-is-wrong');
    expect(wrong.status).toBe(422);
    expect(wordsOf(wrong)).toContain('GoCD doesn’t accept this.');
    expect(wrong.text).toContain('role="alert"');
    expect(wrong.text).toContain('aria-invalid="true" aria-describedby="oriel-refused"');
    expect(wrong.text).not.toContain('tok-that-is-wrong');
    expect(site.lines.join('\n')).not.toContain('tok-that-is-wrong');
    expect(await site.stores.flows.byId(flow)).toMatchObject({ status: 'opened' });
    const [refused] = await site.stores.audit.list({ actions: ['flow.refused'] }, { before: null, limit: 1 });
    expect(refused).toMatchObject({ code: 'pasted_token_refused', provider: 'gocd', outcome: 'refused' });
    expect((await site.paste(browser, flow, TOKEN)).status).toBe(303);
  });

  it.each([
    ['', 'Paste the token first.'],
    ['two words', 'This isn’t a token'],
    ['ünicode', 'This isn’t a token'],
    ['x'.repeat(4097), 'This isn’t a token'],
  ])('is not sent anywhere when it is %j', async (token, sentence) => {
    const { flow } = await site.open(browser);
    const refused = await site.paste(browser, flow, token);
    expect(refused.status).toBe(422);
    expect(wordsOf(refused)).toContain(sentence);
    expect(site.api.asked).toEqual([]);
  });

  it('cannot be distinguished from a right one while the provider is away, and can be pasted again', async () => {
    const { flow } = await site.open(browser);
    site.api.fail = 503;
    const away = await site.paste(browser, flow, TOKEN);
    expect(away.status).toBe(503);
    expect(wordsOf(away)).toContain('the token wasn’t checked');
    site.api.fail = 0;
    expect((await site.paste(browser, flow, TOKEN)).status).toBe(303);
  });

  it('is taken ten times in a quarter of an hour, whichever flow it is for', async () => {
    for (let tries = 0; tries < 2; tries += 1) {
      const { flow } = await site.open(browser);
      for (let left = 5; left > 0; left -= 1) await site.paste(browser, flow, 'tok-that-is-wrong');
    }
    const { flow } = await site.open(browser);
    const eleventh = await site.paste(browser, flow, TOKEN);
    expect(eleventh.status).toBe(429);
    expect(wordsOf(eleventh)).toContain('Wait fifteen minutes');
    expect(site.api.asked).toHaveLength(10);
    // Another viewer is not kept out by that.
    const others = new HttpBrowser();
    expect((await site.paste(others, (await site.open(others, 'gocd', bob)).flow, TOKEN)).status).toBe(303);
  });

  it('is sent with the account name where the provider wants one, which is asked for beside it', async () => {
    const { flow, html } = await site.open(browser, 'jenkins');
    expect(html).toContain('name="account"');
    expect(html).toContain('name="expires" type="date"');
    expect(wordsOf({ text: html } as Answer)).toContain('Read jobs');
    for (const account of ['', 'a:b']) {
      const nameless = await site.paste(browser, flow, TOKEN, { account });
      expect(wordsOf(nameless)).toContain('Enter your account name at Jenkins.');
    }
    const wrong = await site.paste(browser, flow, TOKEN, { account: 'eve<b>', expires: '2030-01-31' });
    expect(wrong.status).toBe(422);
    expect(wrong.text).toContain('value="eve&lt;b&gt;"');
    expect(wrong.text).toContain('value="2030-01-31"');
    expect(wrong.text).not.toContain(TOKEN);
    expect((await site.paste(browser, flow, TOKEN, { account: 'ada' })).status).toBe(303);
    const basic = `Basic ${Buffer.from(`ada:${TOKEN}`).toString('base64')}`;
    expect(site.api.asked.at(-1)).toMatchObject({
      path: '/jenkins/me/api/json?tree=id,fullName',
      authorization: basic,
    });
    expect(site.lines.join('\n')).not.toContain(basic.slice(6));
  });

  it.each([
    ['2020-01-31', 'This date has passed.'],
    ['2031-02-31', 'This isn’t a date.'],
    ['soon', 'This isn’t a date.'],
  ])('that ends on %s is not taken', async (expires, sentence) => {
    const { flow } = await site.open(browser, 'jenkins');
    const refused = await site.paste(browser, flow, TOKEN, { account: 'ada', expires });
    expect(wordsOf(refused)).toContain(sentence);
    expect(site.api.asked).toEqual([]);
  });

  it('is dropped for another one, which the same page takes', async () => {
    const { flow } = await site.open(browser);
    await site.paste(browser, flow, TOKEN);
    const other = await site.send(browser, '/connect/other', { flow });
    const form = await browser.send(redirectOf(other, site.siteOrigin));
    expect(form.text).toContain('name="token"');
    await site.paste(browser, flow, TOKEN);
    const again = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(wordsOf(again)).toContain('this token belongs to the same one');
    await site.send(browser, '/connect/other', { flow });
    await site.paste(browser, flow, 'tok-of-bob-000000000000000000');
    expect(wordsOf(await site.page(browser, `/connect/finish?flow=${flow}`))).toContain('bob (GoCD)');
  });

  it('is forgotten by Cancel', async () => {
    const { flow } = await site.open(browser);
    await site.paste(browser, flow, TOKEN);
    const cancelled = await site.send(browser, '/connect/cancel', { flow });
    expect(wordsOf(cancelled)).toContain('You can delete it in your GoCD account');
    expect(await site.find()).toBeNull();
    const ended = await site.stores.flows.byId(flow);
    expect(ended && (await site.stores.flows.tokens(ended))).toBeNull();
  });

  it('shows its owner what is theirs, and another viewer what is his', async () => {
    await site.connect(browser);
    await site.connect(new HttpBrowser(), 'tok-of-bob-000000000000000000', bob);
    expect((await site.find())?.account?.id).toBe('ada');
    expect((await site.find(bob))?.account?.id).toBe('bob');
    site.api.asked.length = 0;
    await (await site.frame('alice')).content();
    await (await site.frame('bob')).content();
    const asked = site.api.asked
      .filter(({ path }) => path === '/go/gocd')
      .map(({ authorization }) => authorization);
    expect(asked).toEqual([`Bearer ${TOKEN}`, 'Bearer tok-of-bob-000000000000000000']);
  });

  it('that the provider takes back asks for a new one, in words of its own', async () => {
    await site.connect(browser);
    const { content } = await site.frame();
    site.api.tokens.delete(TOKEN);
    site.clock.pass(31_000);
    const answer = await content();
    expect(await site.find()).toMatchObject({ status: 'reconnect', reason: 'token-rejected' });
    expect(wordsOf(answer)).toContain('GoCD no longer accepts the token you pasted.');
  });
});

describe('The date on which a token ends', () => {
  let site: Pasting;
  let browser: HttpBrowser;
  const dayIn = (days: number): string => new Date(site.clock.now() + days * DAY).toISOString().slice(0, 10);
  const connect = async (days: number): Promise<void> => {
    const { flow } = await site.open(browser, 'jenkins');
    await site.paste(browser, flow, TOKEN, { account: 'ada', expires: dayIn(days) });
    await site.send(browser, '/connect/accept', { flow });
    await activateFlow(site.deps, flow, alice);
  };

  beforeEach(async () => {
    site = await startPasting();
    browser = new HttpBrowser();
  });
  afterEach(() => site.close());

  it('is kept, and said in My connections and in the gadget when it is near', async () => {
    await connect(30);
    await visit(site, browser, alice);
    const long = wordsOf(await site.page(browser, '/connections?mine'));
    expect(long).toContain('Token expires');
    expect(long).not.toContain('Paste a new one before then');
    expect(long).toContain('Paste a new Jenkins token');
    expect(wordsOf(await (await site.frame('alice', 'jobs')).content())).not.toContain(
      'Paste a new one before then',
    );
    site.clock.pass(24 * DAY);
    await visit(site, browser, alice);
    expect(wordsOf(await site.page(browser, '/connections?mine'))).toContain('Paste a new one before then');
    expect(wordsOf(await (await site.frame('alice', 'jobs')).content())).toContain(
      'The token you pasted for Jenkins expires on',
    );
  });

  it('ends its use, without asking the provider', async () => {
    await connect(1);
    site.clock.pass(3 * DAY);
    site.api.asked.length = 0;
    const answer = await (await site.frame('alice', 'jobs')).content();
    expect(wordsOf(answer)).toContain('has reached its expiry date');
    expect(site.api.asked.filter(({ path }) => path.startsWith('/jenkins'))).toEqual([]);
    expect(await site.find(alice, 'jenkins')).toMatchObject({ status: 'reconnect', reason: 'token-expired' });
  });

  it('is forgotten with the token by Disconnect', async () => {
    await connect(30);
    await visit(site, browser, alice);
    const connection = await site.find(alice, 'jenkins');
    await site.send(browser, `/connections/${connection?.id}/disconnect`, {});
    expect(await site.find(alice, 'jenkins')).toBeNull();
    const list = wordsOf(await site.page(browser, '/connections?mine'));
    expect(list).toContain('Jenkins is disconnected here');
    expect(list).toContain(`${site.api.url}/jenkins/me/security/`);
  });
});

describe('A token that is pasted in a host of mode code', () => {
  it('still needs the code to be typed into the gadget', async () => {
    const site = await startPasting('code');
    const browser = new HttpBrowser();
    const { flow } = await site.open(browser);
    await site.paste(browser, flow, TOKEN);
    await site.send(browser, '/connect/accept', { flow });
    expect(await activateFlow(site.deps, flow, alice)).toMatchObject({ status: 'coded' });
    expect(await site.find()).toBeNull();
    await site.close();
  });
});
