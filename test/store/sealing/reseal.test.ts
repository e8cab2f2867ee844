import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../../src/domain/secret.js';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Database } from '../../../src/store/engine/database.js';
import { openPostgres } from '../../../src/store/engine/postgres.js';
import { sql } from '../../../src/store/engine/sql.js';
import { openSqlite } from '../../../src/store/engine/sqlite.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { ResealCursor, ResealStore } from '../../../src/store/sealing/reseal.js';
import { SEALED } from '../../../src/store/sealing/sealed-columns.js';
import type { Stores } from '../../../src/store/stores.js';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { TestClock } from '../../support/test-clock.js';
import { connect, keyRing, NOW, newFlow, revealed, tokenSet } from '../fixtures.js';

const walk = async (reseal: ResealStore, limit: number, discard = false) => {
  let cursor: ResealCursor | null = null;
  const total = { resealed: 0, lost: 0, steps: 0 };
  do {
    const step: Awaited<ReturnType<ResealStore['step']>> = await reseal.step(cursor, limit, discard);
    total.resealed += step.resealed;
    total.lost += step.lost;
    total.steps += 1;
    cursor = step.next;
  } while (cursor !== null);
  return total;
};

const person = (n: number) => viewerOf('gocd', `person ${n}`);

const resealsOn = (newUrl: () => Promise<string>, rawOf: (url: string) => Promise<Database>): void => {
  const closing: { close(): Promise<void> }[] = [];
  const open = async (url: string, ...keys: readonly string[]): Promise<Stores> => {
    const stores = await openStores({ url, keys: keyRing(...keys), clock: new TestClock() });
    closing.push(stores);
    return stores;
  };
  afterEach(async () => {
    for (const each of closing.splice(0)) await each.close();
  });

  /** Seven people connected under the key `old`; their flows still hold what they brought. */
  const sealedByOld = async () => {
    const url = await newUrl();
    const stores = await open(url, 'old');
    const connections = [];
    for (let n = 0; n < 7; n += 1)
      connections.push(await connect(stores, newFlow(`f${n}`, { viewer: person(n) })));
    return { url, stores, connections };
  };

  it('every token opens under the new key alone, whatever the size of the steps', async () => {
    for (const limit of [1, 3, 7, 100]) {
      const { url, connections } = await sealedByOld();
      const rotating = await open(url, 'new', 'old');
      expect(await rotating.reseal.counts()).toEqual([{ key: 'old', rows: 14 }]);
      expect(await walk(rotating.reseal, limit)).toMatchObject({ resealed: 14, lost: 0 });
      expect(await rotating.reseal.counts()).toEqual([{ key: 'new', rows: 14 }]);
      const after = await open(url, 'new');
      for (const connection of connections)
        expect(revealed(await after.connections.tokens(connection))).not.toBeNull();
    }
  });

  it('a walk that was broken off is taken up again, and does nothing twice', async () => {
    const { url } = await sealedByOld();
    const first = await open(url, 'new', 'old');
    expect(await first.reseal.step(null, 3, false)).toMatchObject({ resealed: 3 });
    const second = await open(url, 'new', 'old');
    expect(await walk(second.reseal, 2)).toMatchObject({ resealed: 11, lost: 0 });
    expect(await walk(second.reseal, 2)).toMatchObject({ resealed: 0, lost: 0 });
  });

  it('tokens that a server replaces in the meantime are those of the server', async () => {
    const { url, connections } = await sealedByOld();
    const rotating = await open(url, 'new', 'old');
    const server = await open(url, 'new', 'old');
    const refreshed = connections.map(async (connection) => {
      await server.connections.claim(connection, 'me', NOW, NOW + 30_000);
      return server.connections.replace(connection, tokenSet(`fresh-${connection.id}`), NOW);
    });
    const [walked, replaced] = await Promise.all([walk(rotating.reseal, 1), Promise.all(refreshed)]);
    expect(walked.lost).toBe(0);
    const after = await open(url, 'new');
    for (const connection of replaced) {
      if (connection === null) throw new Error('the refresh was lost');
      expect(revealed(await after.connections.tokens(connection))?.accessToken).toBe(
        `access-fresh-${connection.id}`,
      );
    }
  });

  it('what a key sealed that is not in the ring stays as it is, unless it may be given up', async () => {
    const { url, connections } = await sealedByOld();
    const [one] = connections;
    if (one === undefined) throw new Error('no one is connected');
    const mistaken = await open(url, 'new', 'other');
    expect(await walk(mistaken.reseal, 100)).toMatchObject({ resealed: 0, lost: 0 });
    const withOldKey = await open(url, 'new', 'old');
    expect(revealed(await withOldKey.connections.tokens(one))).not.toBeNull();
    expect(await walk(mistaken.reseal, 100, true)).toMatchObject({ resealed: 0, lost: 14 });
    const after = await open(url, 'new', 'old');
    expect(await after.connections.byId(one.id)).toMatchObject({ status: 'reconnect', reason: 'expired' });
  });

  it('a token that was tampered with becomes “reconnect”, and no other', async () => {
    const { url, connections } = await sealedByOld();
    const [one, two] = connections;
    if (one === undefined || two === undefined) throw new Error('no one is connected');
    const database = await rawOf(url);
    closing.push(database);
    await database.write(sql`
      update connection set tokens = (select tokens from connection where id = ${two.id}) where id = ${one.id}`);
    const rotating = await open(url, 'new', 'old');
    expect(await walk(rotating.reseal, 100)).toMatchObject({ resealed: 13, lost: 1 });
    const after = await open(url, 'new');
    expect((await after.connections.byId(one.id))?.status).toBe('reconnect');
    expect(revealed(await after.connections.tokens(two))).not.toBeNull();
  });

  it('nothing is sealed anywhere that it does not know of', async () => {
    const { stores } = await sealedByOld();
    const by = { kind: 'viewer', viewer: person(1) } as const;
    const event = { action: 'provider.created', by, outcome: 'done', viewer: person(1) } as const;
    const entry = new Secret('{"preset":"mingle"}');
    const record = { kind: 'provider', id: 'mingle', version: null } as const;
    await stores.setup.put({ ...record, entry, secretsSetAt: {}, now: NOW, by: 'Ada', audit: event });
    const sealed: string[] = [];
    for await (const { table, row } of stores.archive.rows()) {
      for (const [column, value] of Object.entries(row))
        if (typeof value === 'string' && /^old\.[\w-]{38,}$/.test(value)) sealed.push(`${table}.${column}`);
    }
    expect([...new Set(sealed)].toSorted()).toEqual(
      SEALED.map(({ table, column }) => `${table}.${column}`)
        .filter((each) => each !== 'flow.verifier')
        .toSorted(),
    );
    expect(await stores.reseal.counts()).toEqual([{ key: 'old', rows: sealed.length }]);
  });
};

describe('SQLite: when everything is resealed', () => {
  let folder: string;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-reseal-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  resealsOn(
    async () => {
      files += 1;
      return `sqlite:${join(folder, `${files}.db`)}`;
    },
    (url) => openSqlite(url.slice('sqlite:'.length)),
  );
});

describe('PostgreSQL: when everything is resealed', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  resealsOn(
    () => postgres.database(),
    async (url) => openPostgres(url),
  );
});
