import { env, platform } from 'node:process';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { MeasuredHeap } from './measured-heap.js';
import { Person, Seen } from './people.js';
import { Random } from './random.js';
import { TestCluster } from './test-cluster.js';

/** Seconds of one of the stretches between which memory is measured, at least: none in the suite, where looks are counted. */
const STRETCH = Number(env.ORIEL_CHAOS_SECONDS ?? 0) / 10;
/** Looks in one of them, at least: what leaks does so with each, however many a busy machine comes to in a second. */
const LOOKS = 300;
/** A stretch takes no longer, seconds; then something is wrong. */
const LONGEST = STRETCH + 60;
/** The first ones fill what is remembered. */
const WARM = 2;
const MEASURED = 4;
const PEOPLE = 30;
vi.setConfig({ testTimeout: (LONGEST * (WARM + MEASURED) + 120) * 1000 });
/** What memory may grow to after so few looks, as a part of what it was first; after minutes some more. */
const TOLERATED =
  STRETCH < 4 ? { heap: 1.06, buffers: 1.2, resident: 1.3 } : { heap: 1.2, buffers: 1.5, resident: 1.3 };

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
  `A server's memory stays flat while ${PEOPLE} people launch, connect, disconnect and look, ${LOOKS} times and more between two measurements`,
  async () => {
    const seen = new Seen();
    const looks = (): number => seen.states.get('content') ?? 0;
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
      const started = performance.now();
      const enough = looks() + LOOKS;
      const isOver = (): boolean => {
        const seconds = (performance.now() - started) / 1000;
        return (seconds >= STRETCH && looks() >= enough) || seconds > LONGEST;
      };
      await Promise.all(people.map((person) => person.live(isOver)));
      if (stretch >= WARM - 1) points.push(await measured.used());
    }
    console.log(JSON.stringify({ points, met: Object.fromEntries(seen.states) }));
    expect(seen.foreign).toEqual([]);
    expect(looks()).toBeGreaterThanOrEqual(LOOKS * (WARM + MEASURED));
    const [first, ...later] = points;
    if (first === undefined) throw new Error('Nothing was measured.');
    for (const point of later) {
      expect(point.heap).toBeLessThan(first.heap * TOLERATED.heap);
      expect(point.buffers).toBeLessThan(first.buffers * TOLERATED.buffers);
      expect(point.resident).toBeLessThan(first.resident * TOLERATED.resident);
    }
  },
);
