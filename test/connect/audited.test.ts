import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { activate } from '../../src/connect/activate.js';
import { begin } from '../../src/connect/begin.js';
import { accept, cancel } from '../../src/connect/consent.js';
import { disconnect } from '../../src/connect/disconnect.js';
import { accessSource } from '../../src/connect/fresh-connection.js';
import { open } from '../../src/connect/open.js';
import { otherAccount } from '../../src/connect/redirect.js';
import { sweep } from '../../src/connect/sweep.js';
import { Secret } from '../../src/domain/secret.js';
import { stepsOf } from './steps.js';
import { alice, Browser, bob, github, HOUR, makeWorld, providerNamed, type World } from './world.js';

const UNUSED = 90 * 24 * HOUR;

describe('The audit log tells of connecting', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;
  let browser: Browser;

  /** What was written, shortened to what a test is about: `action outcome code actor`. */
  const told = async (): Promise<readonly string[]> => {
    const entries = await world.stores.audit.since({}, { after: 0, limit: 100 });
    return entries.map(({ action, outcome, code, actor }) =>
      [action, outcome, code ?? '-', actor.kind].join(' '),
    );
  };
  const last = async () => (await world.stores.audit.list({}, { before: null, limit: 1 }))[0];

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
    browser = new Browser();
  });
  afterEach(() => world.stores.close());

  it('how a Connection was made and ended, by whom and with what', async () => {
    const connection = await steps.connect('ada');
    await disconnect(world.ports)(alice, 'github');
    expect(await told()).toEqual([
      'flow.started done opener viewer',
      'flow.finished done - viewer',
      'connection.disconnected done revoked viewer',
    ]);
    const [ended, finished, started] = await world.stores.audit.list(
      { viewer: alice },
      { before: null, limit: 9 },
    );
    expect(started).toMatchObject({ provider: 'github', host: 'gocd', subject: connection.flow });
    expect(finished).toMatchObject({
      subject: connection.flow,
      changes: [{ path: 'connection', before: null, after: connection.id }],
    });
    expect(ended).toMatchObject({ subject: connection.id, person: started?.person });
  });

  it('a flow once that several frames finish at the same time', async () => {
    const flow = await steps.accepted('ada');
    await Promise.all(Array.from({ length: 5 }, () => activate(world.ports)(flow, alice)));
    expect((await told()).filter((line) => line.startsWith('flow.finished'))).toHaveLength(1);
  });

  it('a wish that was refused, without a provider that nobody has', async () => {
    const wish = { viewer: alice, profile: { name: null, email: null }, gadget: 'reviews' };
    const intent = 'connect' as const;
    await expect(begin(world.ports)({ ...wish, provider: 'x'.repeat(999), intent })).rejects.toThrow();
    expect(await last()).toMatchObject({
      action: 'flow.refused',
      code: 'provider_not_allowed',
      provider: null,
    });
    const browserless = await steps.begin('github', bob);
    await expect(activate(world.ports)(browserless.flow, alice)).rejects.toMatchObject({
      code: 'viewer_changed',
    });
    const person = await world.stores.audit.personOf(alice);
    expect(await last()).toMatchObject({ code: 'viewer_changed', person, subject: browserless.flow });
  });

  it('a ticket that opens nothing', async () => {
    await expect(open(world.ports)(new Secret('guessed'), 'opener')).rejects.toThrow();
    expect(await told()).toEqual(['flow.refused refused ticket_invalid anonymous']);
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
    ['a code that is worth nothing', { code: 'spent' }, 'failed account_unknown viewer'],
  ])('why an attempt was refused: %s', async (_, answer, expected) => {
    const { state } = await steps.depart(browser);
    world.server.accounts.clear();
    if (answer.code === 'spent') world.ports.upstream.ask = async () => ({ kind: 'unauthorized' });
    await steps.callback(browser, { state, ...answer }).catch(() => undefined);
    expect((await told()).at(-1)).toBe(`flow.refused ${expected}`);
  });

  it('an answer in a browser that did not begin, and whose flow it was', async () => {
    const { state, flow } = await steps.depart(browser);
    await expect(steps.callback(new Browser(), { state, code: 'c' })).rejects.toThrow();
    const person = await world.stores.audit.personOf(alice);
    expect(await last()).toMatchObject({
      code: 'nonce_mismatch',
      subject: flow,
      person,
      actor: { kind: 'anonymous' },
    });
  });

  it('that a viewer cancelled, wanted another account, or let the time pass', async () => {
    const first = await steps.consent(browser, 'ada');
    await cancel(world.ports)(first.flow, first.nonce);
    expect((await told()).at(-1)).toBe('flow.ended done cancelled viewer');
    const second = await steps.consent(browser, 'ada');
    await otherAccount(world.ports)(second.flow, second.nonce);
    expect((await told()).at(-1)).toBe('flow.refused refused account_declined viewer');
    world.clock.pass(HOUR);
    await sweep(world.ports, () => UNUSED)();
    expect((await told()).at(-1)).toBe('flow.ended done expired system');
  });

  it('that a newer attempt came first', async () => {
    const older = await steps.accepted('ada');
    world.clock.pass(5);
    const newer = await steps.accepted('ada');
    await activate(world.ports)(newer, alice);
    await activate(world.ports)(older, alice);
    expect((await told()).at(-1)).toBe('flow.ended done superseded system');
  });

  it('a renewal that failed, once for all who asked, and none for those who did not ask the provider', async () => {
    await steps.connect('ada');
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'unreachable', code: 'http_503' });
    const source = accessSource(world.ports);
    await Promise.all(Array.from({ length: 10 }, () => source.fresh(alice, github)));
    await source.fresh(alice, github);
    expect((await told()).slice(2)).toEqual(['connection.refresh-failed failed http_503 system']);
  });

  it('that a grant is dead, and that the provider refuses our client', async () => {
    await steps.connect('ada');
    world.clock.pass(HOUR);
    world.server.forgetAll();
    await accessSource(world.ports).fresh(alice, github);
    expect((await told()).at(-1)).toBe('connection.ended done expired system');
    await steps.connect('ada');
    world.clock.pass(HOUR);
    world.server.answers.push({ kind: 'invalid-client', code: 'invalid_client' });
    await accessSource(world.ports).fresh(alice, github);
    expect((await told()).slice(-2)).toEqual([
      'client.stopped failed invalid_client system',
      'connection.refresh-failed failed invalid_client system',
    ]);
  });

  it('that an account was connected elsewhere', async () => {
    await world.stores.close();
    const alone = providerNamed('github', { oneGrantPerAccount: true });
    world = await makeWorld({ providers: [alone] });
    steps = stepsOf(world);
    const { id } = await steps.connect('ada', 'github', alice);
    await steps.connect('ada', 'github', bob);
    const entries = await world.stores.audit.list({ viewer: alice }, { before: null, limit: 9 });
    expect(entries[0]).toMatchObject({ code: 'connected-elsewhere', subject: id });
  });

  it('that nobody used a Connection for long, and what became of its permission', async () => {
    await steps.connect('ada');
    world.clock.pass(UNUSED + HOUR);
    await sweep(world.ports, () => UNUSED)();
    expect((await told()).slice(2)).toEqual([
      'connection.ended done unused system',
      'connection.disconnected done revoked system',
    ]);
  });

  it('that a provider was told late, or never', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    world.server.revocation = 'failed';
    await disconnect(world.ports)(alice, 'github');
    await disconnect(world.ports)(bob, 'github');
    expect((await told()).at(-1)).toBe('connection.disconnected done kept viewer');
    const tidy = sweep(world.ports, () => UNUSED);
    world.clock.pass(8 * 24 * HOUR);
    await tidy();
    expect((await told()).slice(-2)).toEqual(
      Array(2).fill('connection.never-revoked failed unanswered system'),
    );
    await steps.connect('ada');
    await disconnect(world.ports)(alice, 'github');
    world.server.revocation = 'revoked';
    world.clock.pass(HOUR);
    await tidy();
    expect((await told()).at(-1)).toBe('connection.revoked-late done revoked system');
  });

  it('nothing that a person in front of a frame typed, was called, or holds', async () => {
    const secretive = new Browser();
    const { ticket } = await begin(world.ports)({
      viewer: alice,
      profile: { name: 'Alice Canary', email: 'canary@gocd.example' },
      gadget: 'reviews',
      provider: 'github',
      intent: 'connect',
    });
    const { flow, nonce } = await open(world.ports)(ticket, 'opener');
    secretive.keep(flow.id, nonce);
    const departed = await steps.depart(secretive);
    await steps.callback(secretive, { state: departed.state, code: 'code-of-ada' });
    await accept(world.ports)(departed.flow, departed.nonce);
    await activate(world.ports)(departed.flow, alice);
    await steps.callback(new Browser(), { state: departed.state, code: 'code-of-ada' }).catch(() => {});
    world.clock.pass(HOUR);
    await accessSource(world.ports).fresh(alice, github);
    await disconnect(world.ports)(alice, 'github');
    const everything = JSON.stringify(await world.stores.audit.since({}, { after: 0, limit: 100 }));
    expect(everything).toContain('connection.disconnected');
    const secrets = ['alice', 'Alice', 'Canary', 'canary@', 'ada', 'code-of', 'access-', 'refresh-ada'];
    for (const secret of [
      ...secrets,
      ...[ticket, nonce, departed.nonce].map((each) => each.reveal()),
      departed.state,
    ])
      expect(everything).not.toContain(secret);
  });
});
