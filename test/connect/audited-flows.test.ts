import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activateFlow } from '../../src/connect/consent/activate-flow.js';
import { acceptFlow, cancelFlow } from '../../src/connect/consent/decide-flow.js';
import { openFlow } from '../../src/connect/consent/open-flow.js';
import { changeAccount } from '../../src/connect/consent/redirect-flow.js';
import { startFlow } from '../../src/connect/consent/start-flow.js';
import { disconnectViewer } from '../../src/connect/ending/disconnect.js';
import { sweepUnused } from '../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { Secret } from '../../src/domain/secret.js';
import { withoutRandom } from '../support/without-random.js';
import { alice, Browser, bob, type ConnectSetup, github, HOUR, setUpConnect } from './connect-setup.js';
import { logOf } from './log-of.js';
import { stepsOf } from './steps.js';

const UNUSED = 90 * 24 * HOUR;

describe('The audit log records of attempts to connect', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;
  let log: ReturnType<typeof logOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    log = logOf(setup);
    browser = new Browser();
  });
  afterEach(() => setup.stores.close());

  it('a flow once that several frames finish at the same time', async () => {
    const flow = await steps.accepted('ada');
    await Promise.all(Array.from({ length: 5 }, () => activateFlow(setup.ports, flow, alice)));
    expect((await log.lines()).filter((line) => line.startsWith('flow.finished'))).toHaveLength(1);
  });

  it('a request that was refused, without the name of an unknown provider', async () => {
    const wish = { viewer: alice, profile: { name: null, email: null }, gadget: 'reviews' };
    const intent = 'connect' as const;
    await expect(startFlow(setup.ports, { ...wish, provider: 'x'.repeat(999), intent })).rejects.toThrow();
    expect(await log.last()).toMatchObject({
      action: 'flow.refused',
      code: 'provider_not_allowed',
      provider: null,
    });
    const browserless = await steps.begin('github', bob);
    await expect(activateFlow(setup.ports, browserless.flow, alice)).rejects.toMatchObject({
      code: 'viewer_changed',
    });
    const person = await setup.stores.audit.personOf(alice);
    expect(await log.last()).toMatchObject({ code: 'viewer_changed', person, subject: browserless.flow });
  });

  it('a ticket that opens nothing', async () => {
    await expect(openFlow(setup.ports, new Secret('guessed'), 'opener', new Browser())).rejects.toThrow();
    expect(await log.lines()).toEqual(['flow.refused refused ticket_invalid anonymous']);
  });

  it.each([
    ['an answer to nothing', { state: 'guessed', code: 'c' }, 'refused state_mismatch anonymous'],
    ['a refusal there', { error: 'access_denied' }, 'refused denied viewer'],
    ['an error there', { error: 'server_error' }, 'failed provider_down viewer'],
    [
      'an answer of another server',
      { code: 'c', iss: 'https://evil.example' },
      'failed issuer_mismatch viewer',
    ],
    ['a code that does not work', { code: 'code-of-nobody' }, 'failed account_unknown viewer'],
  ])('why an attempt was refused: %s', async (_, answer, expected) => {
    setup.declared.declare({ ...github, issuer: 'https://github.example' });
    const { state } = await steps.depart(browser);
    setup.server.accounts.clear();
    await steps.callback(browser, { state, ...answer }).catch(() => undefined);
    expect((await log.lines()).at(-1)).toBe(`flow.refused ${expected}`);
  });

  it('an answer in a browser that did not start the flow, and whose flow it was', async () => {
    const { state, flow } = await steps.depart(browser);
    await expect(steps.callback(new Browser(), { state, code: 'c' })).rejects.toThrow();
    const person = await setup.stores.audit.personOf(alice);
    expect(await log.last()).toMatchObject({
      code: 'nonce_mismatch',
      subject: flow,
      person,
      actor: { kind: 'anonymous' },
    });
  });

  it('that a viewer cancelled, wanted another account, or let the time pass', async () => {
    const first = await steps.consent(browser, 'ada');
    await cancelFlow(setup.ports, first.flow, first.nonce);
    expect((await log.lines()).at(-1)).toBe('flow.ended done cancelled viewer');
    const second = await steps.consent(browser, 'ada');
    await changeAccount(setup.ports, second.flow, second.nonce);
    expect((await log.lines()).at(-1)).toBe('flow.refused refused account_declined viewer');
    setup.clock.pass(HOUR);
    await sweepUnused(setup.ports, UNUSED);
    expect((await log.lines()).at(-1)).toBe('flow.ended done expired system');
  });

  it('that a newer attempt came first', async () => {
    const older = await steps.accepted('ada');
    setup.clock.pass(5);
    const newer = await steps.accepted('ada');
    await activateFlow(setup.ports, newer, alice);
    await activateFlow(setup.ports, older, alice);
    expect((await log.lines()).at(-1)).toBe('flow.ended done superseded system');
  });

  it('nothing that a person in front of a frame typed, was called, or holds', async () => {
    const secretive = new Browser();
    const { ticket } = await startFlow(setup.ports, {
      viewer: alice,
      profile: { name: 'Alice Canary', email: 'canary@gocd.example' },
      gadget: 'reviews',
      provider: 'github',
      intent: 'connect',
    });
    const { flow, nonce } = await openFlow(setup.ports, ticket, 'opener', new Browser());
    secretive.keep(flow.id, nonce);
    const departed = await steps.depart(secretive);
    await steps.callback(secretive, { state: departed.state, code: 'code-of-ada' });
    await acceptFlow(setup.ports, departed.flow, departed.nonce);
    await activateFlow(setup.ports, departed.flow, alice);
    await steps.callback(new Browser(), { state: departed.state, code: 'code-of-ada' }).catch(() => {});
    setup.clock.pass(HOUR);
    await new AccessTokens(setup.ports).fresh(alice, github);
    await disconnectViewer(setup.ports, alice, 'github');
    const everything = JSON.stringify(await setup.stores.audit.since({}, { after: 0, limit: 100 }));
    expect(everything).toContain('connection.disconnected');
    const words = ['alice', 'Alice', 'Canary', 'canary@', 'ada', 'code-of', 'access-', 'refresh-ada'];
    for (const word of words) expect(withoutRandom(everything)).not.toContain(word);
    for (const secret of [ticket, nonce, departed.nonce]) expect(everything).not.toContain(secret.reveal());
    expect(everything).not.toContain(departed.state);
  });
});
