import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ConnectionLists } from '../../src/store/connections/connection-lists.js';
import type { Database } from '../../src/store/engine/database.js';
import { migrate } from '../../src/store/engine/migrate.js';
import { text } from '../../src/store/engine/rows.js';
import { sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';

it.each([
  ['all', {}],
  ['those with one status', { status: 'active' }],
  ['those of a host', { host: 'gocd' }],
  ['those of a provider', { provider: 'mingle' }],
] as const)('A page of %s is read in its order, and nothing is sorted for it', async (_, filter) => {
  const database = await openSqlite(join(mkdtempSync(join(tmpdir(), 'oriel-pages-')), 'oriel.db'));
  try {
    await migrate(database);
    const steps: string[] = [];
    const explaining: Database = {
      ...database,
      browse: async (query) => {
        const rows = await database.browse(sql`explain query plan ${query}`);
        steps.push(...rows.map((row) => text(row, 'detail')));
        return [];
      },
    };
    await new ConnectionLists(explaining).page(filter, { after: null, limit: 50 });
    expect(steps).toHaveLength(1);
    expect(steps[0]).toMatch(/^SEARCH connection USING/);
  } finally {
    await database.close();
  }
});
