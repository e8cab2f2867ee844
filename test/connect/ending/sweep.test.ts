import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { aside } from '../../store/fixtures.js';
import { alice, Browser, bob, type ConnectSetup, github, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

const UNUSED = 90 * 24 * HOUR;

describe('The sweep', () => {
  let setup: ConnectSetup;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    setup = await setUpConnect();
    steps = stepsOf(setup);
  });
  afterEach(() => setup.stores.close());

  it('revokes and deletes what an unfinished flow held', async () => {
    const { flow } = await steps.consent(new Browser(), 'ada');
    const tidy = () => sweepUnused(setup.ports, UNUSED);
    await tidy();
    expect(await setup.stores.flows.byId(flow)).not.toBeNull();
    setup.clock.pass(10 * 60_000);
    await tidy();
    expect(await setup.stores.flows.byId(flow)).toBeNull();
    expect(setup.server.revoked).toEqual(['access-ada-1']);
  });

  it('leaves the tokens of a flow alone that became a Connection just before its process died', async () => {
    const flow = await steps.accepted('ada');
    const accepted = await setup.stores.flows.byId(flow);
    const tokens = accepted && (await setup.stores.flows.tokens(accepted));
    if (!accepted || !tokens) throw new Error('not accepted');
    const { account } = accepted;
    const id = setup.ports.entropy.id() as never;
    const now = setup.clock.now();
    const made = { id, flow: accepted, tokens, account, scopes: [], now, ...aside(flow) };
    await setup.stores.connections.activate(made);
    setup.clock.pass(10 * 60_000);
    await sweepUnused(setup.ports, UNUSED);
    expect(await setup.stores.flows.byId(flow)).toBeNull();
    expect(setup.server.asked('revoke')).toBe(0);
  });

  it('revokes and deletes Connections unused for ninety days, and no others', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    setup.clock.pass(UNUSED - HOUR);
    await new AccessTokens(setup.ports).fresh(bob, github);
    setup.clock.pass(2 * HOUR);
    await sweepUnused(setup.ports, UNUSED);
    expect(await setup.stores.connections.find(alice, 'github')).toBeNull();
    expect(await setup.stores.connections.find(bob, 'github')).not.toBeNull();
    expect(setup.journal.map(({ event }) => event)).toContain('connection-unused');
  });

  it('does not ask a provider that is silent about each of a hundred things that are unfinished or unused', async () => {
    for (let n = 0; n < 50; n += 1) await steps.connect(`p${n}`, 'github', viewerOf('gocd', `p${n}`));
    setup.clock.pass(UNUSED + HOUR);
    for (let n = 0; n < 50; n += 1) await steps.accepted(`q${n}`, 'github', viewerOf('gocd', `q${n}`));
    setup.clock.pass(10 * 60_000);
    setup.server.revocation = 'failed';
    const tidy = () => sweepUnused(setup.ports, UNUSED);
    await tidy();
    expect(setup.server.asked('revoke')).toBeLessThan(10);
    expect(await setup.stores.connectionLists.counts()).toMatchObject([{ status: 'revoking', count: 100 }]);
    setup.server.revocation = 'revoked';
    setup.clock.pass(HOUR);
    await tidy();
    expect(new Set(setup.server.revoked).size).toBe(100);
  });

  it('says once that a Connection was unused, however many processes find it', async () => {
    await steps.connect('ada');
    setup.clock.pass(UNUSED + HOUR);
    await Promise.all([1, 2, 3].map(() => sweepUnused(setup.ports, UNUSED)));
    const entries = await setup.stores.audit.list(
      { actions: ['connection.ended'] },
      { before: null, limit: 9 },
    );
    expect(entries).toMatchObject([{ code: 'unused' }]);
    expect(setup.server.asked('revoke')).toBe(1);
  });
});
