import { env, platform } from 'node:process';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { MeasuredHeap } from './measured-heap.js';
import { Person, Seen } from './people.js';
import { Random } from './random.js';
import { TestCluster } from './test-cluster.js';

/** Seconds of one of the stretches between which memory is measured. */
const STRETCH = Math.max(4, Number(env.ORIEL_CHAOS_SECONDS ?? 0) / 10);
/** The first ones fill what is remembered. */
const WARM = 2;
const MEASURED = 4;
const PEOPLE = 30;
vi.setConfig({ testTimeout: (STRETCH * (WARM + MEASURED) + 120) * 1000 });

const cluster = new TestCluster();
let measured: MeasuredHeap;
beforeAll(async () => {
  measured = new MeasuredHeap(cluster.folder);
  await cluster.start(1, measured.env);
}, 120_000);
afterAll(async () => {
  expect(await cluster.close()).not.toContain('"event":"bug"');
});

// PostgreSQL's and the provider's processes are not measured, and no server is killed.
it.runIf(platform === 'linux')(
  `A server's memory stays flat while ${PEOPLE} people look, launch, connect and disconnect for ${STRETCH * (WARM + MEASURED)} seconds`,
  async () => {
    const seen = new Seen();
    const people = Array.from(
      { length: PEOPLE },
      (_, n) => new Person(`p${n}`, cluster, new Random(n + 1), seen),
    );
    for (const person of people) {
      await person.launch();
      expect(await person.connect()).toBe('active');
    }
    const points: Awaited<ReturnType<MeasuredHeap['used']>>[] = [];
    for (let stretch = 0; stretch < WARM + MEASURED; stretch += 1) {
      const until = performance.now() + STRETCH * 1000;
      await Promise.all(people.map((person) => person.live(() => performance.now() > until)));
      if (stretch >= WARM - 1) points.push(await measured.used());
    }
    console.log(JSON.stringify({ points, met: Object.fromEntries(seen.states) }));
    expect(seen.foreign).toEqual([]);
    expect(seen.states.get('content') ?? 0).toBeGreaterThan(PEOPLE);
    const [first, ...later] = points;
    if (first === undefined) throw new Error('Nothing was measured.');
    for (const point of later) {
      expect(point.heap).toBeLessThan(first.heap * 1.2);
      expect(point.buffers).toBeLessThan(first.buffers * 1.5);
      expect(point.resident).toBeLessThan(first.resident * 1.3);
    }
  },
);
