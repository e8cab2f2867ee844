import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEntry } from '../../src/domain/audit-event.js';
import { chained } from '../../src/store/audit/audit-row.js';
import type { Database } from '../../src/store/engine/database.js';
import { openPostgres } from '../../src/store/engine/postgres.js';
import { raw, sql } from '../../src/store/engine/sql.js';
import { openSqlite } from '../../src/store/engine/sqlite.js';
import { openStores } from '../../src/store/open-stores.js';
import type { Stores } from '../../src/store/stores.js';
import { type Postgres, sharedPostgres } from '../support/postgres.js';
import { TestClock } from '../support/test-clock.js';
import { ada, keyRing, NOW } from './fixtures.js';

/** Tampering with the database, by the column it changes. */
const TAMPERINGS: Readonly<Record<string, string>> = {
  at: 'at = at + 1',
  action: "action = 'provider.created'",
  outcome: "outcome = 'refused'",
  actor_kind: "actor_kind = 'system'",
  actor_id: "actor_id = 'a2'",
  'actor_id, taken away': 'actor_id = null',
  actor_name: "actor_name = 'Berta'",
  person: "person = 'another'",
  'person, taken away': 'person = null',
  provider: "provider = 'gocd'",
  host: "host = 'wiki'",
  subject: "subject = 'flow-2'",
  'subject and code, exchanged': 'subject = code, code = subject',
  code: "code = 'expired'",
  changes: `changes = '[]'`,
  'changes, which are no JSON any more': `changes = 'x'`,
  'changes, which read the same': `changes = ' ' || changes`,
  request_id: "request_id = 'r2'",
  times: 'times = times + 1',
  hash: "hash = 'AAAA' || substr(hash, 5)",
};

const holdsOn = (name: string, begin: () => Promise<{ url: string; database: () => Promise<Database> }>) => {
  describe(name, () => {
    let stores: Stores;
    let database: Database;
    let entries: AuditEntry[];
    const change = (statement: string) => database.write(raw(statement));

    beforeEach(async () => {
      const { url, database: open } = await begin();
      stores = await openStores({ url, keys: keyRing('k'), clock: new TestClock() });
      database = await open();
      entries = [];
      for (let n = 1; n <= 5; n += 1)
        entries.push(
          await stores.audit.append(
            {
              action: 'provider.changed',
              by: { kind: 'admin', id: 'a1', name: 'Anna' },
              outcome: 'done',
              viewer: ada,
              provider: 'mingle',
              subject: `flow-${n}`,
              code: 'cancelled',
              changes: [{ path: 'scopes', before: 'a', after: String(n) }],
              requestId: `r${n}`,
            },
            NOW + n,
          ),
        );
    });
    afterEach(async () => {
      await stores.close();
      await database.close();
    });

    it.each(Object.keys(TAMPERINGS))('says where the chain is broken by a changed %s', async (column) => {
      await change(`update audit_entry set ${TAMPERINGS[column]} where seq = 3`);
      expect(await stores.audit.verify()).toMatchObject({ intact: false, entries: 2, brokenAt: 3 });
      // The others can be read all the same.
      expect(await stores.audit.list({}, { before: null, limit: 9 })).toHaveLength(5);
    });

    it('says so at the next entry when an entry was given the hash of its new content', async () => {
      await change("update audit_entry set actor_name = 'Berta' where seq = 3");
      const [row] = await database.read(sql`select * from audit_entry where seq = 3`);
      const hash = chained(entries[1]?.hash ?? '', row ?? {});
      await database.write(sql`update audit_entry set hash = ${hash} where seq = 3`);
      expect(await stores.audit.verify()).toMatchObject({
        intact: false,
        entries: 3,
        brokenAt: 4,
        reason: expect.stringContaining('entry 3 was, together with its hash'),
      });
    });

    it('misses an entry that was taken out', async () => {
      await change('delete from audit_entry where seq = 3');
      expect(await stores.audit.verify()).toMatchObject({
        intact: false,
        brokenAt: 3,
        reason: expect.stringContaining('Entry 3 is missing'),
      });
    });

    it('misses the first entry', async () => {
      await change('delete from audit_entry where seq = 1');
      expect(await stores.audit.verify()).toMatchObject({ intact: false, entries: 0, brokenAt: 1 });
    });

    it('finds a gap that was closed by other numbers', async () => {
      await change('delete from audit_entry where seq = 3');
      await change('update audit_entry set seq = 3 where seq = 4');
      await change('update audit_entry set seq = 4 where seq = 5');
      expect(await stores.audit.verify()).toMatchObject({ intact: false, brokenAt: 3 });
    });

    it('finds two entries in each other’s place', async () => {
      await change('update audit_entry set seq = 99 where seq = 2');
      await change('update audit_entry set seq = 2 where seq = 4');
      await change('update audit_entry set seq = 4 where seq = 99');
      expect(await stores.audit.verify()).toMatchObject({ intact: false, brokenAt: 2 });
    });

    it('finds an entry that was put in front of the first', async () => {
      await change('update audit_entry set seq = 0 where seq = 5');
      expect(await stores.audit.verify()).toMatchObject({ intact: false, entries: 0, brokenAt: 1 });
    });

    it('distinguishes a log without its end from a whole one by the hash that was kept', async () => {
      const head = entries.at(-1)?.hash ?? '';
      expect(await stores.audit.seqOf(head)).toBe(5);
      await change('delete from audit_entry where seq = 5');
      expect(await stores.audit.verify()).toMatchObject({ intact: true, entries: 4 });
      expect(await stores.audit.seqOf(head)).toBeNull();
    });

    it('does not grow over a log that was broken as if it were whole', async () => {
      await change("update audit_entry set actor_name = 'Berta' where seq = 5");
      await stores.audit.append({ action: 'backup.made', by: { kind: 'system' }, outcome: 'done' }, NOW + 9);
      expect(await stores.audit.verify()).toMatchObject({ intact: false, brokenAt: 5 });
    });
  });
};

describe('A log in an attacker’s hands', () => {
  let folder: string;
  let postgres: Postgres;
  let files = 0;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-audit-'));
    postgres = await sharedPostgres();
  });
  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  holdsOn('SQLite', async () => {
    files += 1;
    const file = join(folder, `${files}.db`);
    return { url: `sqlite:${file}`, database: () => openSqlite(file) };
  });
  holdsOn('PostgreSQL', async () => {
    const url = await postgres.database();
    return { url, database: async () => openPostgres(url) };
  });
});
