import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { migrations } from '../../src/store/engine/migrations.js';
import { json } from '../../src/store/engine/rows.js';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { call, createTestConsole } from '../support/test-console.js';

it('A server whose database was migrated by a newer version is not ready, writes nothing, and stops cleanly', async () => {
  const testConsole = await createTestConsole();
  onTestFinished(() => testConsole.close());
  const key = await testConsole.key('admins:read', 'admins:write');
  const database = await openSqlite(testConsole.database);
  onTestFinished(() => database.close());
  const makeKey = (name: string) =>
    call(testConsole, 'POST', '/api-keys', { key, body: { name, scopes: ['audit:read'], days: 1 } });
  const names = async () =>
    (await database.read(sql`select name from api_key`)).map((row) => json(row, 'name'));
  expect(await makeKey('before')).toMatchObject({ status: 201 });

  await database.write(sql`insert into migration (version) values (${migrations.length + 1})`);
  const ready = await testConsole.page('/readyz');
  expect([ready.status, JSON.parse(ready.text)]).toEqual([
    503,
    { status: 'not ready', version: expect.any(String), code: 'database_newer' },
  ]);
  // For so long a server believes what it read of the schema.
  await pause(1000);
  const refused = await makeKey('after');
  expect(refused).toMatchObject({ status: 503, json: { code: 'database_unavailable' } });
  expect(refused.headers.get('retry-after')).toBe('10');
  expect((await names()).toSorted()).toEqual(['admins:read admins:write', 'before']);
  expect(testConsole.logged()).toContain('"code":"database_newer"');
});
