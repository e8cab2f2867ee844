import { describe, expect, it } from 'vitest';
import { AuditWriter } from '../../../src/admin/audit/audit-writer.js';
import type { AuditEvent } from '../../../src/domain/audit-event.js';
import { DatabaseTrouble } from '../../../src/store/database-trouble.js';
import { openStores } from '../../../src/store/open-stores.js';
import { ada, bob, keyRing } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

const MINUTE = 60_000;

const refused: AuditEvent = {
  action: 'flow.refused',
  by: { kind: 'anonymous' },
  outcome: 'refused',
  provider: 'mingle',
  subject: 'flow-1',
  code: 'state_mismatch',
};

const open = async () => {
  const clock = new TestClock('waits');
  const stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k'), clock });
  const warnings: { event: string; [field: string]: unknown }[] = [];
  const journal = {
    note: () => {},
    warn: (event: string, fields: object) => void warnings.push({ ...fields, event }),
  };
  const log = new AuditWriter(stores.audit, { clock, journal });
  const times = async () =>
    (await stores.audit.since({}, { after: 0, limit: 100 })).map((entry) => entry.times);
  return { clock, stores, warnings, log, times };
};

describe('The audit log, as the product writes to it', () => {
  it('writes up to five repeats a minute one by one, then counts the rest in one entry', async () => {
    const { clock, log, stores, times } = await open();
    for (let n = 0; n < 1000; n += 1) await log.record(refused);
    expect(await times()).toEqual([1, 1, 1, 1, 1]);
    clock.pass(MINUTE);
    await expect.poll(times).toEqual([1, 1, 1, 1, 1, 995]);
    const [last] = await stores.audit.list({}, { before: null, limit: 1 });
    expect(last).toMatchObject({ action: 'flow.refused', code: 'state_mismatch', subject: null, times: 995 });
    clock.pass(MINUTE);
    await log.record(refused);
    expect(await times()).toEqual([1, 1, 1, 1, 1, 995, 1]);
    await stores.close();
  });

  it('writes the sixth in full when no seventh came', async () => {
    const { clock, log, stores } = await open();
    for (let n = 1; n <= 6; n += 1) await log.record({ ...refused, subject: `flow-${n}` });
    clock.pass(MINUTE);
    const last = async () => (await stores.audit.list({}, { before: null, limit: 1 }))[0];
    await expect.poll(last).toMatchObject({ subject: 'flow-6', times: 1 });
    await stores.close();
  });

  it('does not drop one person’s entries because of another’s', async () => {
    const { log, stores, times } = await open();
    for (let n = 0; n < 20; n += 1) await log.record({ ...refused, by: { kind: 'viewer', viewer: ada } });
    await log.record({ ...refused, by: { kind: 'viewer', viewer: bob } });
    await log.record({ ...refused, by: { kind: 'viewer', viewer: ada }, code: 'nonce_mismatch' });
    await log.record(refused);
    expect(await times()).toHaveLength(8);
    await stores.close();
  });

  it('writes each act of administrators and upkeep, however many there are', async () => {
    const { log, stores, times } = await open();
    for (let n = 0; n < 20; n += 1) await log.record({ ...refused, by: { kind: 'system' } });
    for (let n = 0; n < 20; n += 1)
      await log.record({ ...refused, by: { kind: 'admin', id: 'a1', name: 'Anna' } });
    expect(await times()).toHaveLength(40);
    await stores.close();
  });

  it('writes what it was still counting when the process ends', async () => {
    const { log, stores, times } = await open();
    for (let n = 0; n < 9; n += 1) await log.record(refused);
    await log.close();
    expect((await times()).at(-1)).toBe(4);
    await stores.close();
  });

  it('does not fail when an entry cannot be written, and logs it once a minute per kind', async () => {
    const { log, stores, warnings } = await open();
    await stores.close();
    await expect(log.record({ ...refused, by: { kind: 'system' } })).resolves.toBeUndefined();
    await log.record(refused);
    expect(warnings).toMatchObject([
      { event: 'audit-not-written', action: 'flow.refused', code: 'state_mismatch', lostSinceStart: 1 },
      { event: 'audit-not-written', lostSinceStart: 2 },
    ]);
  });

  it('says of each entry that is lost what is wrong with the database, and what to do about that', async () => {
    const { clock, stores, warnings } = await open();
    const journal = {
      note: () => {},
      warn: (event: string, fields: object) => void warnings.push({ ...fields, event }),
    };
    const locked = new DatabaseTrouble('locked', 'The database is locked. End that program.');
    const log = new AuditWriter({ append: () => Promise.reject(locked) }, { clock, journal });
    await log.record({ ...refused, by: { kind: 'system' } });
    expect(warnings).toMatchObject([
      {
        error: 'database_locked',
        fix: 'The database is locked. End that program. What happened is in this log only.',
      },
    ]);
    await stores.close();
  });

  it('says in the log itself how much it lacks, as soon as that can be written again', async () => {
    const { clock, stores, warnings } = await open();
    let broken = true;
    let refusals = 0;
    const journal = {
      note: () => {},
      warn: (event: string, fields: object) => void warnings.push({ ...fields, event }),
    };
    const append: typeof stores.audit.append = async (...given) => {
      refusals += broken ? 1 : 0;
      if (broken) throw new Error('the disk is full');
      return stores.audit.append(...given);
    };
    const log = new AuditWriter({ append }, { clock, journal });
    const logged = async () =>
      (await stores.audit.since({}, { after: 0, limit: 9 })).map(({ action, times }) => `${action} ${times}`);
    for (let n = 0; n < 3; n += 1) await log.record({ ...refused, by: { kind: 'system' } });
    // It is mentioned a minute after the first loss, and then a minute after it could not be.
    clock.pass(MINUTE);
    await expect.poll(() => refusals).toBe(4);
    expect(await logged()).toEqual([]);
    broken = false;
    clock.pass(MINUTE);
    await expect.poll(logged).toEqual(['audit.interrupted 3']);
    expect(warnings).toMatchObject([{ times: 1 }, { times: 2 }]);
    broken = true;
    await log.record({ ...refused, by: { kind: 'system' } });
    broken = false;
    await log.close();
    expect(await logged()).toEqual(['audit.interrupted 3', 'audit.interrupted 1']);
    await stores.close();
  });
});
