import { afterAll, expect, it, vi } from 'vitest';
import { migrations } from '../../src/store/engine/migrations.js';
import { sharedPostgres } from '../support/postgres.js';
import { KEY, loopback, openFolder, start } from './command-line.js';

// Ten processes at once, on a machine that may have one processor to spare.
vi.setConfig({ testTimeout: 120_000 });

const folder = openFolder();
afterAll(() => folder.remove());

const PROCESSES = 10;

it.each([
  ['SQLite', async () => 'sqlite:./at-once.db'],
  ['PostgreSQL', async () => (await sharedPostgres()).empty()],
])('Ten processes that migrate one new database at once make it once (%s)', async (_, newUrl) => {
  const file = folder.write('at-once.yaml', { ...loopback(3000), database: await newUrl() });
  const migrating = () =>
    start(['migrate', '--json', '--config', file], { cwd: folder.path, env: { ORIEL_KEY: KEY } }).ended;
  const ended = await Promise.all(Array.from({ length: PROCESSES }, migrating));
  expect(ended.map(({ code, err, out }) => (code === 0 ? err : `${code}: ${err}${out}`))).toEqual(
    Array(PROCESSES).fill(''),
  );
  const schema = migrations.length;
  expect(ended.map(({ out }) => JSON.parse(out).after)).toEqual(Array(PROCESSES).fill(schema));
  expect(JSON.parse((await migrating()).out)).toMatchObject({ before: schema, after: schema });
});
