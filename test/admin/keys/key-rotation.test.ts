import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  continueRotation,
  findRotation,
  findRotationObstacle,
  listKeys,
  type RotationProgress,
  rotateKeys,
  startRotation,
} from '../../../src/admin/keys/use-cases.js';
import { Secret } from '../../../src/domain/secret.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { Stores } from '../../../src/store/stores.js';
import { ada, connect, keyRing, NOW, newFlow } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';
import { ruth } from '../admin-setup.js';

const instance = { id: 'one', startedAt: NOW, reload: 0, problem: null, restart: [], gadgets: [] };

describe('A rotation of keys', () => {
  let folder: string;
  const opened: Stores[] = [];
  const clock = new TestClock();
  const open = async (...keys: readonly string[]) => {
    const stores = await openStores({
      url: `sqlite:${join(folder, 'oriel.db')}`,
      keys: keyRing(...keys),
      clock,
    });
    opened.push(stores);
    const audit = {
      record: async (event: Parameters<Stores['audit']['append']>[0]) => {
        await stores.audit.append(event, NOW);
      },
    };
    const deps = { stores, audit, clock };
    const rotation = {
      keys: () => listKeys(deps),
      obstacle: (options: { readonly discard: boolean }) => findRotationObstacle(deps, options),
      rotate: (options: Parameters<typeof rotateKeys>[1], by: Parameters<typeof rotateKeys>[2]) =>
        rotateKeys(deps, options, by),
    };
    return { stores, rotation };
  };
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'oriel-rotating-'));
    const { stores } = await open('old');
    await connect(stores, newFlow('f', { viewer: ada }));
    const audit = {
      action: 'provider.created',
      by: { kind: 'viewer', viewer: ada },
      outcome: 'done',
    } as const;
    const entry = new Secret('{}');
    const record = { kind: 'provider', id: 'wiki', version: null, entry, secretsSetAt: {} } as const;
    await stores.setup.put({ ...record, now: NOW, by: 'Ruth', audit });
  });
  afterEach(async () => {
    for (const stores of opened.splice(0)) await stores.close();
    await rm(folder, { recursive: true });
  });

  it('that gives up what no key opens is not started beside one that does not, and says so', async () => {
    const { stores } = await open('new', 'old');
    const deps = { stores, clock };
    expect(await startRotation(deps, { discard: false }, ruth)).toBeNull();
    expect(await startRotation(deps, { discard: false }, ruth)).toBeNull();
    expect(await startRotation(deps, { discard: true }, ruth)).toEqual({ kind: 'running' });
  });

  it('that gives up what no key opens serves for one that does not', async () => {
    const { stores } = await open('new', 'old');
    const deps = { stores, clock };
    expect(await startRotation(deps, { discard: true }, ruth)).toBeNull();
    expect(await startRotation(deps, { discard: false }, ruth)).toBeNull();
  });

  it('reports its progress, which never goes back, and records in the audit log what each key sealed', async () => {
    const { stores, rotation } = await open('new', 'old');
    const reports: RotationProgress[] = [];
    const result = await rotation.rotate({ discard: false, report: (each) => reports.push(each) }, ruth);
    expect(result).toMatchObject({ done: 4, lost: 0, total: 4 });
    expect(result.keys).toEqual([
      { id: 'new', role: 'seals', rows: 4 },
      { id: 'old', role: 'opens', rows: 0 },
    ]);
    expect(reports[0]).toEqual({ done: 0, lost: 0, total: 4 });
    const done = reports.map((each) => each.done);
    expect(done).toEqual(done.toSorted((one, other) => one - other));
    const [last] = await stores.audit.list({}, { before: null, limit: 1 });
    expect(last).toMatchObject({
      action: 'keys.rotated',
      actor: { id: 'a1' },
      changes: [{ path: 'keys', before: 'new: 0, old: 4', after: 'new: 4, old: 0' }],
    });
  });

  it('is not started while a server seals with another key, or values that no key opens would be given up', async () => {
    const { stores, rotation } = await open('new');
    expect(await rotation.obstacle({ discard: false })).toEqual({
      kind: 'keys',
      keys: [{ id: 'old', role: 'missing', rows: 4 }],
    });
    expect(await rotation.obstacle({ discard: true })).toBeNull();
    await stores.instances.beat({ ...instance, seenAt: NOW, keys: ['old', 'new'] });
    expect(await rotation.obstacle({ discard: true })).toMatchObject({
      kind: 'servers',
      servers: [{ id: 'one' }],
    });
  });

  it('goes on by turns of a job, on whichever server has it next, and is shown by all of them', async () => {
    const { stores } = await open('new', 'old');
    const { stores: others } = await open('new', 'old');
    let passed = 0;
    const audit = {
      record: async (event: Parameters<Stores['audit']['append']>[0]) => {
        await stores.audit.append(event, NOW);
      },
    };
    // Each look at the clock costs a second: a turn is one step.
    const slow = { ...clock, monotonic: () => (passed += 1000) };
    const deps = { stores, audit, clock: slow };
    expect(await findRotation(deps)).toBeNull();
    await startRotation(deps, { discard: false }, ruth);
    await startRotation({ stores: others }, { discard: false }, ruth);
    expect(await findRotation({ stores: others })).toEqual({ done: 0, lost: 0, total: 4 });
    const seen: (number | undefined)[] = [];
    for (let turns = 0; (await findRotation(deps)) !== null; turns += 1) {
      if (turns > 50) throw new Error('It does not come to an end.');
      const server = turns % 2 === 0 ? { ...deps, stores: others } : deps;
      const job = await server.stores.jobs.take();
      if (job === null) throw new Error('A rotation that goes on is due at once.');
      const left = await continueRotation(server, job.data);
      await server.stores.jobs.finish(job, left && { after: 0, data: left });
      seen.push((await findRotation(deps))?.done);
    }
    expect(seen.length).toBeGreaterThan(3);
    expect(seen.at(-2)).toBe(4);
    expect((await listKeys(deps)).map(({ id, rows }) => [id, rows])).toEqual([
      ['new', 4],
      ['old', 0],
    ]);
    const entries = await stores.audit.list({ actions: ['keys.rotated'] }, { before: null, limit: 10 });
    expect(entries).toMatchObject([{ changes: [{ before: 'new: 0, old: 4', after: 'new: 4, old: 0' }] }]);
  });

  it('counts once what it gave up, and what stays sealed until it is written again', async () => {
    const { stores, rotation } = await open('new');
    const result = await rotation.rotate({ discard: true, report: () => {} }, ruth);
    expect(result).toMatchObject({ lost: 4 });
    // The provider alone is left: an administrator sees that it serves no one.
    expect(result.keys).toEqual([
      { id: 'new', role: 'seals', rows: 0 },
      { id: 'old', role: 'missing', rows: 1 },
    ]);
    expect(await stores.setup.all()).toMatchObject([{ id: 'wiki', entry: null }]);
    expect(await stores.audit.personOf(ada)).toBeNull();
  });
});
