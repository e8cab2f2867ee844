import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { GadgetUses } from '../../../src/connect/tokens/use-notes.js';
import type { Connection } from '../../../src/domain/connection.js';
import { replacing } from '../../support/replacing.js';
import { alice, type ConnectSetup, HOUR, setUpConnect } from '../connect-setup.js';
import { stepsOf } from '../steps.js';

describe('Which gadgets used a Connection', () => {
  let setup: ConnectSetup;
  let connection: Connection;

  beforeEach(async () => {
    setup = await setUpConnect();
    await stepsOf(setup).connect('ada');
    const found = await setup.stores.connections.find(alice, 'github');
    if (found === null) throw new Error('not connected');
    connection = found;
  });
  afterEach(() => setup.stores.close());

  const uses = () =>
    expect.poll(async () =>
      (await setup.stores.connectionLists.usesOf([connection.id])).map(({ gadget, lastUsedAt }) => [
        gadget,
        lastUsedAt,
      ]),
    );

  it('is written down at once, and for each gadget no more often than once an hour', async () => {
    const noted = new GadgetUses(setup.ports);
    const startedAt = setup.clock.now();
    noted.note(connection, 'reviews');
    setup.clock.pass(HOUR - 1);
    noted.note(connection, 'reviews');
    noted.note(connection, 'cards');
    await uses().toEqual([
      ['cards', startedAt + HOUR - 1],
      ['reviews', startedAt],
    ]);
    setup.clock.pass(1);
    noted.note(connection, 'reviews');
    await uses().toContainEqual(['reviews', startedAt + HOUR]);
  });

  it('never blocks: what cannot be written is logged and tried again', async () => {
    const lists = setup.stores.connectionLists;
    let isFull = true;
    const used: typeof lists.used = (...use) =>
      isFull ? Promise.reject(new Error('disk full')) : lists.used(...use);
    const stores = { ...setup.stores, connectionLists: replacing(lists, { used }) };
    const noted = new GadgetUses({ ...setup.ports, stores });
    noted.note(connection, 'reviews');
    await expect
      .poll(() => setup.journal)
      .toContainEqual({
        event: 'use-not-noted',
        connection: connection.id,
        gadget: 'reviews',
        error: 'Error: disk full',
      });
    isFull = false;
    noted.note(connection, 'reviews');
    await uses().toEqual([['reviews', setup.clock.now()]]);
  });
});
