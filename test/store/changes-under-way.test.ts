import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { viewerOf } from '../../src/domain/viewer.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { type Postgres, sharedPostgres } from '../support/postgres.js';
import { TestClock } from '../support/test-clock.js';
import { ada, bob, connect, keyRing, newFlow } from './fixtures.js';

/** On PostgreSQL a change may be committed after one that was numbered later. */
describe('a change by a transaction that is still under way at a look', () => {
  let postgres: Postgres;
  let stores: Stores;
  let others: Stores;
  let clock: TestClock;
  let slow: pg.Client;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  beforeEach(async () => {
    clock = new TestClock();
    const url = await postgres.renewed();
    stores = await openStores({ url, keys: keyRing('k'), clock });
    others = await openStores({ url, keys: keyRing('k'), clock });
    slow = new pg.Client({ connectionString: url });
    await slow.connect();
    await connect(stores, newFlow('f'));
    await connect(stores, newFlow('g', { viewer: bob }));
  });
  afterEach(async () => {
    await slow.end();
    await stores.close();
    await others.close();
  });

  const statusOf = async (viewer = ada) => (await stores.connections.find(viewer, 'mingle'))?.status;
  const beginToEnd = async (): Promise<void> => {
    await slow.query('begin');
    await slow.query(
      "update connection set status = 'reconnect', reason = 'revoked', tokens = null where viewer = $1",
      [ada.id],
    );
  };

  it('is followed at the next one, when it started before the first', async () => {
    await beginToEnd();
    // Something else has to be done by then for numbers to show it.
    await connect(others, newFlow('h', { viewer: viewerOf('gocd', 'carol') }));
    expect(await statusOf()).toBe('active');
    await slow.query('commit');
    clock.pass(2000);
    expect(await statusOf()).toBe('reconnect');
  });

  it('is followed at the next one, where later changes were seen before it', async () => {
    expect([await statusOf(), await statusOf(bob)]).toEqual(['active', 'active']);
    await beginToEnd();
    const known = await others.connections.find(bob, 'mingle');
    if (known === null) throw new Error('not connected');
    await others.connections.expire(known, 'revoked');
    clock.pass(2000);
    expect([await statusOf(), await statusOf(bob)]).toEqual(['active', 'reconnect']);
    clock.pass(2000);
    expect(await statusOf()).toBe('active');
    await slow.query('commit');
    clock.pass(2000);
    expect(await statusOf()).toBe('reconnect');
  });
});
