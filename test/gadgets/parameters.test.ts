import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import { canonical, foreignNames, readParameters } from '../../src/gadgets/parameters.js';
import { gadget, parameter, request } from '../support/a-gadget.js';

const integers = { kind: 'integer', min: 1, max: 99_999 } as const;

const board = gadget({
  id: 'board',
  parameters: [
    parameter('project', { kind: 'identifier', maxLength: 8 }, { title: 'Project', required: true }),
    parameter('cards', { kind: 'list', of: integers, maxItems: 3 }),
    parameter(
      'conditions',
      { kind: 'conditions', language: 'mql', maxLength: 40 },
      { title: 'Grouping conditions' },
    ),
    parameter(
      'properties',
      { kind: 'list', of: { kind: 'text', maxLength: 10 }, maxItems: 5 },
      { title: 'Properties', default: ['Status'] },
    ),
    parameter('since', { kind: 'date' }),
    parameter('order', { kind: 'choice', values: ['up', 'down'] }),
    parameter('compact', { kind: 'boolean' }),
    parameter('note', { kind: 'text', maxLength: 5 }),
  ],
  requests: [
    request('cards', {
      path: '/projects/{project}/cards.xml',
      query: [{ name: 'mql', template: 'SELECT number{, properties}', language: 'mql' }],
    }),
  ],
});

const read = (given: Record<string, string>, locked: Record<string, string> = {}) =>
  readParameters(board, new Map(Object.entries({ project: 'apollo', ...given })), locked);

const refusal = (given: Record<string, string>, locked: Record<string, string> = {}): [string, string] => {
  try {
    read(given, locked);
  } catch (error) {
    if (error instanceof AppError) return [error.code, error.message];
    throw error;
  }
  throw new Error('it was accepted');
};

describe('the parameters of a launch', () => {
  it('become typed values', () => {
    expect({
      ...read({
        cards: '7,03,12',
        conditions: " Status =\n'Done' ",
        since: '2024-02-29',
        order: 'up',
        compact: 'true',
        note: ' x ',
      }),
    }).toEqual({
      project: 'apollo',
      cards: [7, 3, 12],
      conditions: "Status = 'Done'",
      properties: ['Status'],
      since: '2024-02-29',
      order: 'up',
      compact: true,
      note: ' x ',
    });
  });

  it('trims a list, drops what is empty or repeated, and keeps its order', () => {
    expect(read({ cards: ' 7,, 3 ,7,007, ' }).cards).toEqual([7, 3]);
  });

  it('distinguishes an empty list, which is a value, from one that was not given', () => {
    expect(read({ properties: '' }).properties).toEqual([]);
    expect(read({}).properties).toEqual(['Status']);
    expect(read({}).cards).toBeUndefined();
  });

  it('treats an empty text as no value', () => {
    expect(Object.keys(read({ conditions: ' ', since: '', note: '' }))).toEqual(['project', 'properties']);
  });

  it('are frozen and inherit nothing', () => {
    const values = read({ cards: '1' });
    expect(Object.isFrozen(values) && Object.isFrozen(values.cards)).toBe(true);
    expect(values.constructor).toBeUndefined();
  });

  it.each([
    [{ project: 'a/b' }, 'Project: must be at most 8 letters, digits, "_" or "-". (Parameter "project".)'],
    [
      { project: 'apollo-11' },
      'Project: must be at most 8 letters, digits, "_" or "-". (Parameter "project".)',
    ],
    [{ cards: '1,x' }, 'cards: "x" in the list must be a whole number from 1 to 99999. (Parameter "cards".)'],
    [{ cards: '0' }, 'cards: "0" in the list must be a whole number from 1 to 99999. (Parameter "cards".)'],
    [
      { cards: '1e3' },
      'cards: "1e3" in the list must be a whole number from 1 to 99999. (Parameter "cards".)',
    ],
    [{ cards: '1,2,3,4' }, 'cards: must have at most 3 items. (Parameter "cards".)'],
    [
      { conditions: 'SELECT name' },
      'Grouping conditions: use of SELECT is invalid. Enter MQL conditions only. (Parameter "conditions".)',
    ],
    [
      { conditions: 'x'.repeat(41) },
      'Grouping conditions: must have at most 40 characters. (Parameter "conditions".)',
    ],
    [{ since: '2023-02-29' }, 'since: must be a date such as 2026-11-30. (Parameter "since".)'],
    [{ order: 'left' }, 'order: must be one of up, down. (Parameter "order".)'],
    [{ compact: 'yes' }, 'compact: must be true or false. (Parameter "compact".)'],
    [{ note: 'toolong' }, 'note: must have at most 5 characters. (Parameter "note".)'],
    [{ note: 'a\u0000' }, 'note: must not contain control characters. (Parameter "note".)'],
    [{ note: '\ud800' }, 'note: must not contain control characters. (Parameter "note".)'],
    [{ cards: '1,'.repeat(9000) }, 'cards: must have at most 16384 characters. (Parameter "cards".)'],
    [
      { properties: `it's "so"` },
      'Properties: "it\'s \\"so\\"" cannot be written in MQL, which knows no text with both kinds of quotation marks or a backslash. (Parameter "properties".)',
    ],
  ])('refuses %j with a sentence for the page’s developer', (given, sentence) => {
    expect(refusal(given)).toEqual(['parameter_invalid', sentence]);
  });

  it('ignores what the page gives and the gadget does not have', () => {
    const given = { projekt: 'x', 'v-cloak': '', constructor: 'x', ['__proto__']: 'x' };
    expect(read(given)).toEqual(read({}));
    expect(foreignNames(board, ['cards', 'projekt', 'constructor'])).toEqual(['projekt', 'constructor']);
  });

  it('refuses a lock the gadget does not have, and names what it has', () => {
    expect(refusal({}, { projekt: 'x' })).toEqual([
      'parameter_unknown',
      'The host\'s token locks the parameter "projekt", which the gadget "board" does not have. It has: project, cards, conditions, properties, since, order, compact, note.',
    ]);
    expect(refusal({ projekt: 'x' }, { projekt: 'x' })[0]).toBe('parameter_unknown');
    expect(refusal({}, { constructor: 'x' })[0]).toBe('parameter_unknown');
  });

  it('refuses a launch without a required parameter', () => {
    expect(refusal({ project: '' })).toEqual([
      'parameter_missing',
      'The gadget "board" needs the parameter "project" (Project).',
    ]);
  });
});

describe('parameters locked by the host’s token', () => {
  it('win where the page says nothing', () => {
    expect(read({}, { cards: '5' }).cards).toEqual([5]);
  });

  it('may be repeated by the page, in its own spelling', () => {
    expect(read({ cards: '5, 6' }, { cards: '5,6' }).cards).toEqual([5, 6]);
  });

  it('cannot be changed by the page', () => {
    expect(refusal({ cards: '5,7' }, { cards: '5,6' })[0]).toBe('parameter_locked');
    expect(refusal({ conditions: 'Status = Done' }, { conditions: '' })[0]).toBe('parameter_locked');
    expect(refusal({ cards: '' }, { cards: '5' })[0]).toBe('parameter_locked');
  });

  it('are read as strictly as the page’s', () => {
    expect(refusal({}, { cards: 'x' })[0]).toBe('parameter_invalid');
  });
});

describe('canonical values', () => {
  it('have one canonical text in any order, and another for other values', () => {
    expect(canonical({ b: [1, 2], a: 'x' })).toBe(canonical({ a: 'x', b: [1, 2] }));
    expect(canonical({ a: '1' })).not.toBe(canonical({ a: 1 }));
    expect(canonical({ a: 'b,c' })).not.toBe(canonical({ a: ['b', 'c'] }));
  });
});
