import pg from 'pg';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/domain/secret.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { type Postgres, sharedPostgres } from '../support/postgres.js';
import { TestClock } from '../support/test-clock.js';
import { ada, connect, keyRing, NOW, newFlow } from './fixtures.js';

/** Two servers on PostgreSQL whose clocks stand still: whatever one knows of the other it heard. */
describe('A server on PostgreSQL', () => {
  let postgres: Postgres;
  let url: string;
  let stores: Stores;
  let others: Stores;
  let heard: number;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  beforeEach(async () => {
    url = await postgres.database();
    const options = { url, keys: keyRing('k'), clock: new TestClock() };
    [stores, others] = await Promise.all([openStores(options), openStores(options)]);
    heard = 0;
    stores.listen(() => {
      heard += 1;
    });
    await expect.poll(() => heard).toBe(1);
  });
  afterEach(async () => {
    await stores.close();
    await others.close();
  });

  const isConnected = async () => (await stores.connections.find(ada, 'mingle')) !== null;
  /** Connects, and has this server remember it. */
  const connected = async () => {
    await connect(stores, newFlow('f'));
    const known = await stores.connections.find(ada, 'mingle');
    if (known === null) throw new Error('not connected');
    return known;
  };
  const cut = async (): Promise<void> => {
    const client = new pg.Client(url);
    await client.connect();
    await client.query(`
      select pg_terminate_backend(pid) from pg_stat_activity
      where query = 'listen oriel' and datname = current_database()`);
    await client.end();
  };

  it('knows at once what another one disconnected', async () => {
    const known = await connected();
    await others.connections.retire(known, NOW);
    await expect.poll(isConnected).toBe(false);
  });

  it('knows what was disconnected while it could not listen, as soon as it listens again', async () => {
    const known = await connected();
    const before = heard;
    await cut();
    await others.connections.retire(known, NOW);
    await expect.poll(() => heard, { timeout: 5000 }).toBeGreaterThan(before);
    await expect.poll(isConnected).toBe(false);
  });

  it('hears of records that were changed and of a reload, and not of what concerns no one else', async () => {
    const start = heard;
    await others.tickets.put({ ticketHash: 't', viewer: ada, name: 'Ada', now: NOW, expiresAt: NOW + 9 });
    await others.instances.requestReload({ kind: 'system' }, NOW);
    await expect.poll(() => heard).toBe(start + 1);
    await others.setup.put({
      ...{ kind: 'provider', id: 'jira', version: null, entry: new Secret('{}') },
      ...{ secretsSetAt: {}, now: NOW, by: 'ada' },
      audit: { action: 'provider.created', outcome: 'done', by: { kind: 'system' } },
    });
    await expect.poll(() => heard).toBe(start + 2);
  });
});
