import { describe, expect, it } from 'vitest';
import { render } from './support/try-template.js';

const BERLIN = { locale: 'de', timeZone: 'Europe/Berlin' };
const written = (filter: string, at: unknown, around: object = BERLIN): string =>
  render(`{{ at | ${filter} }}`, { at, ...around });

describe('A time', () => {
  it.each([
    ['2026-11-25T09:34:40Z'],
    ['2026-11-25T10:34:40+01:00'],
    ['2026-11-25T10:34:40+0100'],
    ['2026-11-25T10:34:40+01'],
    ['2026-11-25T09:34:40.000000000Z'],
    ['2026-11-25 09:34:40 UTC'],
    ['20261125T093440Z'],
    ['Wed, 25 Nov 2026 09:34:40 GMT'],
    ['25 Nov 26 10:34:40 +0100'],
    ['Wed, 25 Nov 2026 04:34:40 EST'],
    [1_795_599_280],
    ['1795599280'],
    [1_795_599_280_000],
    ['1795599280000'],
  ])('is read from %s', (at) => {
    expect(written('time', at)).toBe(
      '<time datetime="2026-11-25T09:34:40.000Z" data-oriel-age>25.11.2026, 10:34</time>',
    );
  });

  it.each([
    ['2026-11-25T09:34:40', '2026-11-25T09:34:40'],
    ['2026-11-25 09:34', '2026-11-25T09:34:00'],
    ['20261125T0934', '2026-11-25T09:34:00'],
    ['25 Nov 2026 09:34', '2026-11-25T09:34:00'],
  ])('without a zone is moved by no zone: %s', (at, datetime) => {
    for (const timeZone of ['Pacific/Kiritimati', 'Pacific/Niue', 'Europe/Berlin'])
      expect(written('time', at, { locale: 'de', timeZone })).toBe(
        `<time datetime="${datetime}">25.11.2026, 09:34</time>`,
      );
  });

  it('that is a day is a day', () => {
    expect(written('time', '2026-11-25')).toBe('<time datetime="2026-11-25">25.11.2026</time>');
    expect(written('time', '20261125')).toBe('<time datetime="2026-11-25">25.11.2026</time>');
  });

  it.each(['time', 'date', 'day', 'clock', 'age'])('that is none is shown by %s as it is', (filter) => {
    for (const at of [
      'Release 7',
      '2026',
      '7',
      'May',
      '2026-02-30',
      '2026-11-25T25:00:00Z',
      '25 Foo 2026 09:34 GMT',
    ])
      expect(written(filter, at)).toBe(at);
    for (const at of ['', null, undefined, {}, [1]]) expect(written(filter, at)).toBe('');
    expect(written(filter, '<b>')).toBe('&lt;b&gt;');
  });

  it('can be written as a day with its weekday, and as the time of day', () => {
    expect(written('day', '2026-11-25T23:30:00Z')).toBe(
      '<time datetime="2026-11-25T23:30:00.000Z">Do., 26. Nov.</time>',
    );
    expect(written('clock', '2026-11-25T23:30:00Z')).toContain('>00:30</time>');
    expect(written('clock', '2026-11-25T23:30:00')).toContain('>23:30</time>');
    expect(written('clock', '9:30', { locale: 'en', timeZone: 'Asia/Tokyo' })).toBe(
      '<time datetime="09:30">9:30 AM</time>',
    );
    expect(written('clock', '2026-11-25')).toBe('2026-11-25');
  });

  it('can be left for the frame to show as an age', () => {
    expect(written('age', '2026-11-25T09:34:40Z')).toContain(' data-oriel-age="span">');
  });
});

describe('The seconds from one time to another', () => {
  it.each([
    ['2026-11-25T09:34:40Z', '2026-11-25T10:36:10+01:00', '90'],
    [1_795_599_996_000, '2026-11-25T09:34:40Z', '-716'],
    ['2026-11-25', '2026-11-26', '86400'],
    ['2026-11-25T09:34:40', '2026-11-25T09:34:40Z', ''],
    ['Release 7', '2026-11-25', ''],
    [null, '2026-11-25', ''],
  ])('from %s until %s are %s', (from, to, seconds) => {
    expect(render('{{ from | until(to) }}', { from, to })).toBe(seconds);
  });
});

describe('A duration', () => {
  const duration = (value: unknown, given = '', around: object = { locale: 'en' }): string =>
    render(`{{ value | duration${given} }}`, { value, ...around });

  it.each([
    [0, '0 seconds'],
    [1, '1 second'],
    ['30', '30 seconds'],
    [90, '1 minute, 30 seconds'],
    [5430, '1 hour, 31 minutes'],
    [3599.7, '1 hour'],
    [90_061, '1 day, 1 hour'],
    [0.35, '350 milliseconds'],
    ['PT1H30M', '1 hour, 30 minutes'],
    ['P1DT2H', '1 day, 2 hours'],
    ['PT0.5S', '500 milliseconds'],
    [{ '#text': '300' }, '5 minutes'],
  ])('of %j is %s', (value, words) => {
    expect(duration(value)).toBe(words);
  });

  it.each([undefined, null, '', 'soon', 'P', 'PT', 'P1', -5, {}, [], '1e999', true])(
    'that is absent or cannot be read is empty: %j',
    (value) => {
      expect(duration(value)).toBe('');
    },
  );

  it('says in what it is counted, and how it is written', () => {
    expect(duration(90_000, '("ms")')).toBe('1 minute, 30 seconds');
    expect(duration(90, '("minutes")')).toBe('1 hour, 30 minutes');
    expect(duration(5430, '("short")')).toBe('1 hr, 31 min');
    expect(duration(90_500, '("ms", "narrow")')).toBe('1m 31s');
    expect(duration(5400, '', { locale: 'de' })).toBe('1 Stunde, 30 Minuten');
    expect(duration(5400, '("short")', { locale: 'ja' })).toBe('1 時間 30 分');
  });
});

describe('A number', () => {
  const number = (value: unknown, filter: string): string =>
    render(`{{ value | ${filter} }}`, { value, locale: 'de' });

  it('can be written as a share, shortened, with so many decimals, and as a size', () => {
    expect(number(0.4567, 'number("percent")')).toBe('45,7\u00a0%');
    expect(number(12_345, 'number("compact")')).toBe('12.345');
    expect(render('{{ 12345 | number("compact") }}')).toBe('12.3K');
    expect(number(1234.567, 'number(1)')).toBe('1.234,6');
    expect(number(0.30000000000000004, 'number(2)')).toBe('0,3');
    expect(number(1_536_000, 'bytes')).toBe('1,5 MB');
    expect(render('{{ 999 | bytes }} {{ "5000000000" | bytes }}')).toBe('999 byte 5 GB');
  });

  it('that is not one stays as it is', () => {
    for (const filter of ['number("percent")', 'number(2)', 'bytes']) {
      expect(number('a lot', filter)).toBe('a lot');
      expect(number(undefined, filter)).toBe('');
    }
  });
});
