import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sweepUnused } from '../../../src/connect/ending/sweep.js';
import { AccessTokens } from '../../../src/connect/tokens/access-tokens.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import { aside } from '../../store/fixtures.js';
import { stepsOf } from '../steps.js';
import { alice, Browser, bob, github, HOUR, makeWorld, type World } from '../world.js';

const UNUSED = 90 * 24 * HOUR;

describe('The sweep', () => {
  let world: World;
  let steps: ReturnType<typeof stepsOf>;

  beforeEach(async () => {
    world = await makeWorld();
    steps = stepsOf(world);
  });
  afterEach(() => world.stores.close());

  it('revokes and deletes what a flow held that nobody finished', async () => {
    const { flow } = await steps.consent(new Browser(), 'ada');
    const tidy = () => sweepUnused(world.ports, UNUSED);
    await tidy();
    expect(await world.stores.flows.byId(flow)).not.toBeNull();
    world.clock.pass(10 * 60_000);
    await tidy();
    expect(await world.stores.flows.byId(flow)).toBeNull();
    expect(world.server.revoked).toEqual(['access-ada-1']);
  });

  it('leaves the tokens of a flow alone that became a Connection just before its process died', async () => {
    const flow = await steps.accepted('ada');
    const accepted = await world.stores.flows.byId(flow);
    const tokens = accepted && (await world.stores.flows.tokens(accepted));
    if (!accepted || !tokens) throw new Error('not accepted');
    const { account } = accepted;
    const id = world.ports.entropy.id() as never;
    const now = world.clock.now();
    const made = { id, flow: accepted, tokens, account, scopes: [], now, ...aside(flow) };
    await world.stores.connections.activate(made);
    world.clock.pass(10 * 60_000);
    await sweepUnused(world.ports, UNUSED);
    expect(await world.stores.flows.byId(flow)).toBeNull();
    expect(world.server.asked('revoke')).toBe(0);
  });

  it('revokes and deletes Connections that nobody used for ninety days, and no others', async () => {
    await steps.connect('ada');
    await steps.connect('bo', 'github', bob);
    world.clock.pass(UNUSED - HOUR);
    await new AccessTokens(world.ports).fresh(bob, github);
    world.clock.pass(2 * HOUR);
    await sweepUnused(world.ports, UNUSED);
    expect(await world.stores.connections.find(alice, 'github')).toBeNull();
    expect(await world.stores.connections.find(bob, 'github')).not.toBeNull();
    expect(world.journal.map(({ event }) => event)).toContain('connection-unused');
  });

  it('does not ask a provider that is silent about each of a hundred things nobody finished or uses', async () => {
    for (let n = 0; n < 50; n += 1) await steps.connect(`p${n}`, 'github', viewerOf('gocd', `p${n}`));
    world.clock.pass(UNUSED + HOUR);
    for (let n = 0; n < 50; n += 1) await steps.accepted(`q${n}`, 'github', viewerOf('gocd', `q${n}`));
    world.clock.pass(10 * 60_000);
    world.server.revocation = 'failed';
    const tidy = () => sweepUnused(world.ports, UNUSED);
    await tidy();
    expect(world.server.asked('revoke')).toBeLessThan(10);
    expect(await world.stores.connectionLists.counts()).toMatchObject([{ status: 'revoking', count: 100 }]);
    world.server.revocation = 'revoked';
    world.clock.pass(HOUR);
    await tidy();
    expect(new Set(world.server.revoked).size).toBe(100);
  });

  it('says once that nobody used a Connection, however many processes find it', async () => {
    await steps.connect('ada');
    world.clock.pass(UNUSED + HOUR);
    await Promise.all([1, 2, 3].map(() => sweepUnused(world.ports, UNUSED)));
    const entries = await world.stores.audit.list(
      { actions: ['connection.ended'] },
      { before: null, limit: 9 },
    );
    expect(entries).toMatchObject([{ code: 'unused' }]);
    expect(world.server.asked('revoke')).toBe(1);
  });
});
