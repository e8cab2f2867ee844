import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { disconnectViewer } from '../../src/connect/ending/disconnect.js';
import { sweepUnused } from '../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import { Secret } from '../../src/domain/secret.js';
import { alice, bob, type ConnectSetup, github, HOUR, providerNamed, setUpConnect } from './connect-setup.js';
import { logOf } from './log-of.js';
import { stepsOf } from './steps.js';

const TOKENS = {
  accessToken: new Secret('access-late'),
  refreshToken: new Secret('refresh-late'),
  expiresAt: null,
  scopes: null,
};
const UNUSED = 90 * 24 * HOUR;

describe('The audit log records of Connections', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;
  let log: ReturnType<typeof logOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
    log = logOf(setup);
  });
  afterEach(() => setup.stores.close());

  it('how a Connection was made and ended, by whom and with what', async () => {
    const connection = await steps.connect('ada');
    await disconnectViewer(setup.ports, alice, 'github');
    expect(await log.lines()).toEqual([
      'flow.started done opener viewer',
      'flow.finished done - viewer',
      'connection.disconnected done revoked viewer',
    ]);
    const [ended, finished, started] = await setup.stores.audit.list(
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

  it('a renewal that failed, once for all who asked, and none for those who did not ask the provider', async () => {
    await steps.connect('ada');
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'unreachable', code: 'http_503' });
    const source = new AccessTokens(setup.ports);
    await Promise.all(Array.from({ length: 10 }, () => source.fresh(alice, github)));
    await source.fresh(alice, github);
    expect((await log.lines()).slice(2)).toEqual(['connection.refresh-failed failed http_503 system']);
  });

  it('that a grant has ended, and that a refresh was refused', async () => {
    await steps.connect('ada');
    setup.clock.pass(HOUR);
    setup.server.forgetAll();
    await new AccessTokens(setup.ports).fresh(alice, github);
    expect((await log.lines()).at(-1)).toBe('connection.ended done expired system');
    await steps.connect('ada');
    setup.clock.pass(HOUR);
    setup.server.answers.push({ kind: 'invalid-client', code: 'invalid_client' });
    await new AccessTokens(setup.ports).fresh(alice, github);
    // One person's refused refresh stops no client.
    expect((await log.lines()).slice(-2)).toEqual([
      'flow.finished done - viewer',
      'connection.refresh-failed failed invalid_client system',
    ]);
  });

  it('once that our client was stopped, however many viewers found out at the same time', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    setup.clock.pass(HOUR);
    const refusal = { kind: 'invalid-client', code: 'invalid_client' } as const;
    setup.server.answers.push(refusal, refusal);
    const source = new AccessTokens(setup.ports);
    await Promise.all([source.fresh(alice, github), source.fresh(bob, github)]);
    expect((await log.lines()).filter((line) => line.startsWith('client.stopped'))).toHaveLength(1);
    expect((await log.lines()).filter((line) => line.startsWith('connection.refresh-failed'))).toHaveLength(
      2,
    );
  });

  it('that another account took the place of one, and what became of its permission', async () => {
    await steps.connect('ada');
    setup.clock.pass(5);
    const { id } = await steps.connect('grace');
    await vi.waitFor(async () => expect((await log.lines()).at(-1)).toMatch(/^connection.disconnected/));
    expect(await log.last()).toMatchObject({ code: 'revoked', subject: id });
    expect(
      (await setup.stores.audit.list({ actions: ['flow.finished'] }, { before: null, limit: 1 }))[0],
    ).toMatchObject({
      changes: [{ path: 'connection', before: id, after: id }],
    });
  });

  it('that a Disconnect also ended a consent of which no frame had made a Connection yet', async () => {
    await steps.connect('ada');
    const flow = await steps.accepted('grace');
    await disconnectViewer(setup.ports, alice, 'github');
    const entries = await setup.stores.audit.list({ actions: ['flow.ended'] }, { before: null, limit: 9 });
    expect(entries).toMatchObject([{ code: 'cancelled', subject: flow, actor: { kind: 'viewer' } }]);
  });

  it('that tokens came back for a Connection that was disconnected in the meantime', async () => {
    const { id } = await steps.connect('ada');
    setup.clock.pass(HOUR);
    setup.server.answers.push(async () => {
      await disconnectViewer(setup.ports, alice, 'github');
      setup.server.accounts.set('access-late', 'ada');
      return { kind: 'tokens', tokens: { ...TOKENS, issuedAt: setup.clock.now() } };
    });
    await new AccessTokens(setup.ports).fresh(alice, github);
    expect((await log.lines()).slice(-2)).toEqual([
      'connection.disconnected done kept viewer',
      'connection.revoked-late done revoked system',
    ]);
    expect(await log.last()).toMatchObject({ subject: id });
  });

  it('that an account was connected elsewhere', async () => {
    await setup.stores.close();
    const alone = providerNamed('github', { oneGrantPerAccount: true });
    setup = await setUpConnect({ providers: [alone] });
    steps = stepsOf(setup);
    log = logOf(setup);
    const { id } = await steps.connect('ada', 'github', alice);
    await steps.connect('ada', 'github', bob);
    const entries = await setup.stores.audit.list({ viewer: alice }, { before: null, limit: 9 });
    expect(entries[0]).toMatchObject({ code: 'connected-elsewhere', subject: id });
  });

  it('that a Connection was unused for long, and what became of its permission', async () => {
    await steps.connect('ada');
    setup.clock.pass(UNUSED + HOUR);
    await sweepUnused(setup.ports, UNUSED);
    expect((await log.lines()).slice(2)).toEqual([
      'connection.ended done unused system',
      'connection.revoked-late done revoked system',
    ]);
  });

  it('that a provider was notified late, or never', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    setup.server.revocation = 'failed';
    await disconnectViewer(setup.ports, alice, 'github');
    await disconnectViewer(setup.ports, bob, 'github');
    expect((await log.lines()).at(-1)).toBe('connection.disconnected done kept viewer');
    const tidy = () => sweepUnused(setup.ports, UNUSED);
    setup.clock.pass(8 * 24 * HOUR);
    await tidy();
    expect((await log.lines()).slice(-2)).toEqual(
      Array(2).fill('connection.never-revoked failed unanswered system'),
    );
    await steps.connect('ada');
    await disconnectViewer(setup.ports, alice, 'github');
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await tidy();
    expect((await log.lines()).at(-1)).toBe('connection.revoked-late done revoked system');
  });
});
