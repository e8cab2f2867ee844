import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MADE_OF, madeOf, merge } from '../../../src/admin/records/record-form.js';

const made = (texts: Readonly<Record<string, string>>) => new Map([[MADE_OF, madeOf(texts)]]);

describe('Two changes of one record', () => {
  it('lose nothing: each field that only one changed is theirs, and each that both changed shows both', () => {
    const texts = fc.record({ a: fc.string(), b: fc.string(), c: fc.string() });
    fc.assert(
      fc.property(texts, texts, texts, (before, mine, now) => {
        const { values, theirs } = merge(made(before), mine, now);
        for (const name of ['a', 'b', 'c'] as const) {
          const [was, typed, is] = [before[name], mine[name], now[name]];
          const shown = [values[name], theirs[name]?.other];
          if (typed === is || was === is) expect(shown).toEqual([typed, undefined]);
          else if (was === typed) expect(shown).toEqual([is, typed]);
          else expect(shown).toEqual([typed, is]);
        }
      }),
    );
  });

  it('say that a secret was changed which the other left alone', () => {
    const merged = merge(made({ secret: 'print one' }), {}, { secret: 'print two' });
    expect(merged.theirs).toEqual({ secret: { kind: 'taken', other: '' } });
    expect(merge(made({ secret: 'print one' }), {}, { secret: 'print one' }).theirs).toEqual({});
  });

  it('keep what was typed when the form’s original version is unknown', () => {
    const { values, theirs } = merge(new Map(), { a: 'mine' }, { a: 'theirs' });
    expect(values).toEqual({ a: 'mine' });
    expect(theirs).toEqual({ a: { kind: 'both', other: 'theirs' } });
  });

  it('are distinguished without writing what a field held into the page', () => {
    expect(madeOf({ name: 'something private' })).not.toContain('private');
  });
});
