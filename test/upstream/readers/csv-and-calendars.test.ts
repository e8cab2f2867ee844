import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from '../../../src/upstream/readers/parse.js';

const csv = (text: string): unknown => {
  const read = parse('csv', text);
  return 'data' in read ? read.data : read.code;
};

describe('comma-separated values', () => {
  it('are records named by the first row', () => {
    expect(csv('name,count\r\nann,1\r\nbob,2\r\n')).toEqual([
      { name: 'ann', count: '1' },
      { name: 'bob', count: '2' },
    ]);
  });

  it.each([
    ['a;b\n1;2,5', [{ a: '1', b: '2,5' }]],
    ['a\tb\n1\t2', [{ a: '1', b: '2' }]],
    ['"a,x";b\n1;2', [{ 'a,x': '1', b: '2' }]],
    ['a,b\n"x, ""y""\nz",2', [{ a: 'x, "y"\nz', b: '2' }]],
    ['a,b\n1', [{ a: '1', b: '' }]],
    ['a,b\n1,2,3', [{ a: '1', b: '2' }]],
    ['a,b\n\n\n1,2\n', [{ a: '1', b: '2' }]],
    ['a,\n1,2', [{ a: '1', '2': '2' }]],
    ['a,b', []],
    ['', []],
    [
      '__proto__,constructor\n1,2',
      [
        Object.fromEntries([
          ['__proto__', '1'],
          ['constructor', '2'],
        ]),
      ],
    ],
  ])('%j', (text, expected) => {
    expect(csv(text)).toEqual(expected);
  });

  it.each(['a,b\n"1,2', 'a\n"x"y'])('are unreadable in %j', (text) => {
    expect(csv(text)).toBe('csv-syntax');
  });

  it('come back as they were written', () => {
    const cell = fc.string({ maxLength: 6 });
    fc.assert(
      fc.property(fc.array(fc.tuple(cell, cell), { maxLength: 6 }), (rows) => {
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const text = ['a,b', ...rows.map((row) => row.map(quoted).join(','))].join('\n');
        expect(csv(text)).toEqual(rows.map(([a, b]) => ({ a, b })));
      }),
    );
  });

  it('are bounded', () => {
    expect(csv(`a,b\n${',\n'.repeat(200_000)}`)).toBe('too-many-values');
  });
});

const calendar = (...lines: readonly string[]): unknown => {
  const read = parse('ical', ['BEGIN:VCALENDAR', ...lines, 'END:VCALENDAR', ''].join('\r\n'));
  return 'data' in read ? read.data : read.code;
};
const event = (...lines: readonly string[]) => calendar('BEGIN:VEVENT', ...lines, 'END:VEVENT');

describe('a calendar', () => {
  it('is its name and its events', () => {
    expect(
      calendar(
        'X-WR-CALNAME:Team',
        'BEGIN:VTIMEZONE',
        'TZID:Europe/Berlin',
        'BEGIN:STANDARD',
        'DTSTART:19701025T030000',
        'END:STANDARD',
        'END:VTIMEZONE',
        'BEGIN:VEVENT',
        'UID:1@example',
        'SUMMARY:Plan\\, talk\\; decide',
        'DESCRIPTION:first line\\nsecond',
        ' line',
        'DTSTART;TZID=Europe/Berlin:20261130T100000',
        'DTEND;TZID=Europe/Berlin:20261130T110000',
        'ORGANIZER;CN="Ann, A.":mailto:ann@example.com',
        'ATTENDEE;PARTSTAT=ACCEPTED;CN=Bob:MAILTO:bob@example.com',
        'CATEGORIES:A,B\\,C',
        'RRULE:FREQ=WEEKLY',
        'BEGIN:VALARM',
        'SUMMARY:of the alarm',
        'END:VALARM',
        'END:VEVENT',
      ),
    ).toMatchObject({
      name: 'Team',
      events: [
        {
          id: '1@example',
          title: 'Plan, talk; decide',
          description: 'first line\nsecondline',
          start: '2026-11-30T10:00:00+01:00',
          end: '2026-11-30T11:00:00+01:00',
          isAllDay: false,
          organizer: { name: 'Ann, A.', email: 'ann@example.com' },
          attendees: [{ name: 'Bob', email: 'bob@example.com', answer: 'accepted' }],
          categories: ['A', 'B,C'],
          repeats: 'FREQ=WEEKLY',
          location: null,
        },
      ],
    });
  });

  it.each([
    ['DTSTART;VALUE=DATE:20261130', '2026-11-30', true],
    ['DTSTART:20261130T100000Z', '2026-11-30T10:00:00Z', false],
    ['DTSTART:20261130T100000', '2026-11-30T10:00:00', false],
    ['DTSTART;TZID=Customized Time Zone:20261130T100000', '2026-11-30T10:00:00', false],
    ['DTSTART:soon', null, false],
  ])('has the time of %s', (line, start, isAllDay) => {
    expect(event(line)).toMatchObject({ events: [{ start, isAllDay }] });
  });

  it.each([['BEGIN:VEVENT'], ['END:VEVENT'], ['BEGIN:VEVENT', 'END:VTODO']])(
    'is unreadable where its parts do not match: %s',
    (...lines) => {
      expect(calendar(...lines)).toBe('ical-syntax');
    },
  );

  it('is nothing else, and never throws', () => {
    expect(parse('ical', 'hello')).toEqual({ code: 'ical-syntax' });
    fc.assert(fc.property(fc.string(), (text) => void parse('ical', `BEGIN:VCALENDAR\n${text}`)));
  });
});
