import type { Data } from '../../domain/data.js';
import { rfc3339, whenShown } from '../../views/zone-times.js';
import { NodeCount, record, Unreadable } from './frozen.js';

/** One line of a calendar: `DTSTART;TZID=Europe/Berlin:20261130T100000`. */
interface Property {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  readonly value: string;
}

const LINE = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s;

const propertyOf = (line: string): Property | null => {
  const [, name, given = '', value = ''] = LINE.exec(line) ?? [];
  if (name === undefined) return null;
  const parameters = [...given.matchAll(/;([A-Za-z0-9-]+)=("[^"]*"|[^;]*)/g)].map(
    ([, key = '', text = '']) => [key.toUpperCase(), text.replaceAll('"', '')] as const,
  );
  return { name: name.toUpperCase(), parameters: new Map(parameters), value };
};

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (_, character: string) => (/n/i.test(character) ? '\n' : character));

/** Days stay days; times with a zone become moments with its offset; those without stay as they are, the same wherever they are read. */
const timeOf = (property: Property | undefined): string | null => {
  const [, year, month, day, hour, minute, second, utc] =
    /^(\d{4})(\d{2})(\d{2})(?:T(\d{2})(\d{2})(\d{2})(Z)?)?$/.exec(property?.value.trim() ?? '') ?? [];
  if (year === undefined) return null;
  const date = `${year}-${month}-${day}`;
  if (hour === undefined) return date;
  const local = `${date}T${hour}:${minute}:${second}`;
  if (utc !== undefined) return `${local}Z`;
  const zone = property?.parameters.get('TZID');
  const wall = Date.parse(`${local}Z`);
  if (zone === undefined || Number.isNaN(wall)) return local;
  try {
    return rfc3339(whenShown(wall, zone), zone);
  } catch {
    // A zone of the calendar's own, which is described in it.
    return local;
  }
};

const person = (property: Property): Data =>
  record([
    ['name', property.parameters.get('CN') ?? null],
    ['email', /^mailto:(.+)$/i.exec(property.value.trim())?.[1] ?? null],
    ['answer', property.parameters.get('PARTSTAT')?.toLowerCase() ?? null],
  ]);

const eventOf = (properties: readonly Property[]): Data => {
  const one = (name: string): Property | undefined => properties.find((each) => each.name === name);
  const text = (name: string): Data => {
    const value = one(name)?.value;
    return value === undefined ? null : unescaped(value).trim();
  };
  const start = timeOf(one('DTSTART'));
  const organizer = one('ORGANIZER');
  return record([
    ['id', text('UID')],
    ['title', text('SUMMARY')],
    ['description', text('DESCRIPTION')],
    ['location', text('LOCATION')],
    ['url', text('URL')],
    ['status', text('STATUS')],
    ['start', start],
    ['end', timeOf(one('DTEND'))],
    ['duration', text('DURATION')],
    ['isAllDay', start !== null && start.length === 10],
    ['organizer', organizer === undefined ? null : person(organizer)],
    ['attendees', Object.freeze(properties.filter(({ name }) => name === 'ATTENDEE').map(person))],
    [
      'categories',
      Object.freeze(
        properties
          .filter(({ name }) => name === 'CATEGORIES')
          .flatMap(({ value }) => value.split(/(?<!\\),/).map((each) => unescaped(each).trim())),
      ),
    ],
    ['repeats', text('RRULE')],
  ]);
};

/** What a calendar has while its lines are read. */
class Reading {
  readonly events: Data[] = [];
  name: Data = null;
  readonly #open: string[] = [];
  #properties: Property[] = [];

  get isWhole(): boolean {
    return this.#open.length === 0;
  }

  add(property: Property): void {
    const component = property.value.trim().toUpperCase();
    if (property.name === 'BEGIN') this.#begin(component);
    else if (property.name === 'END') this.#end(component);
    else if (this.#open.at(-1) === 'VEVENT') this.#properties.push(property);
    else if (this.#open.length === 1 && /^(?:X-WR-CALNAME|NAME)$/.test(property.name))
      this.name ??= unescaped(property.value).trim();
  }

  #begin(component: string): void {
    this.#open.push(component);
    if (component === 'VEVENT') this.#properties = [];
  }

  #end(component: string): void {
    if (this.#open.pop() !== component) throw new Unreadable('ical-syntax');
    if (component === 'VEVENT') this.events.push(eventOf(this.#properties));
  }
}

/**
 * Reads a calendar (RFC 5545) into `{name, events}`. Its events are in the order in which they stand; one that repeats is there once, with its
 * rule. What is absent is null. Throws `Unreadable`.
 */
export const readCalendar = (text: string): Data => {
  if (!/^\s*BEGIN:VCALENDAR/i.test(text)) throw new Unreadable('ical-syntax');
  const count = new NodeCount();
  const reading = new Reading();
  for (const line of text.replace(/\r?\n[ \t]/g, '').split(/\r?\n/)) {
    count.add();
    const property = propertyOf(line);
    if (property !== null) reading.add(property);
  }
  if (!reading.isWhole) throw new Unreadable('ical-syntax');
  return record([
    ['name', reading.name],
    ['events', Object.freeze(reading.events)],
  ]);
};
