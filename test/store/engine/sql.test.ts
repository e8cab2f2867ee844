import { describe, expect, it } from 'vitest';
import { list, sql, textOf } from '../../../src/store/engine/sql.js';

const numbered = (n: number): string => `$${n}`;

describe('sql', () => {
  it('keeps values out of the text, whatever they hold', () => {
    const query = sql`select ${"'; drop table flow; --"}, ${7}, ${null}`;
    expect(textOf(query, numbered)).toBe('select $1, $2, $3');
    expect(query.values).toEqual(["'; drop table flow; --", 7, null]);
  });

  it('takes up queries within a query, and numbers the values through', () => {
    const query = sql`a ${1} b ${sql`c ${2} d`} ${list([3, 4, 5])} e ${6}`;
    expect(textOf(query, numbered)).toBe('a $1 b c $2 d $3, $4, $5 e $6');
    expect(query.values).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('writes a list without items so that nothing is in it', () => {
    expect(textOf(sql`x in (${list([])})`, numbered)).toBe('x in (null)');
    expect(textOf(sql`x in (${list(['y'])})`, numbered)).toBe('x in ($1)');
  });
});
