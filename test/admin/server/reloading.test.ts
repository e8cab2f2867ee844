import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reloadServers } from '../../../src/admin/server/use-cases.js';
import { openStores } from '../../../src/store/open-stores.js';
import type { Stores } from '../../../src/store/stores.js';
import { keyRing, NOW } from '../../store/fixtures.js';
import { TestClock } from '../../support/test-clock.js';

const ANN = { kind: 'command', name: 'ann' } as const;

let stores: Stores;
let clock: TestClock;
beforeEach(async () => {
  clock = new TestClock();
  stores = await openStores({ url: 'sqlite::memory:', keys: keyRing('k'), clock });
});
afterEach(() => stores.close());

const beat = (id: string, reload = 0): Promise<void> =>
  stores.instances.beat({
    ...{
      id,
      startedAt: NOW,
      seenAt: clock.now(),
      keys: ['k'],
      reload,
      problem: null,
      restart: [],
      gadgets: [],
    },
  });

/** Asks for a reload; `whileWaiting` is done before each check. Says what became of it and after how many seconds. */
const reloaded = async (gone: readonly string[] = [], whileWaiting: () => Promise<void> = async () => {}) => {
  clock.whileWaiting = whileWaiting;
  const deps = { stores, clock, isGone: (id: string) => gone.includes(id) };
  const answers = await reloadServers(deps as never, ANN);
  return {
    answers: answers.map(({ server, outcome }) => `${server} ${outcome}`),
    seconds: (clock.now() - NOW) / 1000,
  };
};

describe('A reload', () => {
  it('ends as soon as every server has answered', async () => {
    await beat('one');
    await beat('two');
    const number = 1;
    const { answers, seconds } = await reloaded([], async () => {
      await beat('one', number);
      if (clock.now() - NOW >= 1000) await beat('two', number);
    });
    expect(answers.toSorted()).toEqual(['one taken', 'two taken']);
    expect(seconds).toBeLessThan(1.5);
  });

  it('waits three seconds for a server whose process is gone, and does not name it', async () => {
    await beat('killed');
    await beat('one');
    const { answers, seconds } = await reloaded(['killed'], () => beat('one', 1));
    expect(answers).toEqual(['one taken']);
    expect(seconds).toBeGreaterThanOrEqual(3);
    expect(seconds).toBeLessThan(4);
  });

  it('ends as soon when the only other server was killed', async () => {
    await beat('killed');
    expect(await reloaded(['killed'])).toEqual({ answers: [], seconds: expect.closeTo(3, 0) });
  });

  it('waits nine seconds for a server on another machine that has gone silent', async () => {
    await beat('away');
    await beat('one');
    const { answers, seconds } = await reloaded([], () => beat('one', 1));
    expect(answers.toSorted()).toEqual(['away silent', 'one taken']);
    expect(seconds).toBeGreaterThanOrEqual(9);
    expect(seconds).toBeLessThan(10);
  });

  it('waits fifteen seconds for a server that runs and does not answer, and not longer', async () => {
    await beat('busy');
    const { answers, seconds } = await reloaded([], () => beat('busy'));
    expect(answers).toEqual(['busy silent']);
    expect(seconds).toBeGreaterThanOrEqual(15);
    expect(seconds).toBeLessThan(16);
  });
});
