import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reloading } from '../../../src/compose/setup/reload.js';
import type { Actor } from '../../../src/domain/actor.js';
import { configOf, sample } from '../../config/sample.js';
import { key, openHouse, type RecordHouse, ruth, wiki } from '../../manage/records/house.js';
import { connect, newFlow, revealed } from '../../store/fixtures.js';

const by: Actor = { kind: 'command', name: 'ann' };

describe('A changed file that is refused', () => {
  let house: RecordHouse;
  beforeEach(async () => {
    house = await openHouse();
  });
  afterEach(() => house.stores.close());

  it('closes nobody’s tokens for a moment, whatever keys it has', async () => {
    const { config, setup, stores, ports } = house;
    await house.records.create('provider', 'wiki', wiki(), ruth);
    const connection = await connect(stores, newFlow('f'));
    const inBothPlaces = { ...sample(), providers: { ...sample().providers, wiki: wiki() } };
    const changed = { ...configOf(inBothPlaces), keys: [key('x')] };
    const reload = reloading({
      config,
      readAgain: () => changed,
      take: () => undefined,
      setup,
      ports: { ...ports, audit: { record: async () => undefined } },
      server: 'one',
    });
    const [outcome, tokens] = await Promise.all([reload(by), stores.connections.tokens(connection)]);
    expect(outcome.problem).toContain('declared both here and in the console');
    expect(revealed(tokens)).not.toBeNull();
    expect(stores.reseal.ring()).toEqual(['k']);
  });
});
