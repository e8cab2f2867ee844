import { describe, expect, it } from 'vitest';
import { viewerOf } from '../../../src/domain/viewer.js';
import type { Stores } from '../../../src/store/stores.js';
import { ada, bob, frameSession, NOW } from '../fixtures.js';
import type { OpenTwoProcesses } from './two-processes.js';

const GADGET = 'mingle-cards';
const choose = (stores: Stores, parameter: string, value: string, viewer = ada, gadget = GADGET) =>
  stores.viewerChoices.put({ viewer, gadget, parameter, value, now: NOW });

/** What viewers chose of the parameters of gadgets. */
export const choicesContract = (open: OpenTwoProcesses): void => {
  describe('what a viewer chose in a gadget', () => {
    it('is kept for this viewer, host and gadget alone, whatever its text is', async () => {
      const { stores, others } = await open();
      const odd = `'; drop table viewer_choice; -- \u0000 \ud800 ü`;
      expect(await choose(stores, 'sort', odd)).toBe(true);
      await choose(stores, 'sort', 'other', bob);
      await choose(stores, 'sort', 'elsewhere', viewerOf('portal', 'ada'));
      await choose(stores, 'sort', 'in another', ada, 'pipelines');
      expect(await others.viewerChoices.of(ada, GADGET)).toEqual({ sort: odd });
      expect(await others.viewerChoices.ofViewer(ada)).toEqual([
        { gadget: GADGET, parameter: 'sort', value: odd, chosenAt: NOW },
        { gadget: 'pipelines', parameter: 'sort', value: 'in another', chosenAt: NOW },
      ]);
    });

    it('is replaced by what they choose next, and forgotten one by one or all at once', async () => {
      const { stores } = await open();
      await choose(stores, 'sort', 'a');
      await choose(stores, 'sort', 'b');
      await choose(stores, 'state', 'open');
      await choose(stores, 'words', '');
      expect(await stores.viewerChoices.of(ada, GADGET)).toEqual({ sort: 'b', state: 'open', words: '' });
      await stores.viewerChoices.reset(ada, GADGET, 'sort');
      expect(await stores.viewerChoices.of(ada, GADGET)).toEqual({ state: 'open', words: '' });
      await stores.viewerChoices.reset(bob, GADGET);
      await stores.viewerChoices.reset(ada, 'pipelines');
      await stores.viewerChoices.reset(ada, GADGET);
      expect(await stores.viewerChoices.of(ada, GADGET)).toEqual({});
    });

    it('is part of every frame session of theirs, here at once and in another process within two seconds', async () => {
      const { stores, others, clock } = await open();
      const session = frameSession('s');
      await stores.frameSessions.launch({ session, bearerHash: 'h', jti: 'j', replayableUntil: NOW + 9 });
      const seen = async (by: Stores) => (await by.frameSessions.byBearer('h'))?.choices;
      expect([await seen(stores), await seen(others)]).toEqual([{}, {}]);
      for (const [change, expected] of [
        [() => choose(stores, 'sort', 'a'), { sort: 'a' }],
        [() => choose(stores, 'sort', 'b'), { sort: 'b' }],
        [() => stores.viewerChoices.reset(ada, GADGET), {}],
      ] as const) {
        await change();
        expect(await seen(stores)).toEqual(expected);
        expect(stores.frameSessions.recall('h')?.choices).toEqual(expected);
        clock.pass(2000);
        expect(await seen(others)).toEqual(expected);
      }
    });

    it('goes when the viewer is erased, and when their host leaves', async () => {
      const { stores, others } = await open();
      for (const viewer of [ada, bob, viewerOf('portal', 'ada')]) await choose(stores, 'sort', 'a', viewer);
      await others.connectionLists.erase(ada);
      expect(await stores.viewerChoices.ofViewer(ada)).toEqual([]);
      expect(await stores.viewerChoices.ofViewer(bob)).toHaveLength(1);
      await others.bulkDisconnects.endSessions('gocd');
      expect(await stores.viewerChoices.ofViewer(bob)).toEqual([]);
      expect(await stores.viewerChoices.ofViewer(viewerOf('portal', 'ada'))).toHaveLength(1);
    });

    it('is so many values at most, however many are chosen at once, and one that is there can still be changed', async () => {
      const both = await open();
      const limits = { choices: 7, choiceBytes: 10_000 };
      const put = (stores: Stores, n: number) =>
        stores.viewerChoices.put(
          { viewer: ada, gadget: GADGET, parameter: `p${n}`, value: 'x', now: NOW },
          limits,
        );
      const made = await Promise.all(
        Array.from({ length: 60 }, (_, n) => put(n % 2 === 0 ? both.stores : both.others, n)),
      );
      expect(made.filter(Boolean)).toHaveLength(limits.choices);
      expect(await put(both.stores, made.indexOf(true))).toBe(true);
      expect(await put(both.stores, made.indexOf(false))).toBe(false);
      expect(await choose(both.stores, 'sort', 'of bob', bob)).toBe(true);
    });

    it('is so many bytes at most, names and all', async () => {
      const { stores } = await open();
      const limits = { choices: 100, choiceBytes: 100 };
      const put = (parameter: string, value: string) =>
        stores.viewerChoices.put({ viewer: ada, gadget: 'g', parameter, value, now: NOW }, limits);
      expect(await put('a', 'x'.repeat(60))).toBe(true);
      expect(await put('b', 'x'.repeat(60))).toBe(false);
      expect(await put('b', 'x'.repeat(20))).toBe(true);
      expect(await put('a', 'x'.repeat(80))).toBe(false);
      expect(await put('a', 'ü'.repeat(31))).toBe(true);
      expect(await put('a', 'ü'.repeat(40))).toBe(false);
    });
  });
};
