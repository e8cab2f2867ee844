import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createTestServer } from '../support/test-server.js';

it('leaves a stopped client to the servers that are running, and tries it again once all were restarted', async () => {
  const database = `sqlite:${join(mkdtempSync(join(tmpdir(), 'oriel-stops-')), 'oriel.db')}`;
  const start = () => createTestServer({ database }, { bundled: false });
  const first = await start();
  await first.stores.clientStops.stop('mingle', 'key', Date.now());

  const second = await start();
  expect(await second.stores.clientStops.isStopped('key')).toBe(true);
  await first.close();
  const third = await start();
  expect(await third.stores.clientStops.isStopped('key')).toBe(true);
  await second.close();
  await third.close();

  const restarted = await start();
  expect(await restarted.stores.clientStops.isStopped('key')).toBe(false);
  await restarted.close();
});
