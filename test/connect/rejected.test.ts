import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AccessTokens } from '../../src/connect/tokens/access-tokens.js';
import type { RenewalOutcome } from '../../src/connect/tokens/rejected-tokens.js';
import type { Connection } from '../../src/domain/connection.js';
import { rejectedAt } from '../support/rejection.js';
import { replacing } from '../support/replacing.js';
import { alice, bob, type ConnectSetup, github, mingle, setUpConnect } from './connect-setup.js';
import { stepsOf } from './steps.js';

const tokenOf = (outcome: RenewalOutcome): string =>
  outcome.kind === 'access' ? outcome.access.token.reveal() : JSON.stringify(outcome);

describe('A token the API rejects', () => {
  let setup: ConnectSetup;

  beforeEach(async () => {
    setup = await setUpConnect();
  });
  afterEach(() => setup.stores.close());

  it('is refreshed once, and those who come later get the newer one', async () => {
    await stepsOf(setup).connect('ada');
    const source = new AccessTokens(setup.ports);
    const old = await source.fresh(alice, github);
    if (old.kind !== 'access') throw new Error(old.kind);
    const all = await Promise.all(
      Array.from({ length: 20 }, () => source.renewed(old.access, github, rejectedAt())),
    );
    expect(new Set(all.map(tokenOf))).toEqual(new Set(['access-ada-2']));
    expect(tokenOf(await source.renewed(old.access, github, rejectedAt()))).toBe('access-ada-2');
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('is not mixed up with the one that replaced it between two reads', async () => {
    await stepsOf(setup).connect('ada');
    const { connections } = setup.stores;
    const late: Connection[] = [];
    const byId: typeof connections.byId = async (id) => late.pop() ?? connections.byId(id);
    const stores = { ...setup.stores, connections: replacing(connections, { byId }) };
    const source = new AccessTokens({ ...setup.ports, stores });
    const old = await source.fresh(alice, github);
    if (old.kind !== 'access') throw new Error(old.kind);
    const before = await connections.byId(old.access.connection.id);
    await source.renewed(old.access, github, rejectedAt());
    if (before !== null) late.push(before);
    expect(tokenOf(await source.renewed(old.access, github, rejectedAt()))).toBe('access-ada-2');
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('is refreshed at most once a minute', async () => {
    await stepsOf(setup).connect('ada');
    const source = new AccessTokens(setup.ports);
    const first = await source.fresh(alice, github);
    if (first.kind !== 'access') throw new Error(first.kind);
    const second = await source.renewed(first.access, github, rejectedAt());
    if (second.kind !== 'access') throw new Error(second.kind);
    expect(await source.renewed(second.access, github, rejectedAt())).toEqual({
      kind: 'resource-refused',
      proven: true,
    });
    expect(setup.server.asked('refresh')).toBe(1);
    setup.clock.pass(60_000);
    expect(tokenOf(await source.renewed(second.access, github, rejectedAt()))).toBe('access-ada-3');
  });

  it('is refreshed at most once a minute by all processes together', async () => {
    await stepsOf(setup).connect('ada');
    const processes = [new AccessTokens(setup.ports), new AccessTokens(setup.ports)];
    for (let turn = 0; turn < 6; turn += 1)
      for (const source of processes) {
        const rejected = await source.fresh(alice, github);
        if (rejected.kind !== 'access') throw new Error(rejected.kind);
        await source.renewed(rejected.access, github, rejectedAt());
      }
    expect(setup.server.asked('refresh')).toBe(1);
    setup.clock.pass(60_000);
    const late = await processes[1]?.fresh(alice, github);
    if (late?.kind !== 'access') throw new Error(late?.kind);
    expect(tokenOf(await new AccessTokens(setup.ports).renewed(late.access, github, rejectedAt()))).toBe(
      'access-ada-3',
    );
  });

  it('says that permission was taken back where the provider says so', async () => {
    await stepsOf(setup).connect('ada');
    const source = new AccessTokens(setup.ports);
    const old = await source.fresh(alice, github);
    if (old.kind !== 'access') throw new Error(old.kind);
    setup.server.forgetAll();
    setup.purged.length = 0;
    const outcome = { kind: 'reconnect', reason: 'revoked' };
    expect(await source.renewed(old.access, github, rejectedAt())).toEqual(outcome);
    expect(await source.fresh(alice, github)).toEqual(outcome);
    expect(setup.purged).toContain(old.access.connection.id);
    expect(setup.server.asked('refresh')).toBe(1);
  });

  it('is not used again because it could not be refreshed', async () => {
    await stepsOf(setup).connect('ada');
    const source = new AccessTokens(setup.ports);
    const old = await source.fresh(alice, github);
    if (old.kind !== 'access') throw new Error(old.kind);
    setup.server.answers.push({ kind: 'unreachable', code: 'http-503' });
    setup.purged.length = 0;
    expect(await source.renewed(old.access, github, rejectedAt())).toEqual({
      kind: 'down',
      reason: 'http-503',
    });
    // Nor is what was fetched with it, when the provider is away next.
    expect(setup.purged).toEqual([old.access.connection.id]);
  });

  it('leaves open who ended it when the provider keeps one grant and does not name the account', async () => {
    const steps = stepsOf(setup);
    await steps.connect('ada', 'mingle');
    setup.clock.pass(1000);
    await steps.connect('ada', 'mingle', bob);
    const source = new AccessTokens(setup.ports);
    const old = await source.fresh(alice, mingle);
    if (old.kind !== 'access') throw new Error(old.kind);
    setup.server.forgetAll();
    expect(await source.renewed(old.access, mingle, rejectedAt())).toEqual({
      kind: 'reconnect',
      reason: 'expired-or-connected-elsewhere',
    });
  });
});
