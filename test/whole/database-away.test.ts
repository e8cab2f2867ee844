import { renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import type { Address } from '../../src/web/app.js';
import { type Knocking, startKnocking } from './identities.js';

vi.setConfig({ testTimeout: 60_000 });

let knocking: Knocking;
beforeAll(async () => {
  knocking = await startKnocking();
});
afterAll(() => knocking?.close());

const readiness = async (): Promise<{ status: number; text: string; retryAfter: unknown }> =>
  knocking.testConsole
    .page('/readyz')
    .then(({ status, text, headers }) => ({ status, text, retryAfter: headers['retry-after'] }));

const until = async (status: number): Promise<string> => {
  for (;;) {
    const now = await readiness();
    if (now.status === status) return now.text;
    await pause(50);
  }
};

const nameOf = ({ origin, method, path }: Address): string => `${origin} ${method} ${path}`;

it('Every address answers 503 with a code and when to try again while the database is away, one line says so, and all is well when it is back', async () => {
  const { testConsole } = knocking;
  const send = await knocking.prepared();
  const folder = dirname(testConsole.database);
  renameSync(folder, `${folder}-away`);
  const red = JSON.parse(await until(503));
  expect(red).toEqual({ status: 'not ready', version: expect.any(String), code: 'database_missing' });
  expect((await readiness()).retryAfter).toBe('10');

  const wrong: string[] = [];
  let unavailable = 0;
  for (const route of testConsole.running.routes()) {
    const { status, headers, text } = await send(route);
    if (status >= 500) unavailable += 1;
    const isSaid = text.includes('database_unavailable') && headers['retry-after'] === '10';
    if (status >= 500 && !(status === 503 && isSaid)) wrong.push(`${nameOf(route)}: ${status}`);
    // Neither path nor the driver's words are for people.
    if (/SQLITE_|oriel\.db/.test(text) && !route.path.startsWith('/api'))
      wrong.push(`${nameOf(route)}: tells`);
  }
  expect(wrong).toEqual([]);
  expect(unavailable).toBeGreaterThan(80);

  const lines = testConsole
    .logged()
    .trim()
    .split('\n')
    .map((line): Record<string, unknown> => JSON.parse(line));
  const warned = lines.filter(({ level }) => Number(level) > 30).map(({ event }) => event);
  expect(warned.filter((event) => event === 'database-unavailable')).toHaveLength(1);
  expect(warned.filter((event) => event === 'bug' || event === 'upkeep-failed')).toEqual([]);
  expect(warned.length).toBeLessThan(5);
  expect(lines.find(({ event }) => event === 'database-unavailable')).toMatchObject({
    code: 'database_missing',
    reason: expect.stringContaining(testConsole.database),
  });

  renameSync(`${folder}-away`, folder);
  await until(200);
  expect((await testConsole.page('/admin')).status).toBe(200);
  expect(testConsole.logged()).toContain('"event":"database-recovered"');
});
