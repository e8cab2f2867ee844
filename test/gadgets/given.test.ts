import { describe, expect, it } from 'vitest';
import type { Data } from '../../src/domain/data.js';
import type { ParameterValue } from '../../src/domain/gadget.js';
import { type Taking, takeValue } from '../../src/gadgets/answer-values.js';
import { flowSentences } from '../../src/gadgets/data-flows.js';
import { expandRequest, UnusableValue } from '../../src/gadgets/expand-request.js';
import { MOST_SEARCHED, PatternTooSlow } from '../../src/views/patterns.js';
import { gadget, parameter, type Requested, request } from '../support/a-gadget.js';

type Written = NonNullable<Requested['given']>[string];

const taking = (left = MOST_SEARCHED): Taking => ({
  allowance: { left },
  compared: (value) =>
    value === null ? null : typeof value === 'object' ? 'https://b.example' : String(value),
  pattern: (match) => ('pattern' in match ? match.pattern : undefined),
});

/** What a `given` as written takes out of this answer. */
const taken = (written: Partial<Written>, data: unknown, left?: number): ParameterValue | undefined => {
  const given = { from: 'sites', take: 'id', type: 'text', ...written } as Written;
  const [plan] = request('r', { given: { x: given } }).inputs.given;
  if (plan === undefined) throw new Error('nothing was planned');
  return takeValue(plan, data as Data, taking(left));
};

const sites = [
  { id: 'a-1', url: 'https://a.example', name: 'A' },
  { id: 'b-2', url: 'https://b.example', name: 'B' },
];

describe('a value taken from another answer', () => {
  it('is the first one, of the items that meet the conditions', () => {
    expect(taken({}, sites)).toBe('a-1');
    expect(taken({ where: { url: '{site}' } }, sites)).toBe('b-2');
    expect(taken({ where: { name: ['B', 'C'] } }, sites)).toBe('b-2');
    expect(taken({ where: { url: '{site}', name: 'A' } }, sites)).toBeUndefined();
    expect(taken({ from: 'sites.values' }, { values: sites })).toBe('a-1');
    expect(taken({ take: 'who.name' }, { who: { name: 'ann' } })).toBe('ann');
  });

  it('compares numbers, truth values and nothing at all', () => {
    const items = [
      { id: 1, open: true, owner: null },
      { id: 2, open: false, owner: 'x' },
    ];
    expect(taken({ type: 'integer', where: { open: false } }, items)).toBe(2);
    expect(taken({ type: 'integer', where: { owner: null } }, items)).toBe(1);
    expect(taken({ type: 'integer', where: { id: 2 } }, items)).toBe(2);
    expect(taken({ type: 'boolean', take: 'open' }, items)).toBe(true);
  });

  it('is a list with `atMost`, of no more than so many, each once where that is asked for', () => {
    const commits = {
      commits: [{ message: 'Fix #12, #7' }, { message: 'no card' }, { message: '#7 again, #3' }],
    };
    const cards = { from: 'r.commits', take: 'message', match: '#(\\d+)', type: 'integer' } as const;
    expect(taken({ ...cards, atMost: 9 }, commits)).toEqual([12, 7, 7, 3]);
    expect(taken({ ...cards, atMost: 9, unique: true }, commits)).toEqual([12, 7, 3]);
    expect(taken({ ...cards, atMost: 2, unique: true }, commits)).toEqual([12, 7]);
    expect(taken(cards, commits)).toBe(12);
    expect(taken({ from: 'r.commits', take: 'message', match: '#\\d+' }, commits)).toBe('#12');
  });

  it('reads XML with and without attributes, one item and several', () => {
    expect(
      taken({ from: 'r.cards.card', take: 'number', type: 'integer' }, { cards: { card: { number: '7' } } }),
    ).toBe(7);
    const several = { cards: { card: [{ number: { '@type': 'integer', '#text': '8' } }, { number: '9' }] } };
    expect(taken({ from: 'r.cards.card', take: 'number', type: 'integer', atMost: 5 }, several)).toEqual([
      8, 9,
    ]);
  });

  it.each([
    ['text with line breaks', { type: 'text' }, 'a\r\nX-Evil: 1'],
    ['an identifier with a slash', { type: 'identifier' }, '../admin'],
    ['a number that is none', { type: 'integer' }, '7 OR 1=1'],
    ['a number out of bounds', { type: 'integer', min: 1, max: 9 }, 10],
    ['a word that is no choice', { type: 'choice', values: ['open'] }, 'open,closed'],
    ['a date that is none', { type: 'date' }, '2026-02-30'],
    ['a text that is too long', { type: 'text', maxLength: 3 }, 'abcd'],
    ['a record', { type: 'text' }, { a: 1 }],
    ['nothing', { type: 'text' }, null],
    ['an empty text', { type: 'text' }, ''],
  ])('leaves out what does not fit its type: %s', (_, type, value) => {
    expect(taken(type as Partial<Written>, [{ id: value }])).toBeUndefined();
    expect(taken({ ...(type as Partial<Written>), atMost: 5 }, [{ id: value }])).toBeUndefined();
  });

  it('ends with a clear error where a pattern would take too long', () => {
    expect(() => taken({ match: 'x*y|x', atMost: 1000 }, [{ id: 'x'.repeat(9000) }], 1_000_000)).toThrow(
      PatternTooSlow,
    );
    expect(taken({ match: '(x+x+)+y', atMost: 9 }, [{ id: 'x'.repeat(9000) }])).toBeUndefined();
  });
});

describe('where a taken value goes', () => {
  const text = { kind: 'text', maxLength: 200 } as const;
  const owner = gadget({ parameters: [parameter('project', text, { required: true })] });
  const expand = (more: Partial<Requested>, values: Record<string, ParameterValue>): string =>
    decodeURIComponent(
      expandRequest(owner, request('r', { path: '/p', ...more }), values).target.replaceAll('+', ' '),
    );
  const given = { x: { from: 'sites', take: 'id', type: 'text' } } as const;
  const list = { x: { from: 'sites', take: 'id', type: 'text', atMost: 9 } } as const;

  it.each(['..', 'a/b', '%2e%2e', 'a\\b', 'a%2fb', '.', ''])(
    'refuses %j in a path, and blames no one for it',
    (x) => {
      expect(() => expand({ path: '/p/{x}', given }, { x })).toThrow(UnusableValue);
    },
  );

  it('is encoded in a query, where it can make no other field', () => {
    const plan = request('r', {
      path: '/p',
      given,
      query: [{ name: 'q', template: '{x}', language: 'text' }],
    });
    expect(expandRequest(owner, plan, { x: 'a&admin=1#x' }).target).toBe('/p?q=a%26admin%3D1%23x');
  });

  it('is quoted as a query language needs it; of a list what cannot be written is left out', () => {
    const mql = {
      query: [{ name: 'mql', template: 'SELECT a WHERE name IN ({x})', language: 'mql' }],
    } as const;
    expect(expand({ ...mql, given: list }, { x: ["O'Hara", `both ' and "`, 'x) OR (1=1'] })).toBe(
      `/p?mql=SELECT a WHERE name IN ("O'Hara",'x) OR (1=1')`,
    );
    expect(() => expand({ ...mql, given: list }, { x: [`' and "`] })).toThrow(UnusableValue);
    expect(() => expand({ ...mql, given }, { x: `' and "` })).toThrow(UnusableValue);
  });

  it('cannot be a template again', () => {
    expect(
      expand(
        { given, query: [{ name: 'q', template: '{x}', language: 'text' }] },
        { x: '{project}', project: 'p' },
      ),
    ).toBe('/p?q={project}');
  });
});

describe('what flows from one provider to another', () => {
  const name = (id: string): string => ({ gocd: 'GoCD', mingle: 'Mingle' })[id] ?? id;
  const cards = { from: 'changes', take: 'message', match: '#(\\d+)', type: 'integer', atMost: 50 } as const;
  const changes = request('changes', { provider: 'gocd' });

  it('is said in a sentence', () => {
    const flowing = gadget({ requests: [changes, request('cards', { given: { cards } })] });
    expect(flowSentences(flowing, name)).toEqual(['Numbers from GoCD are sent to Mingle.']);
  });

  it('names everything that flows, and nothing that stays with one provider', () => {
    const who = { from: 'changes', take: 'author', type: 'text' } as const;
    const requests = [
      changes,
      request('cards', { given: { cards, who }, each: { of: 'changes.items', as: 'change' } }),
      request('own', { provider: 'gocd', given: { who } }),
    ];
    expect(flowSentences(gadget({ requests }), name)).toEqual([
      'Numbers, texts, and values from GoCD are sent to Mingle.',
    ]);
    expect(flowSentences(gadget({ requests: [changes, request('x')] }), name)).toEqual([]);
  });

  it('says which hosts are asked for images, and with what', () => {
    const images = ['avatars.example.com', '{provider}', 'img.example.com'];
    expect(flowSentences(gadget({ requests: [changes], images }), name)).toEqual([
      'Images are fetched from avatars.example.com and img.example.com, without the viewer’s token.',
      'Images are fetched from GoCD, with the viewer’s token where they are part of the API.',
    ]);
  });
});
