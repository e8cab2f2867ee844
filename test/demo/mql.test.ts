import { describe, expect, it } from 'vitest';
import type { Project } from './mingle/model.js';
import { executeMql, filterCards } from './mingle/mql/evaluator.js';
import { sampleProjects } from './mingle/projects.js';

const sample = (): Project => {
  const apollo = sampleProjects(Date.now).byIdentifier('apollo');
  if (!apollo) throw new Error('The sample data has a project apollo.');
  return apollo;
};
const apollo = sample();

const numbers = (mql: string, viewer = 'ann'): readonly number[] =>
  executeMql(apollo, mql, viewer).map((row) => Number(row.number));
const where = (conditions: string, viewer = 'ann'): readonly number[] =>
  filterCards(apollo, conditions, viewer, null).map((card) => card.number);
const expected = (test: (card: (typeof apollo.cards)[number]) => boolean): readonly number[] =>
  apollo.cards
    .filter(test)
    .map((card) => card.number)
    .toSorted((one, other) => other - one);

describe('MQL', () => {
  it('answers the columns that were asked for, in lower case with underscores, newest card first', () => {
    const rows = executeMql(
      apollo,
      "SELECT Number, name, 'CREATED BY', owner WHERE number IN (40, 1)",
      'ann',
    );
    expect(rows).toEqual([
      { number: '40', name: 'Subscribe to RSS feed', created_by: 'admin', owner: null },
      { number: '1', name: 'Sign up with an e-mail address', created_by: 'admin', owner: 'ann' },
    ]);
    expect(Object.keys(rows[0] ?? {})).toEqual(['number', 'name', 'created_by', 'owner']);
  });

  it('compares list values by their order, numbers as numbers and text without its case', () => {
    expect(where("Status > 'in development'")).toEqual(
      expected(({ properties }) => ['Ready for Testing', 'Done'].includes(properties.Status ?? '')),
    );
    expect(where('Estimate >= 8')).toEqual(expected(({ properties }) => Number(properties.Estimate) >= 8));
    expect(where('name = "FOLDERS"')).toEqual([18]);
  });

  it('binds NOT before AND before OR, and parentheses first', () => {
    const bug = (type: string): boolean => type === 'Bug';
    expect(where('Type = Task OR Type = Bug AND NOT Priority = Urgent')).toEqual(
      expected(({ type, properties }) => type === 'Task' || (bug(type) && properties.Priority !== 'Urgent')),
    );
    expect(where('(Type = Task OR Type = Bug) AND NOT (Priority = Urgent)')).toEqual(
      expected(({ type, properties }) => type !== 'Story' && properties.Priority !== 'Urgent'),
    );
  });

  it('counts a card without a value as different from every value and as neither less nor more', () => {
    const unset = expected(({ properties }) => properties.Estimate === null);
    expect(unset.length).toBeGreaterThan(0);
    expect(where('Estimate IS NULL')).toEqual(unset);
    expect(where('NOT Estimate IS NOT NULL')).toEqual(unset);
    expect(where('Estimate != 1000').length).toBe(apollo.cards.length);
    expect(where('Estimate < 1000').length).toBe(apollo.cards.length - unset.length);
  });

  it('knows the person who asks', () => {
    const owned = (login: string) => expected(({ properties }) => properties.Owner === login);
    expect(where('Owner IS CURRENT USER', 'ann')).toEqual(owned('ann'));
    expect(where('Owner = current user', 'admin')).toEqual(owned('admin'));
    expect(where('Owner IN (CURRENT USER)', 'bob')).toEqual([]);
  });

  it('sorts by several columns, either way, with unset values last', () => {
    const sorted = numbers("SELECT number WHERE Type = Bug ORDER BY Priority DESC, 'Number' ASC");
    const bugs = apollo.cards.filter(({ type }) => type === 'Bug');
    const rank = (card: (typeof bugs)[number]): number =>
      ['Urgent', 'High', 'Medium', 'Low', null].indexOf(card.properties.Priority ?? null);
    expect(sorted).toEqual(
      bugs.toSorted((a, b) => rank(a) - rank(b) || a.number - b.number).map((c) => c.number),
    );
    expect(numbers('SELECT number ORDER BY Estimate').at(-1)).toBe(34);
  });

  it('takes conditions without SELECT, and a card list takes nothing else', () => {
    expect(numbers('number = 7')).toEqual([7]);
    expect(numbers('WHERE number = 7')).toEqual([7]);
    expect(() => where('SELECT number WHERE number = 7')).toThrow('use of SELECT is invalid.');
    expect(() => where('number = 7 ORDER BY name')).toThrow('use of ORDER BY is invalid.');
  });

  it.each([
    ['SELECT number WHERE Foo = 1', "Card property 'Foo' does not exist!"],
    ["SELECT number, 'No Such' WHERE number = 1", "Card property 'No Such' does not exist!"],
    ['SELECT number ORDER BY Foo', "Card property 'Foo' does not exist!"],
    ['SELECT number WHERE', 'parse error on value false ($end)'],
    ['SELECT number WHERE (number = 1', 'parse error on value false ($end)'],
    ['SELECT number WHERE number IN 1', 'parse error on value "1" (IDENTIFIER)'],
    ['SELECT number WHERE IN (1)', 'parse error on value "IN" (IN)'],
    ['SELECT number WHERE number = 1)', 'parse error on value ")" (CLOSE_BRACE)'],
    ['SELECT number WHERE number < < 1', 'parse error on value "<" (LESS_THAN)'],
    ["SELECT number WHERE name = 'open", 'parse error on value "\'" (IDENTIFIER)'],
    ['SELECT number WHERE Estimate = many', 'Property Estimate is numeric, and value many is not numeric.'],
    ['SELECT number WHERE Status > Nowhere', 'Property Status does not have the value Nowhere.'],
    ['SELECT number WHERE Status < NULL', 'NULL can only be compared with = and !='],
    [`SELECT number WHERE ${'('.repeat(5000)}`, 'parse error on value "("'],
  ])('explains what is wrong with %s', (mql, message) => {
    expect(() => executeMql(apollo, mql, 'ann')).toThrow(message);
  });

  it('lets quotes make keywords and odd signs ordinary text', () => {
    expect(where("name = 'NULL' OR name = \"Miller's ORDER BY\"")).toEqual([]);
    expect(where('name = "受信トレイを日付で並べ替える"')).toEqual([12]);
  });
});
