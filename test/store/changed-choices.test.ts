import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChangedChoices } from '../../src/store/viewer-choice-store.js';

const MARKS = ['a', 'b', 'c', 'd'];

it('what was read before a change is never taken for current, however few changes are told apart', () => {
  const marks = fc.array(fc.constantFrom(...MARKS), { maxLength: 30 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3 }), marks, (most, changes) => {
      const changed = new ChangedChoices(most);
      for (const mark of changes) changed.note(mark);
      const wrong = changes.filter((mark, before) => !changed.haveChanged(mark, before));
      expect(wrong).toEqual([]);
      expect(MARKS.filter((mark) => changed.haveChanged(mark, changed.count))).toEqual([]);
    }),
  );
});

it('a change is one of its own viewer and gadget, where there is room to tell', () => {
  const changed = new ChangedChoices(2);
  changed.note('a');
  expect([changed.haveChanged('a', 0), changed.haveChanged('b', 0)]).toEqual([true, false]);
});
