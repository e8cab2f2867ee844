import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow, listPendingFlows } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow, cancelFlow } from '../../src/connect/consent/decide-flow.js';
import { finishFlow } from '../../src/connect/consent/finish-flow.js';
import { openFlow } from '../../src/connect/consent/open-flow.js';
import { redirectFlow } from '../../src/connect/consent/redirect-flow.js';
import { alice, Browser, bob, type ConnectSetup, providerNamed, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

describe('A consent', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;
  const flow = async (id: string) => setup.stores.flows.byId(id);

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    browser = new Browser();
  });
  afterEach(() => setup.stores.close());

  it('makes a Connection only when a frame of the viewer asks after the viewer said yes', async () => {
    const { flow: id, nonce } = await steps.consent(browser, 'ada');
    expect((await activateFlow(setup.ports, id, alice)).status).toBe('pending');
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    await acceptFlow(setup.ports, id, nonce);
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    expect((await activateFlow(setup.ports, id, alice)).status).toBe('active');
    expect(await setup.stores.connections.find(alice, 'github')).toMatchObject({
      account: { id: 'id-ada', label: 'ada' },
      status: 'active',
    });
  });

  it('shows a frame that was loaded in the meantime which flows it may wait for', async () => {
    const { flow: id } = await steps.depart(browser);
    expect(await listPendingFlows(setup.ports, alice)).toEqual([
      { flow: id, provider: 'github', mode: 'opener', status: 'redirected', failure: null, after: null },
    ]);
  });

  it('sends state, PKCE and a redirect URI of the provider’s own, and no state twice', async () => {
    const first = await steps.depart(browser);
    const second = await steps.depart(browser);
    expect(first.url.searchParams.get('redirect_uri')).toBe('https://oriel.example/connect/callback/github');
    expect(first.url.searchParams.get('code_challenge')).not.toBeNull();
    expect(first.state).toMatch(/^[\w-]{43}$/);
    expect(first.state).not.toBe(second.state);
  });

  it('T2: finished in a browser that did not start it redeems nothing', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const query = { state, code: 'code-of-bob' };
    await expect(steps.callback(new Browser(), query)).rejects.toMatchObject({ code: 'state_mismatch' });
    expect(setup.server.asked('redeem')).toBe(0);
    expect((await flow(id))?.status).toBe('redirected');
  });

  it('T3: is not finished by another flow’s cookie either', async () => {
    const { state } = await steps.depart(browser);
    const other = new Browser();
    await steps.depart(other, 'github');
    await expect(steps.callback(other, { state, code: 'code-of-bob' })).rejects.toMatchObject({
      code: 'state_mismatch',
    });
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it('T2: is not finished with a nonce that is not the flow’s', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const other = new Browser();
    other.keep(id, setup.ports.entropy.secret());
    await expect(steps.callback(other, { state, code: 'code-of-bob' })).rejects.toMatchObject({
      code: 'state_mismatch',
    });
    expect(setup.server.asked('redeem')).toBe(0);
  });

  it('T16: takes no answer of another provider, and ends', async () => {
    const { flow: id, state } = await steps.depart(browser, 'github');
    await expect(steps.callback(browser, { state, code: 'code-of-ada' }, 'mingle')).rejects.toMatchObject({
      code: 'state_mismatch',
    });
    expect(setup.server.asked('redeem')).toBe(0);
    expect((await flow(id))?.status).toBe('failed');
  });

  it('T12: redeems a code once, however often the callback is visited at the same time', async () => {
    const { state } = await steps.depart(browser);
    const visits = await Promise.allSettled(
      Array.from({ length: 5 }, () => steps.callback(browser, { state, code: 'code-of-ada' })),
    );
    expect(visits.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
    expect(setup.server.asked('redeem')).toBe(1);
  });

  it('T12: trades a ticket once, and of several ways to the provider only the newest counts', async () => {
    const { ticket } = await steps.begin();
    const trades = await Promise.allSettled(
      [1, 2, 3].map(() => openFlow(setup.ports, ticket, 'opener', new Browser())),
    );
    const opened = trades.filter((trade) => trade.status === 'fulfilled').map(({ value }) => value);
    expect(opened).toHaveLength(1);
    const [one] = opened;
    if (one === undefined) throw new Error('no one opened it');
    browser.keep(one.flow.id, one.nonce);
    const states: string[] = [];
    for (let go = 0; go < 3; go += 1) {
      const url = new URL(await redirectFlow(setup.ports, one.flow.id, one.nonce));
      states.push(url.searchParams.get('state') ?? '');
    }
    for (const state of states.slice(0, 2))
      await expect(steps.callback(browser, { state, code: 'code-of-ada' })).rejects.toMatchObject({
        code: 'state_mismatch',
      });
    expect(setup.server.asked('redeem')).toBe(0);
    await steps.callback(browser, { state: states[2] ?? '', code: 'code-of-ada' });
    expect(setup.server.asked('redeem')).toBe(1);
  });

  it('T12: two clicks at once both lead to the provider', async () => {
    const { ticket } = await steps.begin();
    const { flow, nonce } = await openFlow(setup.ports, ticket, 'opener', browser);
    const goes = await Promise.all([1, 2].map(() => redirectFlow(setup.ports, flow.id, nonce)));
    expect(goes.map((url) => new URL(url).searchParams.has('state'))).toEqual([true, true]);
  });

  it('T11: is not opened by a ticket that arrived another way, nor by one that is too old', async () => {
    const { ticket } = await steps.begin();
    const refused = { code: 'ticket_invalid' };
    await expect(openFlow(setup.ports, ticket, 'fragment', new Browser())).rejects.toMatchObject(refused);
    setup.clock.pass(2 * 60_000);
    await expect(openFlow(setup.ports, ticket, 'opener', new Browser())).rejects.toMatchObject(refused);
  });

  it('T14: keeps two flows of one browser apart', async () => {
    const one = await steps.depart(browser);
    const two = await steps.depart(browser);
    await steps.callback(browser, { state: two.state, code: 'code-of-eve' });
    await steps.callback(browser, { state: one.state, code: 'code-of-ada' });
    expect((await flow(one.flow))?.account?.label).toBe('ada');
    expect((await flow(two.flow))?.account?.label).toBe('eve');
  });

  it.each([
    ['the right issuer', { iss: 'https://as.example' }, 'pending'],
    ['another issuer', { iss: 'https://evil.example' }, 'failed'],
    ['the issuer in another case', { iss: 'https://AS.example' }, 'failed'],
    ['no issuer where the server promised one', {}, 'failed'],
  ])('compares the issuer exactly: %s', async (_, extra, status) => {
    setup.declared.declare(providerNamed('github', { issuer: 'https://as.example', issRequired: true }));
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, code: 'code-of-ada', ...extra });
    expect((await flow(id))?.status).toBe(status);
    expect(setup.server.asked('redeem')).toBe(status === 'pending' ? 1 : 0);
  });

  it('accepts an issuer where the record names none, and says which one once a day', async () => {
    const iss = 'https://github.example/login/oauth';
    const answered = async (extra: Readonly<Record<string, string>>) => {
      const { flow: id, state } = await steps.depart(browser);
      const answer = new URLSearchParams({ state, code: 'code-of-ada', ...extra });
      await finishFlow(setup.ports, 'github', answer, { nonces: browser });
      return (await flow(id))?.status;
    };
    const observed = () => setup.journal.filter(({ event }) => event === 'issuer-observed');
    const remembered = async () =>
      (
        await setup.stores.audit.list(
          { actions: ['provider.issuer-observed'], provider: 'github' },
          { before: null, limit: 10 },
        )
      ).map(({ changes }) => changes[0]?.after);
    expect(await answered({ iss })).toBe('pending');
    expect(await answered({ iss })).toBe('pending');
    expect(observed()).toMatchObject([{ provider: 'github', iss }]);
    setup.clock.pass(24 * 60 * 60_000);
    expect(await answered({ iss })).toBe('pending');
    expect(observed()).toHaveLength(2);
    expect(await remembered()).toEqual([iss]);
    setup.clock.pass(24 * 60 * 60_000);
    expect(await answered({ iss: 'https://github.example' })).toBe('pending');
    expect(await remembered()).toEqual(['https://github.example', iss]);
  });

  it.each(['nothing that is a URL', 'javascript:alert(1)', `https://x.example/${'a'.repeat(600)}`])(
    'accepts, and repeats nowhere, an issuer that no record could name: %s',
    async (iss) => {
      const { flow: id, state } = await steps.depart(browser);
      await steps.callback(browser, { state, code: 'code-of-ada', iss });
      expect((await flow(id))?.status).toBe('pending');
      expect(JSON.stringify(setup.journal)).not.toContain(iss);
    },
  );

  it('still refuses an answer without an issuer where the record insists on one', async () => {
    setup.declared.declare(providerNamed('github', { issRequired: true }));
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, code: 'code-of-ada' });
    expect((await flow(id))?.failure?.code).toBe('issuer_mismatch');
  });

  it('checks the issuer of an error too, and ignores another issuer’s', async () => {
    setup.declared.declare(providerNamed('github', { issuer: 'https://as.example', issRequired: true }));
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, error: 'access_denied', iss: 'https://evil.example' });
    expect((await flow(id))?.failure?.code).toBe('issuer_mismatch');
  });

  it('refuses a repeated parameter, takes an empty one as omitted and ignores unknown ones', async () => {
    const { flow: id, state } = await steps.depart(browser);
    const visit = (query: string) =>
      finishFlow(setup.ports, 'github', new URLSearchParams(query), { nonces: browser });
    await expect(visit(`state=${state}&code=a&code=b`)).rejects.toMatchObject({ code: 'parameter_repeated' });
    await visit(`state=${state}&code=code-of-ada&error=&x=1`);
    expect((await flow(id))?.status).toBe('pending');
  });

  it('asks nothing of a provider the host may not use (T10), nor for a gadget that does not use it', async () => {
    setup.declared.declare(providerNamed('gitlab'));
    await expect(steps.begin('gitlab')).rejects.toMatchObject({ code: 'provider_not_allowed' });
    setup.declared.declare(providerNamed('jira'));
    await expect(steps.begin('jira')).rejects.toMatchObject({ code: 'provider_not_allowed' });
    await expect(steps.begin('nowhere')).rejects.toMatchObject({ code: 'provider_not_allowed' });
  });

  it.each([
    ['nobody', 'account: status-401', 'token'],
    ['nameless', 'account: id-missing', 'unnamed'],
  ])('holds no tokens of an account that the provider does not name: %s', async (who, cause, why) => {
    const { flow: id, state } = await steps.depart(browser);
    await steps.callback(browser, { state, code: `code-of-${who}` });
    expect((await flow(id))?.failure).toMatchObject({ code: 'account_unknown', cause, values: { why } });
    expect(setup.server.revoked).toEqual([`access-${who}-1`]);
  });

  it.each([
    [{ kind: 'protocol-error', code: 'token-type-unknown' }, 'provider_down', 'token-type-unknown'],
    [{ kind: 'unreachable', code: 'json-syntax at 17' }, 'provider_down', 'json-syntax at 17'],
    [{ kind: 'rate-limited', retryAfter: 7 }, 'provider_down', 'rate-limited'],
    [{ kind: 'refused', code: 'invalid_scope' }, 'misconfigured', 'invalid_scope'],
    [{ kind: 'invalid-grant', code: 'invalid_grant' }, 'provider_refused', 'invalid_grant'],
  ] as const)(
    'tells the log, with the request, what was behind a failure: %j',
    async (answer, code, cause) => {
      const { flow: id, state } = await steps.depart(browser);
      setup.server.answers.push(answer);
      const parameters = new URLSearchParams({ state, code: 'code-of-ada' });
      await finishFlow(setup.ports, 'github', parameters, { nonces: browser, requestId: 'request-7' });
      expect((await flow(id))?.failure).toMatchObject({ code, cause, requestId: 'request-7' });
      expect(setup.journal.at(-1)).toMatchObject({
        event: 'flow-failed',
        code,
        cause,
        requestId: 'request-7',
      });
      const filter = { actions: ['flow.refused'], requestId: 'request-7' } as const;
      expect(await setup.stores.audit.list(filter, { before: null, limit: 5 })).toMatchObject([
        { code, outcome: 'failed', changes: [{ path: 'cause', after: cause }] },
      ]);
    },
  );

  it('does not limit a person who cancelled it twenty times, but does after a hundred', async () => {
    for (let count = 0; count < 100; count += 1) {
      const { flow: id, nonce } = await steps.depart(browser);
      await cancelFlow(setup.ports, id, nonce);
    }
    await expect(steps.begin()).rejects.toMatchObject({ code: 'too_many_requests' });
  });

  it('is not started twenty-one times in ten minutes when all were abandoned', async () => {
    for (let count = 0; count < 20; count += 1) await steps.depart(browser);
    await expect(steps.begin()).rejects.toMatchObject({ code: 'too_many_requests' });
    await steps.begin('github', bob);
    setup.clock.pass(10 * 60_000);
    await steps.begin();
  });

  it('is over after ten minutes, wherever it stands', async () => {
    const { flow: id, nonce } = await steps.consent(browser, 'ada');
    setup.clock.pass(10 * 60_000);
    await expect(acceptFlow(setup.ports, id, nonce)).rejects.toMatchObject({ code: 'flow_step' });
    expect((await activateFlow(setup.ports, id, alice)).status).toBe('expired');
  });
});
