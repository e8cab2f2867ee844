import { describe, expect, it } from 'vitest';
import { mistakesOf } from '../../src/gadgets/manifest-checks.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';

const text = { kind: 'text', maxLength: 200 } as const;
const parameters = [
  parameter('project', text, { required: true }),
  parameter('pattern', text, { default: '#(\\d+)' }),
  parameter('number', { kind: 'integer', min: 0, max: 9 }),
];

const faults = (requests: Readonly<Record<string, Partial<Requested>>>): readonly string[] =>
  mistakesOf(
    gadget({ parameters, requests: Object.entries(requests).map(([name, more]) => request(name, more)) }),
  ).map(({ path, problem }) => `${path.slice(1).join('.')}: ${problem}`);

const from = (source: string, more: object = {}) =>
  ({ from: source, take: 'id', type: 'text', ...more }) as const;

describe('a definition whose requests use each other’s answers', () => {
  it('is good where all names lead somewhere', () => {
    expect(
      faults({
        sites: {},
        issues: {
          given: {
            cloud: from('sites', { where: { url: '{project}' }, type: 'identifier' }),
            ids: from('sites', { match: '{pattern}', atMost: 5, unique: true }),
          },
          path: '/ex/{cloud}/search',
          query: [
            { name: 'mql', template: 'SELECT a WHERE b IN ({ids})', language: 'mql' },
            { name: 'since', template: '{now - 7 days}', language: 'text' },
          ],
        },
        details: { each: { of: 'issues.items', as: 'issue' }, path: '/x/{issue.fields.key}/{issue}' },
      }),
    ).toEqual([]);
  });

  it('says which requests wait for each other in a circle, by name', () => {
    expect(
      faults({
        a: { given: { x: from('b') } },
        b: { each: { of: 'c.items', as: 'it' } },
        c: { given: { y: from('a') } },
      }),
    ).toEqual([
      'a.given.x.from: "a" waits for "b", which waits for "c", which waits for "a"',
      'b.each.of: "b" waits for "c", which waits for "a", which waits for "b"',
      'c.given.y.from: "c" waits for "a", which waits for "b", which waits for "c"',
    ]);
  });

  it.each([
    [
      'no such request',
      { given: { x: from('nowhere') } },
      'given.x.from: the gadget has no other request "nowhere"',
    ],
    ['itself', { given: { x: from('a') } }, 'given.x.from: the gadget has no other request "a"'],
    [
      'the name of a parameter',
      { given: { project: from('b') } },
      'given.project: another value is called "project" already',
    ],
    [
      'two values of one name',
      { given: { x: from('b') }, each: { of: 'b', as: 'x' } },
      'each.as: another value is called "x" already',
    ],
    [
      'items of nowhere',
      { each: { of: 'z.items', as: 'it' } },
      'each.of: the gadget has no other request "z"',
    ],
    [
      'each value of what is a single one',
      { given: { x: from('b') }, each: { of: 'x', as: 'it' }, path: '/{it}' },
      'each.of: the value "x" is a single one',
    ],
    [
      'a pattern that cannot be used',
      { given: { x: from('b', { match: '(?=a)' }) } },
      'given.x.match: this pattern cannot be used: error parsing regexp: invalid or unsupported Perl syntax: `(?=`',
    ],
    [
      'a pattern in a number',
      { given: { x: from('b', { match: '{number}' }) } },
      'given.x.match: "number" is no parameter that holds a pattern',
    ],
    [
      'a comparison with no parameter',
      { given: { x: from('b', { where: { a: '{nothing}' } }) } },
      'given.x.where.a: the gadget has no parameter "nothing"',
    ],
    [
      '`unique` of one value',
      { given: { x: from('b', { unique: true }) } },
      'given.x.unique: this does nothing for a single value',
    ],
    [
      'a list in a path',
      { given: { x: from('b', { atMost: 3 }) }, path: '/{x}' },
      'path: the value "x" is of type list',
    ],
    [
      'a value that may be missing in a path',
      { given: { x: from('b', { required: false }) }, path: '/{x}' },
      'path: the value "x" may have no value here',
    ],
    [
      'an item that is not declared',
      { path: '/{it.id}' },
      'path: nothing that has parts is called "it" here',
    ],
    [
      'a computed value that there is not',
      { path: '/{today.noon}' },
      'path: nothing that has parts is called "today" here',
    ],
  ])('reports %s', (_, more, problem) => {
    const found = faults({ a: more as Partial<Requested>, b: {} });
    expect(found).toEqual([`a.${problem}`]);
  });
});
