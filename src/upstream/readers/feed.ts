import { asRecord, type Data } from '../../domain/data.js';
import { asList, record, Unreadable } from './frozen.js';
import { readXml } from './xml.js';

type Element = { readonly [key: string]: Data };

/** The text of an element, with or without attributes; null when it is absent or holds elements. */
const textOf = (data: Data | undefined): string | null => {
  if (typeof data === 'string') return data;
  const text = asRecord(data)?.['#text'];
  return typeof text === 'string' ? text : null;
};

const isAttribute = (name: string): boolean => name.startsWith('@');

/** RFC 4287 §4.1.3: text of any kind is text, elements of another vocabulary stay data. */
const contentOf = (data: Data | undefined): Data => {
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
const atomFeed = (prefix: string, root: Element): Data => vocabulary(prefix)(root);

const firstIn = (element: Element, ...names: readonly string[]): Data | undefined => {
  for (const name of names) {
    const found = asList(element[name])[0];
    if (found !== undefined) return found;
  }
  return undefined;
};

const textIn = (element: Element, ...names: readonly string[]): string | null =>
  textOf(firstIn(element, ...names)) || null;

/** Dates of RSS are those of e-mail (RFC 822); as Atom writes them, where they name a zone. */
const dateIn = (element: Element, ...names: readonly string[]): string | null => {
  const text = textIn(element, ...names);
  if (text === null || !/(?:[A-Z]{1,4}|[+-]\d{2}:?\d{2})$/.test(text)) return text;
  const at = Date.parse(text);
  return Number.isNaN(at) ? text : new Date(at).toISOString();
};

/** `mail@example.com (Name)`, the one or the other. */
const personIn = (element: Element): Data => {
  const text = textIn(element, 'author', 'dc:creator', 'managingEditor');
  if (text === null) return null;
  const [, email, name] = /^([^\s()]+@[^\s()]+)(?:\s*\((.*)\))?$/.exec(text) ?? [];
  return record([
    ['name', email === undefined ? text : (name ?? null)],
    ['email', email ?? null],
    ['uri', null],
  ]);
};

const link = (rel: Data, href: Data, type: Data = null, title: Data = null): Data =>
  record([
    ['rel', rel],
    ['href', href],
    ['type', type],
    ['title', title],
  ]);

/** The address of the thing itself, what belongs to it, and links that RSS borrows from Atom. */
const rssLinksOf = (element: Element): Data => {
  const links: Data[] = [];
  const page = asList(element.link)
    .map(textOf)
    .find((text) => text !== null && text !== '');
  if (page !== undefined && page !== null) links.push(link('alternate', page));
  for (const each of [
    ...asList(element.link),
    ...asList(element['atom:link']),
    ...asList(element['atom10:link']),
  ]) {
    const attributes = asRecord(each);
    if (attributes?.['@href'] === undefined) continue;
    const {
      '@rel': rel = 'alternate',
      '@href': href,
      '@type': type = null,
      '@title': title = null,
    } = attributes;
    links.push(link(rel, href, type, title));
  }
  for (const each of asList(element.enclosure)) {
    const { '@url': url = null, '@type': type = null } = asRecord(each) ?? {};
    if (url !== null) links.push(link('enclosure', url, type));
  }
  const comments = textIn(element, 'comments');
  if (comments !== null) links.push(link('replies', comments));
  return Object.freeze(links);
};

const categoriesOf = (element: Element): Data =>
  Object.freeze(
    [...asList(element.category), ...asList(element['dc:subject'])].map((each) =>
      record([
        ['term', textOf(each)],
        ['scheme', asRecord(each)?.['@domain'] ?? null],
        ['label', null],
      ]),
    ),
  );

const rssEntryOf = (data: Data): Data => {
  const item = asRecord(data) ?? {};
  const about = item['@rdf:about'] ?? null;
  return record([
    ['id', textIn(item, 'guid') ?? about ?? textIn(item, 'link')],
    ['title', textIn(item, 'title')],
    ['updated', dateIn(item, 'pubDate', 'dc:date', 'atom:updated')],
    ['published', dateIn(item, 'pubDate', 'dc:date')],
    ['author', personIn(item)],
    ['links', rssLinksOf(item)],
    ['categories', categoriesOf(item)],
    ['summary', contentOf(firstIn(item, 'description'))],
    ['content', contentOf(firstIn(item, 'content:encoded'))],
  ]);
};

/**
 * Reads RSS 0.91, 0.92 and 2.0 (`rss`) and 1.0 (`rdf:RDF`, whose items stand beside the channel) into what an Atom feed is read
 * into; absent things are null.
 */
const rssFeed = (root: Element): Data => {
  const channel = asRecord(firstIn(root, 'channel')) ?? {};
  const items = [...asList(channel.item), ...asList(root.item)];
  return record([
    ['title', textIn(channel, 'title')],
    ['updated', dateIn(channel, 'lastBuildDate', 'pubDate', 'dc:date')],
    ['links', rssLinksOf(channel)],
    ['entries', Object.freeze(items.map(rssEntryOf))],
  ]);
};

const isRss = (name: string): boolean => name === 'rss' || name === 'rdf:RDF' || name === 'RDF';

/**
 * Reads a feed, Atom (RFC 4287) or RSS, into `{title, updated, links, entries}`; an entry is `{id, title, updated, published, author,
 * links, categories, summary, content}`, where absent things are null. Throws `Unreadable` when it is no feed.
 */
export const readFeed = (text: string): Data => {
  const [[name, content] = ['', '']] = Object.entries(readXml(text));
  const root = asRecord(content) ?? {};
  const [, prefix] = /^((?:[^:]+:)?)feed$/.exec(name) ?? [];
  if (prefix !== undefined) return atomFeed(prefix, root);
  if (isRss(name)) return rssFeed(root);
  throw new Unreadable('feed-syntax');
};
