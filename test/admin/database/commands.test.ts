import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { COPIED_BESIDES, NOT_ARCHIVED } from '../../../src/store/backup/archive-tables.js';
import { migrations } from '../../../src/store/engine/migrations.js';
import { openDatabase } from '../../../src/store/engine/open-database.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openStores } from '../../../src/store/open-stores.js';
import { freePort, loopback, openFolder, start } from '../../cli/command-line.js';
import { commandsIn } from '../../cli/in-process.js';
import { ada, bob, connect, frameSession, keyRing, NOW, newFlow } from '../../store/fixtures.js';
import { everyRow } from '../../support/every-row.js';
import { sharedPostgres } from '../../support/postgres.js';
import { TestClock } from '../../support/test-clock.js';

vi.setConfig({ testTimeout: 60_000 });

const folder = openFolder();
afterAll(() => folder.remove());
const run = commandsIn({ cwd: folder.path });
const KEYS = [`k:${keyRing('k')[0]?.key.reveal()}`];

let configurations = 0;
const configured = (database: unknown, keys = KEYS): string => {
  configurations += 1;
  return folder.write(`${configurations}.yaml`, { ...loopback(3000), database, keys });
};

/** A database with Connections, an open frame, a used token and a lot of tickets. */
const filled = async (url: string): Promise<void> => {
  const stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
  await connect(stores, newFlow('f'));
  await connect(stores, newFlow('g', { viewer: bob }));
  await stores.frameSessions.launch({
    ...{ session: frameSession('s'), bearerHash: 'h', jti: 'j', replayableUntil: NOW + 9 },
  });
  await stores.spentTokens.spend('gocd', 'once', NOW + 9);
  for (let n = 0; n < 450; n += 1)
    await stores.tickets.put(
      { ticketHash: `t${n}`, viewer: ada, name: 'Ada \u0000', now: NOW, expiresAt: NOW + 9 },
      { tickets: 1000 },
    );
  await stores.audit.append(
    { action: 'flow.finished', by: { kind: 'system' }, outcome: 'done', viewer: ada },
    NOW,
  );
  await stores.close();
};

/** The rows that a copy keeps, without those that each database writes for itself. */
const keptRows = async (url: string): Promise<readonly string[]> => {
  const own: readonly string[] = NOT_ARCHIVED.filter(
    (name) => !COPIED_BESIDES.some(({ table }) => table === name),
  );
  const lines = (await everyRow(url)).filter((line) => !own.includes(line.split(' ', 1)[0] ?? ''));
  // Columns that a later migration added stand elsewhere in another engine's order.
  return lines
    .map((line) => {
      const table = line.split(' ', 1)[0] ?? '';
      const row = JSON.parse(line.slice(table.length)) as Record<string, unknown>;
      return `${table} ${JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)))}`;
    })
    .sort();
};

describe('oriel database copy', () => {
  it('takes everything from SQLite to PostgreSQL and back, and people stay connected', async () => {
    const [one, two] = [`sqlite:${join(folder.path, 'one.db')}`, `sqlite:${join(folder.path, 'two.db')}`];
    await filled(one);
    const postgres = await (await sharedPostgres()).empty();
    const there = await run('database', 'copy', one, '--config', configured(postgres));
    expect(there).toMatchObject({ code: 0 });
    expect(there.out).toContain('ticket            450');
    expect(there.out).toContain('All 4 sealed values open with the key ring.');
    expect(there.out).toContain('The audit log is intact: 1 entries.');
    expect(there.out).not.toContain(new URL(postgres).password);
    expect(there.err).toMatch(/^\d+ of 4\d\d rows copied$/m);
    const before = await keptRows(one);
    expect(before.length).toBeGreaterThan(455);
    expect(await keptRows(postgres)).toEqual(before);
    const back = await run('database', 'copy', postgres, two, '--json', '--config', configured(one));
    expect(JSON.parse(back.out)).toMatchObject({
      rows: { connection: 2, frame_lease: 1, spent_token: 1 },
      whole: true,
    });
    expect(await keptRows(two)).toEqual(before);
    const stores = await openStores({ url: postgres, keys: keyRing('k'), clock: new TestClock() });
    const connection = await stores.connections.find(ada, 'mingle');
    expect(connection && (await stores.connections.tokens(connection))).not.toBeNull();
    expect(await stores.spentTokens.spend('gocd', 'once', NOW + 9)).toBe(false);
    expect((await stores.connectionLists.counts()).reduce((sum, { count }) => sum + count, 0)).toBe(2);
    await stores.close();
  });

  it('refuses a database that holds something, and changes nothing there', async () => {
    const [from, to] = [`sqlite:${join(folder.path, 'from.db')}`, `sqlite:${join(folder.path, 'to.db')}`];
    await filled(from);
    await filled(to);
    const before = await everyRow(to);
    const refused = await run('database', 'copy', from, '--config', configured(to));
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('is not empty (') });
    expect(await everyRow(to)).toEqual(before);
  });

  it('refuses while a server runs on either', async () => {
    const port = await freePort();
    const file = folder.write('running.yaml', {
      ...loopback(port),
      database: 'sqlite:./running.db',
      keys: KEYS,
    });
    const server = start(['serve', '--config', file], { cwd: folder.path });
    await server.saying('"ready"');
    const refused = await run(
      'database',
      'copy',
      'sqlite:running.db',
      'sqlite:elsewhere.db',
      '--config',
      file,
    );
    server.child.kill('SIGTERM');
    await server.ended;
    expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('A server is running on') });
    expect(existsSync(join(folder.path, 'elsewhere.db'))).toBe(false);
  });

  it('says what is wrong with an address without repeating it, and with a ring that opens nothing', async () => {
    const from = `sqlite:${join(folder.path, 'sealed.db')}`;
    await filled(from);
    const odd = await run('database', 'copy', 'mysql://me:hidden@db/x', '--config', configured(from));
    expect(odd).toMatchObject({ code: 1, err: expect.stringContaining('sqlite:FILE or postgres://') });
    expect(odd.err).not.toContain('hidden');
    const same = await run('database', 'copy', from, '--config', configured(from));
    expect(same.err).toContain('These are the same database.');
    const other = [`x:${keyRing('x')[0]?.key.reveal()}`];
    const blind = await run('database', 'copy', from, '--config', configured('sqlite:./blind.db', other));
    expect(blind).toMatchObject({
      code: 1,
      out: expect.stringContaining('4 of 4 sealed values can’t be opened'),
    });
  });
});

describe('oriel migrate', () => {
  it.each([
    ['SQLite', async () => `sqlite:${join(folder.path, 'migrated.db')}`],
    ['PostgreSQL', async () => (await sharedPostgres()).empty()],
  ])(
    'makes a database on %s, brings an older one forward, and leaves one of today alone',
    async (_, newUrl) => {
      const url = await newUrl();
      const file = configured(url);
      const latest = migrations.length;
      expect((await run('migrate', '--config', file)).out).toContain(`was made, with schema ${latest}`);
      expect((await run('migrate', '--config', file)).out).toContain(`has schema ${latest} already`);
      const database = await openDatabase(url, { create: false });
      await database.write(sql`delete from migration where version = ${latest}`);
      await database.write(sql`drop index connection_status`);
      await database.close();
      const migrated = await run('migrate', '--json', '--config', file);
      expect(JSON.parse(migrated.out)).toMatchObject({ before: latest - 1, after: latest });
    },
  );
});
