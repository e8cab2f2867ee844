import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Postgres, sharedPostgres } from '../../support/postgres.js';
import { portal, type RecordSetup, ruth, setUpRecords, wiki } from './record-setup.js';

/** What two servers and their administrators see of each other, on databases that `newUrl` names. */
const holdsOn = (newUrl: () => Promise<string>): void => {
  const open: RecordSetup[] = [];
  const two = async (): Promise<readonly [RecordSetup, RecordSetup]> => {
    const url = await newUrl();
    const servers = [await setUpRecords({ url }), await setUpRecords({ url })] as const;
    open.push(...servers);
    return servers;
  };
  afterEach(async () => {
    for (const { stores } of open.splice(0)) await stores.close();
  });

  it('a change or removal by one is served by the other at its next look', async () => {
    const [one, other] = await two();
    await one.records.create('provider', 'wiki', wiki(), ruth);
    await one.records.create(
      'host',
      'portal',
      portal({ providers: ['wiki'], gadgets: ['wiki-pages'] }),
      ruth,
    );
    expect(other.directory.host('portal')).toBeUndefined();
    await other.setup.poll();
    expect(other.directory.host('portal')?.gadgets).toEqual(['wiki-pages']);
    await one.records.remove('host', 'portal', 1, ruth);
    await other.setup.poll();
    expect(other.directory.host('portal')).toBeUndefined();
    expect(other.directory.provider('wiki')).toBeDefined();
  });

  it('of two who edit at once, one learns that there is a newer version, and nothing is lost', async () => {
    const [one, other] = await two();
    await one.records.create('provider', 'wiki', wiki(), ruth);
    const edits = Array.from({ length: 10 }, (_, n) =>
      (n % 2 === 0 ? one : other).records.change('provider', 'wiki', wiki({ name: `Edit ${n}` }), 1, ruth),
    );
    const outcomes = await Promise.allSettled(edits);
    const won = outcomes.flatMap((each) => (each.status === 'fulfilled' ? [each.value.name] : []));
    const lost = outcomes.flatMap((each) => (each.status === 'rejected' ? [each.reason.code] : []));
    expect(won).toHaveLength(1);
    expect(lost).toEqual(Array(9).fill('record_changed'));
    expect(await other.records.get('provider', 'wiki')).toMatchObject({ name: won[0], version: 2 });
    expect(await one.log()).toHaveLength(2);
  });

  it('of two who create or remove the same at once, one succeeds', async () => {
    const [one, other] = await two();
    const made = await Promise.allSettled(
      [one, other].map(({ records }) => records.create('provider', 'wiki', wiki(), ruth)),
    );
    expect(made.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    const removed = await Promise.allSettled(
      [one, other].map(({ records }) => records.remove('provider', 'wiki', 1, ruth)),
    );
    expect(removed.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await one.stores.bulkDisconnects.unfinished()).toHaveLength(1);
  });
};

describe('Two servers on SQLite', () => {
  const folder = mkdtempSync(join(tmpdir(), 'oriel-records-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  let files = 0;
  holdsOn(async () => {
    files += 1;
    return `sqlite:${join(folder, `${files}.db`)}`;
  });
});

describe('Two servers on PostgreSQL', () => {
  let postgres: Postgres;
  beforeAll(async () => {
    postgres = await sharedPostgres();
  });
  holdsOn(() => postgres.renewed());
});
