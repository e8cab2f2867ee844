import type { Data } from '../../domain/data.js';
import { asList, asRecord, record } from './frozen.js';

export type Element = { readonly [key: string]: Data };

/** The text of an element, with or without attributes; null when it is absent or holds elements. */
export const textOf = (data: Data | undefined): string | null => {
  if (typeof data === 'string') return data;
  const text = asRecord(data)?.['#text'];
  return typeof text === 'string' ? text : null;
};

const isAttribute = (name: string): boolean => name.startsWith('@');

/** RFC 4287 §4.1.3: text of any kind is text, elements of another vocabulary stay data. */
export const contentOf = (data: Data | undefined): Data => {
  const element = asRecord(data);
  if (element === null) return textOf(data);
  const holdsElements = Object.keys(element).some((name) => !isAttribute(name) && name !== '#text');
  return holdsElements ? element : textOf(element);
};

const attributes = (element: Data, ...names: readonly string[]): Data =>
  record(names.map((name) => [name, asRecord(element)?.[`@${name}`] ?? null] as const));

/** One prefix serves a whole feed: the one its root element bears. */
const vocabulary = (prefix: string) => {
  const of = (element: Element, name: string): Data | undefined => element[prefix + name];
  const one = (element: Element, name: string): Data | undefined => asList(of(element, name))[0];

  const personOf = (data: Data | undefined): Data => {
    const person = asRecord(data);
    if (person === null) return null;
    return record(['name', 'email', 'uri'].map((name) => [name, textOf(one(person, name))] as const));
  };
  const linksOf = (element: Element): Data =>
    Object.freeze(
      asList(of(element, 'link')).map((link) =>
        record([
          ['rel', asRecord(link)?.['@rel'] ?? 'alternate'],
          ...Object.entries(asRecord(attributes(link, 'href', 'type', 'title')) ?? {}),
        ]),
      ),
    );
  const entryOf = (data: Data): Data => {
    const entry = asRecord(data) ?? {};
    return record([
      ['id', textOf(one(entry, 'id'))],
      ['title', textOf(one(entry, 'title'))],
      ['updated', textOf(one(entry, 'updated'))],
      ['published', textOf(one(entry, 'published'))],
      ['author', personOf(one(entry, 'author'))],
      ['links', linksOf(entry)],
      [
        'categories',
        Object.freeze(asList(of(entry, 'category')).map((c) => attributes(c, 'term', 'scheme', 'label'))),
      ],
      ['summary', contentOf(one(entry, 'summary'))],
      ['content', contentOf(one(entry, 'content'))],
    ]);
  };
  return (feed: Element): Data =>
    record([
      ['title', textOf(one(feed, 'title'))],
      ['updated', textOf(one(feed, 'updated'))],
      ['links', linksOf(feed)],
      ['entries', Object.freeze(asList(of(feed, 'entry')).map(entryOf))],
    ]);
};

/** Reads the root of an Atom feed (RFC 4287), whose names bear this prefix; absent things are null. */
export const atomFeed = (prefix: string, root: Element): Data => vocabulary(prefix)(root);
