import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GadgetUses } from '../../../src/connect/tokens/use-notes.js';
import type { Connection } from '../../../src/domain/connection.js';
import { stepsOf } from '../steps.js';
import { alice, HOUR, makeWorld, type World } from '../world.js';

describe('Which gadgets used a Connection', () => {
  let world: World;
  let connection: Connection;

  beforeEach(async () => {
    world = await makeWorld();
    await stepsOf(world).connect('ada');
    const found = await world.stores.connections.find(alice, 'github');
    if (found === null) throw new Error('not connected');
    connection = found;
  });
  afterEach(() => world.stores.close());

  const uses = () =>
    expect.poll(async () =>
      (await world.stores.connectionLists.usesOf([connection.id])).map(({ gadget, lastUsedAt }) => [
        gadget,
        lastUsedAt,
      ]),
    );

  it('is written down at once, and for each gadget no more often than once an hour', async () => {
    const noted = new GadgetUses(world.ports);
    const begun = world.clock.now();
    noted.note(connection, 'reviews');
    world.clock.pass(HOUR - 1);
    noted.note(connection, 'reviews');
    noted.note(connection, 'cards');
    await uses().toEqual([
      ['cards', begun + HOUR - 1],
      ['reviews', begun],
    ]);
    world.clock.pass(1);
    noted.note(connection, 'reviews');
    await uses().toContainEqual(['reviews', begun + HOUR]);
  });

  it('never stands in the way: what cannot be written is told to the journal and tried again', async () => {
    const lists = world.stores.connectionLists;
    let isFull = true;
    const used: typeof lists.used = (...use) =>
      isFull ? Promise.reject(new Error('disk full')) : lists.used(...use);
    const stores = { ...world.stores, connectionLists: { ...lists, used } };
    const noted = new GadgetUses({ ...world.ports, stores });
    noted.note(connection, 'reviews');
    await expect
      .poll(() => world.journal)
      .toContainEqual({
        event: 'use-not-noted',
        connection: connection.id,
        gadget: 'reviews',
        error: 'Error: disk full',
      });
    isFull = false;
    noted.note(connection, 'reviews');
    await uses().toEqual([['reviews', world.clock.now()]]);
  });
});
