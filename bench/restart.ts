import type { Bench } from './bench.js';
import { atMost, type Checked, milliseconds } from './checked.js';
import { median } from './compare.js';
import { gatherCrowd } from './crowd.js';
import { PARAMETERS } from './gather.js';
import { measure } from './load.js';
import { CLIENTS } from './promises.js';

export const RESTART_PROMISE = 'first look after a restart';

/** So many look first of all, while V8 still compiles what they need; then so many whom the promise is about. */
const EARLY = 400;
const PEOPLE = 800;
/** The server is started so many times. */
const RESTARTS = 3;
/** Later looks of all of them, the median of which is what the same costs once everything is known. */
const LATER = 3;
const MOST_MS = 3;

/**
 * What a viewer's first look takes after the server was started again, beyond a later one: their session, Connection and tokens are read from the database, and
 * opened. Both looks ask the provider and run the template, since nothing may be kept of what this gadget shows; so the difference is ours. What the
 * very first looks take, during which V8 compiles the program, is reported beside it.
 */
export const checkFirstLooks = (bench: Bench): Promise<readonly Checked[]> =>
  bench.within(async (setting) => {
    const everyone = await gatherCrowd(setting, 'cold-cards', PARAMETERS, EARLY + PEOPLE);
    const people = everyone.slice(EARLY);
    const owns: number[] = [];
    const firsts: number[] = [];
    const earlies: number[] = [];
    for (let restart = 0; restart < RESTARTS; restart += 1) {
      const server = await bench.start(setting);
      /** Milliseconds of processor time that one look takes, where each of these people looks once. */
      const lookOf = async (viewers: readonly string[]): Promise<number> => {
        let turn = 0;
        const shot = () =>
          ({
            method: 'GET',
            path: '/frame/content',
            headers: { authorization: `Bearer ${viewers[turn++ % viewers.length]}` },
          }) as const;
        const looks = { server, origin: setting.gadgetOrigin, status: 200, shot };
        return (await measure(looks, viewers.length, CLIENTS)).cpu / 1000;
      };
      earlies.push(await lookOf(everyone.slice(0, EARLY)));
      const first = await lookOf(people);
      firsts.push(first);
      const later: number[] = [];
      for (let round = 0; round < LATER; round += 1) later.push(await lookOf(people));
      owns.push(first - median(later));
      await server.stop();
    }
    const early = median(earlies);
    const first = median(firsts);
    const checked = atMost(RESTART_PROMISE, median(owns), MOST_MS, milliseconds, { first, early });
    const whole = `${milliseconds(first)} with the provider's answers and the template, ${milliseconds(early)} for the first ${EARLY} people`;
    return [{ ...checked, measured: `${checked.measured} of its own (${whole})` }];
  });
