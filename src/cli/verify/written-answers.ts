import type { Data } from '../../domain/data.js';
import type { Format } from '../../domain/gadget.js';

type Fields = { readonly [key: string]: Data };

const isRecord = (data: Data | undefined): data is Fields =>
  typeof data === 'object' && data !== null && !Array.isArray(data);

const listOf = (data: Data | undefined): readonly Data[] => {
  if (data === undefined || data === null) return [];
  return Array.isArray(data) ? data : [data];
};

const textOf = (data: Data | undefined): string =>
  data === undefined || data === null || typeof data === 'object' ? '' : String(data);

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
// What XML 1.0 cannot hold is left out, whatever a sample has.
const escaped = (text: string): string =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

/** An element as `upstream/readers/xml.ts` reads it: attributes as `@name`, text as `#text`, children of one name as a list. */
const element = (name: string, data: Data): string => {
  if (Array.isArray(data)) return data.map((each: Data) => element(name, each)).join('');
  if (!isRecord(data)) return `<${name}>${escaped(textOf(data))}</${name}>`;
  const attributes = Object.entries(data)
    .filter(([key]) => key.startsWith('@'))
    .map(([key, value]) => ` ${key.slice(1)}="${escaped(textOf(value))}"`);
  const children = Object.entries(data)
    .filter(([key]) => !key.startsWith('@') && key !== '#text')
    .map(([key, value]) => element(key, value));
  return `<${name}${attributes.join('')}>${escaped(textOf(data['#text']))}${children.join('')}</${name}>`;
};

const xml = (data: Data): string => {
  const [[name, root] = ['empty', null]] = isRecord(data) ? Object.entries(data) : [];
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element(name, root)}`;
};

const optional = (name: string, data: Data | undefined): string =>
  data === undefined || data === null ? '' : element(name, data);

const link = (data: Data): string => {
  const attributes = isRecord(data) ? Object.entries(data) : [];
  return `<link${attributes
    .filter(([, value]) => value !== null)
    .map(([name, value]) => ` ${name}="${escaped(textOf(value))}"`)
    .join('')}/>`;
};

const category = (data: Data): string =>
  element(
    'category',
    isRecord(data)
      ? Object.fromEntries(Object.entries(data).map(([name, value]) => [`@${name}`, value]))
      : {},
  );

const entry = (data: Data): string => {
  const fields = isRecord(data) ? data : {};
  const { author, links, categories, ...texts } = fields;
  return `<entry>${Object.entries(texts)
    .map(([name, value]) => optional(name, value))
    .join('')}${optional('author', author)}${listOf(links).map(link).join('')}${listOf(categories)
    .map(category)
    .join('')}</entry>`;
};

/** A feed as `upstream/readers/feed.ts` reads it. */
const feed = (data: Data): string => {
  const { title, updated, links, entries } = isRecord(data) ? data : ({} as Fields);
  const parts = [optional('title', title), optional('updated', updated), ...listOf(links).map(link)];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">${parts.join('')}${listOf(
    entries,
  )
    .map(entry)
    .join('')}</feed>`;
};

const cell = (data: Data | undefined): string => `"${textOf(data).replaceAll('"', '""')}"`;

const csv = (data: Data): string => {
  const rows = listOf(data).filter(isRecord);
  const names = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  return [names, ...rows.map((row) => names.map((name) => row[name]))]
    .map((row) => row.map(cell).join(','))
    .join('\r\n');
};

const calendarText = (data: Data | undefined): string =>
  textOf(data)
    .replaceAll(/[\\;,]/g, (character) => `\\${character}`)
    .replaceAll('\n', '\\n');

const calendarTime = (name: string, data: Data | undefined): readonly string[] => {
  const text = textOf(data);
  if (/^\d{4}-\d\d-\d\d$/.test(text)) return [`${name};VALUE=DATE:${text.replaceAll('-', '')}`];
  const isZoned = /(?:Z|[+-]\d\d:\d\d)$/.test(text);
  const at = Date.parse(isZoned ? text : `${text}Z`);
  if (Number.isNaN(at)) return [];
  const written = new Date(at).toISOString().replaceAll(/[-:]|\.\d+/g, '');
  return [`${name}:${isZoned ? written : written.slice(0, -1)}`];
};

const calendarPerson = (name: string, data: Data): readonly string[] => {
  if (!isRecord(data)) return [];
  const parameters = [
    ...(data.name === null || data.name === undefined
      ? []
      : [`CN="${textOf(data.name).replaceAll('"', '')}"`]),
    ...(data.answer === null || data.answer === undefined ? [] : [`PARTSTAT=${textOf(data.answer)}`]),
  ];
  return [`${[name, ...parameters].join(';')}:mailto:${textOf(data.email)}`];
};

const CALENDAR_TEXTS: Readonly<Record<string, string>> = {
  id: 'UID',
  title: 'SUMMARY',
  description: 'DESCRIPTION',
  location: 'LOCATION',
  url: 'URL',
  status: 'STATUS',
  duration: 'DURATION',
  repeats: 'RRULE',
};

const event = (data: Data): readonly string[] => {
  if (!isRecord(data)) return [];
  const texts = Object.entries(CALENDAR_TEXTS).flatMap(([key, name]) =>
    data[key] === null || data[key] === undefined ? [] : [`${name}:${calendarText(data[key])}`],
  );
  return [
    'BEGIN:VEVENT',
    ...texts,
    ...calendarTime('DTSTART', data.start),
    ...calendarTime('DTEND', data.end),
    ...listOf(data.organizer).flatMap((each) => calendarPerson('ORGANIZER', each)),
    ...listOf(data.attendees).flatMap((each) => calendarPerson('ATTENDEE', each)),
    ...listOf(data.categories).map((each) => `CATEGORIES:${calendarText(each)}`),
    'END:VEVENT',
  ];
};

/** A calendar as `upstream/readers/ical.ts` reads it. */
const calendar = (data: Data): string => {
  const { name, events } = isRecord(data) ? data : ({} as Fields);
  return [
    'BEGIN:VCALENDAR',
    `X-WR-CALNAME:${calendarText(name)}`,
    ...listOf(events).flatMap(event),
    'END:VCALENDAR',
  ].join('\r\n');
};

const WRITERS: Readonly<Record<Format, readonly [type: string, write: (data: Data) => string]>> = {
  json: ['application/json', (data) => JSON.stringify(data)],
  xml: ['application/xml', xml],
  feed: ['application/atom+xml', feed],
  atom: ['application/atom+xml', feed],
  csv: ['text/csv; charset=utf-8', csv],
  ical: ['text/calendar; charset=utf-8', calendar],
  text: ['text/plain; charset=utf-8', textOf],
};

/** An answer's bytes as a provider sends them, from the data that is read out of them: the way back from `upstream/readers`. */
export const writtenAnswer = (
  format: Format,
  data: Data,
): { readonly contentType: string; readonly body: string } => {
  const [contentType, write] = WRITERS[format];
  return { contentType, body: write(data) };
};
