import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isCallable, isWithin } from '../../src/domain/ip-addresses.js';

describe('A range that a record chooses', () => {
  it.each([
    ['10.1.0.0/16', ['10.0.0.0/8'], true],
    ['10.0.0.0/8', ['10.0.0.0/8'], true],
    ['10.0.0.0/7', ['10.0.0.0/8'], true],
    ['172.0.0.0/8', ['172.16.0.0/13'], false],
    ['10.0.0.0/8', ['10.0.0.0/9', '10.128.0.0/9'], true],
    ['10.0.0.0/8', ['10.0.0.0/9', '10.128.0.0/10'], false],
    ['0.0.0.0/0', ['10.0.0.0/8'], false],
    ['0.0.0.0/0', ['0.0.0.0/0'], true],
    ['127.0.0.1', ['10.0.0.0/8'], false],
    ['127.0.0.1', ['::1/128'], false],
    ['::1', ['127.0.0.0/8'], false],
    ['::ffff:10.0.0.0/104', ['10.0.0.0/8'], false],
    ['fd00::/8', ['fc00::/7'], true],
    ['169.254.0.0/16', [], false],
    ['93.184.216.0/24', [], true],
    ['2606:2800::/32', [], true],
    ['10.0.0.1', [], false],
    ['nonsense', ['0.0.0.0/0', '::/0'], false],
  ])('%s is within %j: %s', (range, bound, expected) => {
    expect(isWithin(range, bound)).toBe(expected);
  });

  it('that is within the bound opens no address that the bound does not', () => {
    const octet = fc.integer({ min: 0, max: 255 });
    const range = fc
      .tuple(fc.constantFrom(10, 127, 172, 192), octet, fc.integer({ min: 0, max: 24 }))
      .map(([first, second, prefix]) => `${first}.${second}.0.0/${prefix}`);
    const address = fc
      .tuple(fc.constantFrom(10, 127, 172, 192), octet, octet, octet)
      .map((parts) => parts.join('.'));
    fc.assert(
      fc.property(range, fc.array(range, { maxLength: 4 }), address, (chosen, bound, called) => {
        if (isWithin(chosen, bound) && isCallable(called, [chosen]))
          expect(isCallable(called, bound)).toBe(true);
      }),
    );
  });
});
