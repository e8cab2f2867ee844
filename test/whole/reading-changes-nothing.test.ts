import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHIVED, NOT_ARCHIVED } from '../../src/store/backup/archive-tables.js';
import type { Database } from '../../src/store/engine/database.js';
import { raw, sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { IDENTITIES, type Knocking, startKnocking } from './identities.js';

/** When a viewer was last there, and what is counted: these alone may move with a GET. */
const MAY_MOVE: Readonly<Record<string, readonly string[]>> = {
  web_session: ['content', 'expires_at'],
  api_key: ['last_used_at'],
  connection: ['last_used_at'],
  measured: ['count', 'sum', 'buckets'],
  instance: ['seen_at'],
  sign_in_tries: ['tries', 'expires_at'],
};

/**
 * Frames and sessions come with the identities themselves: who launches or opens a page is remembered. The server's jobs
 * go on by themselves.
 */
const BESIDES = ['frame_lease', 'ticket', 'web_session', 'measured', 'connection_use', 'job'];

const contentOf = async (database: Database): Promise<string> => {
  const tables = [...ARCHIVED.map(({ table }) => table), ...NOT_ARCHIVED].filter(
    (name) => !BESIDES.includes(name),
  );
  const lines: string[] = [];
  for (const table of tables)
    for (const row of await database.read(sql`select * from ${raw(table)} order by 1`)) {
      const kept = Object.entries(row).filter(([column]) => !MAY_MOVE[table]?.includes(column));
      lines.push(`${table} ${JSON.stringify(Object.fromEntries(kept))}`);
    }
  return lines.join('\n');
};

let knocking: Knocking;
let database: Database;
beforeAll(async () => {
  knocking = await startKnocking();
  const { testConsole } = knocking;
  await testConsole.post('/admin/providers/new/form', {
    ...{ id: 'some-id', preset: 'mingle', url: 'https://other.example.com', do: 'save' },
    ...{ 'client-id': 'oriel', 'client-secret': 'secret' },
  });
  const key = { 'key-kind': 'secret', 'key-secret': 'x'.repeat(40) };
  await testConsole.post('/admin/hosts/new', { id: 'some-id', origins: 'https://wiki.example.com', ...key });
  database = await openSqlite(testConsole.database);
});
afterAll(async () => {
  await database?.close();
  await knocking?.close();
});

describe('Reading', () => {
  it('finds a provider and a host that it could change', async () => {
    for (const path of ['/admin/providers/some-id', '/admin/hosts/some-id'])
      expect((await knocking.testConsole.page(path)).status).toBe(200);
  });

  it('any address twice, as any identity, changes nothing that is kept', async () => {
    // API keys are made before, and a first use of each identity.
    for (const identity of IDENTITIES)
      await knocking.as(
        identity,
        { origin: 'site', method: 'GET', path: '/api/admin/v1/providers' },
        'providers:read',
      );
    const before = await contentOf(database);
    expect(before).toContain('setup_record');
    const gets = knocking.testConsole.running.routes().filter(({ method }) => method === 'GET');
    expect(gets.length).toBeGreaterThan(50);
    for (const route of gets)
      for (const identity of IDENTITIES)
        for (const _ of [1, 2]) {
          const { status } = await knocking.as(identity, route, 'providers:read');
          expect(status, route.path).toBeLessThan(500);
        }
    expect(await contentOf(database)).toBe(before);
  }, 180_000);
});
