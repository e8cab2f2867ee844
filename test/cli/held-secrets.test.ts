import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heldIn } from '../../src/cli/verify/held-secrets.js';

describe('The search for secrets', () => {
  // Few letters, so that secrets start alike, overlap, and stand next to halves of others.
  const secret = fc.string({ unit: fc.constantFrom('a', 'b'), minLength: 8, maxLength: 14 });

  it('finds what stands in a text, wherever it starts, and nothing else', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '-'), maxLength: 60 });
    fc.assert(
      fc.property(fc.array(secret, { maxLength: 6 }), text, fc.nat(5), (secrets, around, which) => {
        const held = around + (secrets[which] ?? '') + around;
        const wanted = [...new Set(secrets)].filter((each) => held.includes(each)).sort();
        expect([...new Set(heldIn(held, secrets))].sort()).toEqual(wanted);
      }),
      { numRuns: 2000 },
    );
  });

  it('finds nothing where there are no secrets, and short ones all the same', () => {
    expect(heldIn('abc', [])).toEqual([]);
    expect(heldIn('xabcx', ['abc', 'abd'])).toEqual(['abc']);
  });
});
