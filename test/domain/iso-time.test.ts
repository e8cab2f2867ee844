import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../../src/domain/iso-time.js';

const INSTANT = fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 });

describe('isoTime', () => {
  it('writes every instant as toISOString does, whichever was written before', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(INSTANT, fc.integer({ min: 0, max: 1999 })), { minLength: 1 }), (all) => {
        for (const [at, later] of all)
          for (const each of [at, at + later, at]) expect(isoTime(each)).toBe(new Date(each).toISOString());
      }),
    );
  });

  it('throws for what is no instant, as toISOString does', () => {
    expect(() => isoTime(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  });
});
