import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../src/domain/errors.js';
import type { Parameter, ParameterValue } from '../../src/domain/gadget.js';

import { expandRequest, resolveTarget } from '../../src/gadgets/expand-request.js';
import { isWanted } from '../../src/gadgets/request-plan.js';
import { templateFaults } from '../../src/gadgets/template-checks.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';

const text = { kind: 'text', maxLength: 200 } as const;
const parameters: readonly Parameter[] = [
  parameter('project', text, { required: true, title: 'Project' }),
  parameter('cards', { kind: 'list', of: { kind: 'integer', min: 1, max: 999 }, maxItems: 9 }),
  parameter('properties', { kind: 'list', of: text, maxItems: 9 }),
  parameter('conditions', { kind: 'conditions', language: 'mql', maxLength: 99 }),
  parameter('note', text),
];
const owner = gadget({ parameters });

const expand = (more: Partial<Requested>, values: Record<string, ParameterValue>): string =>
  expandRequest(owner, request('r', more), values).target;

const query = (template: string, language: 'text' | 'mql', values: Record<string, ParameterValue>) =>
  new URL(`http://x${expand({ query: [{ name: 'q', template, language }] }, values)}`).searchParams.get('q');

describe('a path template', () => {
  it('puts each value into its own segment, encoded', () => {
    expect(expand({ path: '/p/{project}/cards-{note}.xml' }, { project: 'a b?#', note: 'ü' })).toBe(
      '/p/a%20b%3F%23/cards-%C3%BC.xml',
    );
  });

  it.each([
    '',
    '.',
    '..',
    'a/b',
    'a\\b',
    '%2e%2e',
    '%2E.',
    '%252e%252e',
    'a%2fb',
    'a%255cb',
    'a\u0000',
    '%00',
    '%2e%2e%2f%zz',
    '\ud800',
  ])('refuses the value %j, which another reader could take for more than a segment', (project) => {
    expect(() => expand({ path: '/p/{project}' }, { project })).toThrow(AppError);
  });

  it('refuses a segment that becomes one of dots only by what stands together in it', () => {
    const path = '/p/{project}{note}';
    expect(expand({ path }, { project: '%2', note: 'x' })).toBe('/p/%252x');
    expect(() => expand({ path }, { project: '%2', note: 'e' })).toThrow(AppError);
    expect(() => expand({ path }, { project: 'a%2', note: 'fb' })).toThrow(AppError);
  });

  it('is checked as a URL too, should a definition not have been', () => {
    for (const path of ['/../{project}', '/%2e%2e/{project}', '@evil.example/{project}'])
      expect(() =>
        resolveTarget('https://api.example', owner, request('r', { path }), { project: 'x' }),
      ).toThrow(AppError);
  });

  it('never leaves the provider’s origin or the definition’s prefix, whatever the values', () => {
    const nasty = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc
        .array(
          fc.constantFrom(
            '.',
            '/',
            '\\',
            '%2e',
            '%2f',
            '%252e',
            '@',
            ':',
            '?',
            '#',
            '//evil.example',
            'x',
            '\t',
            '\n',
          ),
        )
        .map((all) => all.join('')),
    );
    const paths = fc.constantFrom(
      '/p/{project}/x',
      '/p/q/{project}',
      '/p/q.{project}.{note}/z',
      '/p/{note}{project}',
    );
    fc.assert(
      fc.property(nasty, nasty, paths, (project, note, path) => {
        const asked = request('r', { path, query: [{ name: 'q', template: 'x{note}', language: 'text' }] });
        const prefix = path.slice(0, path.indexOf('{'));
        let target: string;
        try {
          target = resolveTarget('https://api.example/base', owner, asked, { project, note }).target;
        } catch (error) {
          expect(error).toMatchObject({ code: 'parameter_invalid' });
          return;
        }
        const url = new URL(`https://api.example/base${target}`);
        expect(url.origin).toBe('https://api.example');
        expect(url.pathname.startsWith(`/base${prefix}`)).toBe(true);
        expect(url.pathname.split('/')).toHaveLength(`/base${path}`.split('/').length);
        expect(url.searchParams.get('q')).toBe(note === '' ? null : `x${note}`.replace(/\p{Cs}/gu, '\ufffd'));
      }),
      { numRuns: 3000 },
    );
  });
});

describe('a query template', () => {
  it('expands by type in MQL', () => {
    const values = {
      cards: [3, 5],
      properties: ['Story Status', "It's"],
      conditions: 'A = 1 OR B = 2',
      project: 'x',
    };
    expect(
      query(
        'SELECT number{, properties} WHERE number IN ({cards}) AND {conditions} AND P = {project}',
        'mql',
        values,
      ),
    ).toBe(`SELECT number, 'Story Status',"It's" WHERE number IN (3,5) AND (A = 1 OR B = 2) AND P = 'x'`);
  });

  it('writes the text before a name only when there is a value', () => {
    expect(query('SELECT number{, properties}{ WHERE conditions}', 'mql', { properties: [] })).toBe(
      'SELECT number',
    );
    expect(query('SELECT number{ WHERE conditions}', 'mql', { conditions: 'A = 1' })).toBe(
      'SELECT number WHERE (A = 1)',
    );
  });

  it('leaves a plain parameter out when its value is absent', () => {
    expect(query('{note}', 'text', {})).toBeNull();
    expect(query('{cards}', 'text', { cards: [1, 2] })).toBe('1,2');
  });
});

describe('a request with conditions', () => {
  it('is made when each of them has a value, and each list an item', () => {
    const asked = { when: ['cards', 'note'] };
    expect(isWanted(asked, { cards: [1], note: 'x' })).toBe(true);
    expect(isWanted(asked, { cards: [], note: 'x' })).toBe(false);
    expect(isWanted(asked, { cards: [1] })).toBe(false);
  });
});

describe('the faults of a template, found when the definition is read', () => {
  const faults = (more: Partial<Requested>): string[] =>
    templateFaults(parameters, request('r', more)).map(
      ({ path, problem }) => `${path.join('.')}: ${problem}`,
    );

  it.each([
    'p',
    '//evil.example/{project}',
    '/p/../q',
    '/p/.',
    '/p?q',
    '/p#q',
    '/a\\b',
    '/p/%2e%2e/q',
    '/p/%2fq',
    '/p ä',
    '/p//',
    '/',
    '',
  ])('include the path %j', (path) => {
    expect(faults({ path })).toEqual(['path: this is not a path below the API']);
  });

  it('are none of a slash at the end, which some APIs want and which stays there', () => {
    expect(faults({ path: '/p/{project}/' })).toEqual([]);
    expect(expand({ path: '/p/{project}/' }, { project: 'a' })).toBe('/p/a/');
  });

  it('include braces that expand nothing', () => {
    expect(faults({ path: '/p/{Project}' })).toEqual(['path: a brace is not part of an expansion']);
    expect(faults({ query: [{ name: 'q', template: 'a}b', language: 'text' }] })).toEqual([
      'query.q: a brace is not part of an expansion',
    ]);
  });

  it('include unknown parameters, lists and conditions in a path, and values that may be absent', () => {
    expect(faults({ path: '/{nothing}' })).toEqual(['path: the gadget has no parameter "nothing"']);
    expect(faults({ path: '/{cards}' })).toEqual(['path: the parameter "cards" is of type list']);
    expect(faults({ path: '/{note}' })).toEqual(['path: the parameter "note" may have no value here']);
    const mql = [{ name: 'mql', template: 'WHERE number IN ({cards})', language: 'mql' }] as const;
    expect(faults({ query: mql })).toEqual(['query.mql: the parameter "cards" may have no value here']);
    expect(faults({ query: mql, when: ['cards'], path: '/{project}' })).toEqual([]);
  });
});
