import { afterAll, beforeAll, expect, it } from 'vitest';
import { stubServer } from '../upstream/stub-server.js';
import { type Played, setUpOthers } from './mingle-setup.js';

/*
 * Gadgets that show what is near in time, so that what the applications answer is made when they are asked.
 */

const MINUTE = 60_000;
const at = (minutes: number): string =>
  new Date(Math.floor(Date.now() / MINUTE) * MINUTE + minutes * MINUTE).toISOString();
const dayAfter = (day: string, days: number): string =>
  new Date(Date.parse(`${day.slice(0, 10)}T00:00:00Z`) + days * 24 * 60 * MINUTE).toISOString().slice(0, 10);

const google = (asked: URLSearchParams): object => {
  const today = asked.get('timeMin') ?? '';
  const timed = (summary: string, from: number, to: number, response = 'accepted') => ({
    ...{ id: summary, status: 'confirmed', htmlLink: `https://google.example/${summary.length}`, summary },
    ...{ start: { dateTime: at(from) }, end: { dateTime: at(to) } },
    attendees: [{ self: true, responseStatus: response }],
  });
  const whole = (summary: string, from: number, to: number) => ({
    ...{ id: summary, status: 'confirmed', summary },
    ...{ start: { date: dayAfter(today, from) }, end: { date: dayAfter(today, to) } },
  });
  return {
    items: [
      ...[whole('A day of this week', -2, 3), whole('A day that is over', -1, 0), whole('Tomorrow', 1, 2)],
      ...[timed('Over', -90, -60), timed('On now', -10, 20), timed('Declined', -10, 20, 'declined')],
      timed('Soon', 30, 60, 'needsAction'),
    ],
  };
};

const microsoft = (asked: URLSearchParams): object => {
  const today = asked.get('startDateTime') ?? '';
  const utc = (iso: string) => ({ dateTime: `${iso.slice(0, 19)}.0000000`, timeZone: 'UTC' });
  const event = (subject: string, start: string, end: string, more: object = {}) => ({
    ...{ subject, webLink: 'https://outlook.example/1', isAllDay: false, isCancelled: false },
    ...{ start: utc(start), end: utc(end), responseStatus: { response: 'accepted' }, ...more },
  });
  const whole = (subject: string, from: number, to: number) =>
    event(subject, `${dayAfter(today, from)}T00:00:00`, `${dayAfter(today, to)}T00:00:00`, {
      isAllDay: true,
    });
  return {
    value: [
      ...[whole('A day of this week', -2, 3), whole('A day that is over', -1, 0), whole('Tomorrow', 1, 2)],
      ...[event('Over', at(-90), at(-60)), event('On now', at(-10), at(20))],
      event('Declined', at(-10), at(20), { responseStatus: { response: 'declined' } }),
      event('Cancelled', at(-10), at(20), { isCancelled: true }),
      event('Soon', at(30), at(60), { responseStatus: { response: 'notResponded' } }),
    ],
  };
};

const slack = (asked: URLSearchParams): object => {
  const isDirect = asked.get('query')?.startsWith('to:') ?? false;
  const match = (text: string, minutes: number) => ({
    ...{ text, username: 'bob', ts: `${Date.parse(at(minutes)) / 1000}.000200` },
    ...{ permalink: 'https://acme.slack.example/p1', channel: { name: 'mail', is_im: isDirect } },
  });
  const matches = isDirect
    ? [match('Do you have a minute?', -5)]
    : [
        match('<@ann> see <https://mail.example/12|!12> &amp; <#C1|calendar>', -30),
        match('Long ago', -14_400),
      ];
  return { ok: true, messages: { total: matches.length, matches } };
};

const asked: string[] = [];
const HEADERS: Record<string, unknown>[] = [];
let setup: Awaited<ReturnType<typeof setUpOthers>>;

beforeAll(async () => {
  const answers = { google, microsoft, slack } as const;
  const server = await stubServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://localhost');
    const [, name = ''] = pathname.split('/');
    asked.push(`${pathname} ${searchParams}`);
    HEADERS.push(request.headers);
    const data = answers[name as keyof typeof answers](searchParams);
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(data));
  });
  const played = Object.keys(answers).map(
    (id): Played => ({
      ...{ id, name: id, url: `${server.origin}/${id}` },
      ...(id === 'google' && { record: { apis: { calendar: `${server.origin}/google/calendar/v3` } } }),
      client: { connect: async (login) => ({ access_token: login, expires_in: 3600, refresh_token: '' }) },
      application: { close: async () => {} },
    }),
  );
  const { close, ...rest } = await setUpOthers(played);
  setup = {
    ...rest,
    close: async () => {
      await close();
      await server.close();
    },
  };
});

afterAll(() => setup.close());

it.each([
  ['google-calendar', { calendar: 'acme.com_7@group.calendar.google.com' }],
  ['microsoft-calendar', {}],
])('%s shows what is on now, what is next, and what takes all of today', async (gadget, parameters) => {
  const { state, text } = await setup.show('ann', gadget, parameters);
  expect(state).toBe('content');
  expect(text).toMatch(
    /Now 1 .*\d\d:\d\d On now until .*\d\d:\d\d Next 1 .*Soon Not answered .*All day 1 A day of this week 1 event is over/,
  );
  for (const each of ['Declined', 'Cancelled', 'A day that is over', 'Tomorrow'])
    expect(text).not.toContain(each);
});

it('The calendars are asked for the viewer’s day alone', () => {
  const [ofGoogle = '', ofMicrosoft = ''] = ['/google/', '/microsoft/'].map((path) =>
    asked.find((each) => each.startsWith(path)),
  );
  const day = '\\d{4}-\\d\\d-\\d\\dT';
  const from = `${day}00%3A00%3A00(?:Z|%2B00%3A00)`;
  const to = `${day}23%3A59%3A59(?:Z|%2B00%3A00)`;
  expect(ofGoogle).toMatch(
    new RegExp(
      `^/google/calendar/v3/calendars/acme.com_7%40group.calendar.google.com/events timeMin=${from}&timeMax=${to}&timeZone=UTC&singleEvents=true&orderBy=startTime&maxAttendees=1&`,
    ),
  );
  expect(ofMicrosoft).toMatch(
    new RegExp(`^/microsoft/me/calendarView startDateTime=${from}&endDateTime=${to}&%24select=subject%2C`),
  );
  expect(HEADERS.some(({ prefer }) => prefer === 'outlook.timezone="UTC"')).toBe(true);
});

it('slack-mentions shows what mentions someone and what was sent to them of late, as people read it', async () => {
  const { state, html, text } = await setup.show('ann', 'slack-mentions', {});
  expect(state).toBe('content');
  expect(text).toMatch(
    /Mentions 1 .*bob.*#mail.*@ann see !12 & #calendar.*Direct messages 1 .*Do you have a minute\?/,
  );
  expect(text).not.toContain('Long ago');
  expect(html).toContain('href="https://acme.slack.example/p1"');
  expect(asked.filter((each) => each.startsWith('/slack/'))).toEqual([
    '/slack/search.messages query=%3C%40ann%3E&sort=timestamp&sort_dir=desc&count=20',
    '/slack/search.messages query=to%3A%3C%40ann%3E&sort=timestamp&sort_dir=desc&count=20',
  ]);
});
