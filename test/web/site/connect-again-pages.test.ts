import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow, listPendingFlows } from '../../../src/connect/consent/activate-flow.js';
import { LONGEST_REVOCATION } from '../../../src/connect/leases.js';
import { alice, bob } from '../../connect/connect-setup.js';
import { stepsOf } from '../../connect/steps.js';
import { HttpBrowser, redirectOf } from '../../support/http-viewer.js';
import { type SiteApp, startSite } from './site-app.js';
import { visit } from './visiting.js';

const OTHER = { intent: 'other-account' };

describe('Use another account, in My connections', () => {
  let site: SiteApp;
  let browser: HttpBrowser;
  let id: string;

  beforeEach(async () => {
    site = await startSite();
    browser = new HttpBrowser();
    id = (await stepsOf(site).connect('ada')).id;
    // Of flows started in the same millisecond none is the newer.
    site.clock.pass(1);
    await visit(site, browser, alice);
  });
  afterEach(() => site.close());

  const begin = async (form: Readonly<Record<string, string>> = OTHER): Promise<string> => {
    const started = await site.post(browser, `/connections/${id}/connect`, form);
    return new URL(redirectOf(started, site.siteOrigin)).searchParams.get('flow') ?? '';
  };
  /** Up to the second question, signed in at the provider as `account`. */
  const consent = async (account: string, form = OTHER): Promise<string> => {
    const flow = await begin(form);
    const url = new URL(redirectOf(await site.post(browser, '/connect/go', { flow }), site.siteOrigin));
    const state = url.searchParams.get('state') ?? '';
    await site.callback(browser, { state, code: `code-of-${account}` });
    return flow;
  };
  const accept = (flow: string, as = browser) => site.post(as, '/connections/accept', { flow });
  const account = async () => (await site.stores.connections.find(alice, 'github'))?.account?.label;

  it('asks first, then asks the provider for another account, and shows it without any gadget’s help', async () => {
    const flow = await begin();
    const question = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(question.text).toContain('GoCD');
    expect(question.text).toContain('alice');
    expect(question.text).toContain('data-oriel-arm');
    const url = redirectOf(await site.post(browser, '/connect/go', { flow }), site.siteOrigin);
    expect(new URL(url).searchParams.get('prompt')).toBe('select_account');
    const state = new URL(url).searchParams.get('state') ?? '';
    await site.callback(browser, { state, code: 'code-of-grace' });
    const finish = await site.page(browser, `/connect/finish?flow=${flow}`);
    expect(finish.text).toContain('action="/connections/accept"');
    expect(finish.text).toContain('grace');
    expect(await account()).toBe('ada');
    const after = await browser.send(redirectOf(await accept(flow), site.siteOrigin));
    expect(after.text).toContain('Connected.');
    expect(await account()).toBe('grace');
    expect(site.server.revoked).toEqual(['access-ada-1']);
  });

  it('connects the same account again where that is asked', async () => {
    const connection = await site.stores.connections.find(alice, 'github');
    if (connection) await site.stores.connections.expire(connection, 'revoked');
    const flow = await consent('ada', { intent: 'connect' });
    await accept(flow);
    expect(await site.stores.connections.find(alice, 'github')).toMatchObject({ status: 'active' });
  });

  it('is refused by the ordinary page’s yes: without the session nothing is connected', async () => {
    const flow = await consent('grace');
    expect((await site.post(browser, '/connect/accept', { flow })).status).toBe(409);
    expect(await activateFlow(site.ports, flow, alice)).toMatchObject({ status: 'pending' });
    expect(await account()).toBe('ada');
  });

  it('is refused when the session is another viewer’s by then (T15)', async () => {
    const flow = await consent('grace');
    await visit(site, browser, bob);
    const answer = await accept(flow);
    expect(answer.status).toBe(409);
    expect(answer.text).toContain('Someone else started this');
    // Nor may a gadget of the first viewer make something of it.
    expect(await activateFlow(site.ports, flow, alice)).toMatchObject({ status: 'pending' });
    expect(await account()).toBe('ada');
    expect(await site.stores.connections.find(bob, 'github')).toBeNull();
  });

  it('is refused when the session is over', async () => {
    const flow = await consent('grace');
    await site.post(browser, '/connections/close', {});
    expect((await accept(flow)).status).toBe(401);
    expect(await account()).toBe('ada');
  });

  it('is refused in another browser, though the same viewer has a session there', async () => {
    const flow = await consent('grace');
    const elsewhere = new HttpBrowser();
    await visit(site, elsewhere, alice);
    expect((await accept(flow, elsewhere)).status).toBe(404);
    expect((await site.page(elsewhere, `/connect/finish?flow=${flow}`)).status).toBe(404);
    expect((await site.post(elsewhere, '/connect/go', { flow: await begin() })).status).toBe(404);
    expect(await account()).toBe('ada');
  });

  it('does not take a flow that a frame started, which a frame has to finish', async () => {
    const { flow, state } = await site.depart(browser);
    await site.callback(browser, { state, code: 'code-of-grace' });
    expect((await accept(flow)).status).toBe(409);
    expect((await site.post(browser, '/connect/accept', { flow })).status).toBe(303);
  });

  it('yields to a newer flow, whichever is accepted last (T19)', async () => {
    const older = await consent('grace');
    site.clock.pass(1);
    const newer = await consent('hopper');
    await accept(newer);
    const after = await browser.send(redirectOf(await accept(older), site.siteOrigin));
    expect(after.text).toContain('newer attempt');
    expect(await account()).toBe('hopper');
  });

  it('starts nothing for another viewer’s Connection, without a session, or from another site', async () => {
    const path = `/connections/${id}/connect`;
    const forged = { origin: 'https://evil.example', form: OTHER };
    expect((await browser.send(site.siteOrigin + path, forged)).status).toBe(403);
    expect((await browser.send(`${site.siteOrigin}/connections/accept`, forged)).status).toBe(403);
    expect((await site.post(browser, path, { intent: 'anything' })).status).toBe(400);
    expect(redirectOf(await site.post(new HttpBrowser(), path, OTHER), site.siteOrigin)).toContain(
      '/connections',
    );
    await visit(site, browser, bob);
    expect((await site.post(browser, path, OTHER)).status).toBe(404);
    expect(await site.stores.flows.pending(alice, site.clock.now())).toEqual([]);
    expect(await site.stores.flows.pending(bob, site.clock.now())).toEqual([]);
  });

  it('cannot be opened by a ticket, and keeps no gadget waiting', async () => {
    const flow = await begin();
    expect(await listPendingFlows(site.ports, alice)).toEqual([]);
    const [pending] = await site.stores.flows.pending(alice, site.clock.now());
    expect(pending).toMatchObject({ id: flow, mode: 'session', status: 'opened' });
    for (const via of ['session', 'opener', 'fragment'])
      expect((await site.open(new HttpBrowser(), 'x'.repeat(43), { via })).status).toBe(403);
  });

  it('ended while the provider is down is revoked later, and says so', async () => {
    const flow = await consent('grace');
    site.server.revocation = 'failed';
    const { text } = await site.post(browser, '/connect/cancel', { flow });
    expect(text).toContain('retry automatically');
    expect(text).toContain('What you connected before stays as it is');
    expect(await site.stores.connections.due(site.clock.now() + LONGEST_REVOCATION, 9)).toHaveLength(1);
    expect(await account()).toBe('ada');
  });
});
