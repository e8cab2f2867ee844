import { describe, expect, it } from 'vitest';
import { computedValue, type Facts } from '../../src/gadgets/computed-values.js';
import { expandRequest } from '../../src/gadgets/expand-request.js';
import { parseTemplate } from '../../src/gadgets/template-parts.js';
import { gadget, parameter, request } from '../support/a-gadget.js';

const facts = (at: string, timeZone = 'UTC', more: Partial<Facts> = {}): Facts => ({
  now: Date.parse(at),
  timeZone,
  locale: 'en-GB',
  account: null,
  ...more,
});

describe('a moment in the viewer’s zone', () => {
  it.each([
    ['now', 0, '2026-11-29T15:04:42.123Z', 'Europe/Berlin', '2026-11-29T16:04:00+01:00'],
    ['now', -7, '2026-11-29T15:04:42Z', 'UTC', '2026-11-22T15:04:00Z'],
    ['today.start', 0, '2026-11-29T23:30:00Z', 'Europe/Berlin', '2026-11-30T00:00:00+01:00'],
    ['today.end', 0, '2026-11-29T23:30:00Z', 'America/New_York', '2026-11-29T23:59:59-05:00'],
    ['today.start', 1, '2026-11-29T12:00:00Z', 'Asia/Kolkata', '2026-11-30T00:00:00+05:30'],
    ['today.start', -1, '2026-03-01T12:00:00Z', 'UTC', '2026-02-28T00:00:00Z'],
    // Clocks go forward at 02:00 on 29 March 2026 in Berlin: the day before begins in winter time.
    ['today.start', -1, '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-28T00:00:00+01:00'],
    ['today.end', 0, '2026-03-29T12:00:00Z', 'Europe/Berlin', '2026-03-29T23:59:59+02:00'],
    // Midnight itself is skipped in Beirut on 29 March 2026.
    ['today.start', 0, '2026-03-29T12:00:00Z', 'Asia/Beirut', '2026-03-29T01:00:00+03:00'],
    ['week.start', 0, '2026-11-29T12:00:00Z', 'UTC', '2026-11-23T00:00:00Z'],
    ['week.start', 0, '2026-11-30T12:00:00Z', 'UTC', '2026-11-30T00:00:00Z'],
    ['week.start', 7, '2026-11-29T12:00:00Z', 'UTC', '2026-11-30T00:00:00Z'],
  ] as const)('%s %i days, at %s in %s, is %s', (name, days, at, zone, expected) => {
    expect(computedValue(name, days, facts(at, zone))).toBe(expected);
  });

  it('starts a week as people of the locale do', () => {
    const at = '2026-11-29T12:00:00Z';
    expect(computedValue('week.start', 0, facts(at, 'UTC', { locale: 'en-US' }))).toBe(
      '2026-11-29T00:00:00Z',
    );
    expect(computedValue('week.start', 0, facts(at, 'UTC', { locale: 'de' }))).toBe('2026-11-23T00:00:00Z');
  });
});

describe('a computed value in a template', () => {
  const query = (template: string, more: Partial<Facts> = {}) => {
    const plan = request('r', { path: '/x', query: [{ name: 'q', template, language: 'text' }] });
    const { target } = expandRequest(
      gadget(),
      plan,
      {},
      { facts: facts('2026-11-29T12:00:00Z', 'UTC', more) },
    );
    return new URL(target, 'http://x').searchParams.get('q');
  };

  it('is text like any other, with days added', () => {
    expect(query('{today.start}/{today.start + 1 day}')).toBe('2026-11-29T00:00:00Z/2026-11-30T00:00:00Z');
    expect(query('since {now-14 days}')).toBe('since 2026-11-15T12:00:00Z');
    expect(query('{time-zone} {locale}')).toBe('UTC en-GB');
  });

  it('is left out where it is not known, as an account that a provider does not tell', () => {
    expect(query('{account.id}')).toBeNull();
    expect(query('{account.id}', { account: 'u-7' })).toBe('u-7');
    expect(query('by{ me account.id}', { account: 'u-7' })).toBe('by me u-7');
    expect(request('r', { path: '/users/{account.id}' }).namesAccount).toBe(true);
    expect(request('r', { path: '/users/{time-zone}' }).namesAccount).toBe(false);
  });

  it('leaves to a parameter the name that it has', () => {
    const now = parameter('now', { kind: 'text', maxLength: 9 });
    const plan = request('r', { path: '/x', query: [{ name: 'q', template: '{now}', language: 'text' }] });
    expect(expandRequest(gadget({ parameters: [now] }), plan, { now: 'mine' }).target).toBe('/x?q=mine');
  });

  it.each([
    ['{, days}', { name: 'days', before: ', ' }],
    ['{name - 3 days}', { name: 'days', before: 'name - 3 ' }],
    ['{now - 3 days}', { name: 'now', before: '', days: -3 }],
    ['{ AND x > now + 1 day}', { name: 'now', before: ' AND x > ', days: 1 }],
    ['{a as path}', { name: 'a', before: '', as: 'path' }],
    ['{a.b}', { name: 'b', before: 'a.' }],
    ['{it.b.c}', { name: 'it', before: '', path: 'b.c' }],
    ['{ by it.@id}', { name: 'it', before: ' by ', path: '@id' }],
    ['{it}', { name: 'it', before: '' }],
  ])('is distinguished from names of today: %s', (template, part) => {
    expect(parseTemplate(template, ['it'])).toEqual([{ kind: 'value', ...part }]);
  });

  it.each(['{}', '{ }', '{a', 'a}', '{A}', '{now - days}x}', '{a b }'])('is none in %j', (template) => {
    expect(parseTemplate(template)).toBeUndefined();
  });
});
