import type { Data } from '../../domain/data.js';
import { contentOf, type Element, textOf } from './atom.js';
import { asList, asRecord, record } from './frozen.js';

const one = (element: Element, ...names: readonly string[]): Data | undefined => {
  for (const name of names) {
    const found = asList(element[name])[0];
    if (found !== undefined) return found;
  }
  return undefined;
};

const textIn = (element: Element, ...names: readonly string[]): string | null =>
  textOf(one(element, ...names)) || null;

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
const linksOf = (element: Element): Data => {
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

const entryOf = (data: Data): Data => {
  const item = asRecord(data) ?? {};
  const about = item['@rdf:about'] ?? null;
  return record([
    ['id', textIn(item, 'guid') ?? about ?? textIn(item, 'link')],
    ['title', textIn(item, 'title')],
    ['updated', dateIn(item, 'pubDate', 'dc:date', 'atom:updated')],
    ['published', dateIn(item, 'pubDate', 'dc:date')],
    ['author', personIn(item)],
    ['links', linksOf(item)],
    ['categories', categoriesOf(item)],
    ['summary', contentOf(one(item, 'description'))],
    ['content', contentOf(one(item, 'content:encoded'))],
  ]);
};

/**
 * Reads RSS 0.91, 0.92 and 2.0 (`rss`) and 1.0 (`rdf:RDF`, whose items stand beside the channel) into what an Atom feed is read
 * into; absent things are null.
 */
export const rssFeed = (root: Element): Data => {
  const channel = asRecord(one(root, 'channel')) ?? {};
  const items = [...asList(channel.item), ...asList(root.item)];
  return record([
    ['title', textIn(channel, 'title')],
    ['updated', dateIn(channel, 'lastBuildDate', 'pubDate', 'dc:date')],
    ['links', linksOf(channel)],
    ['entries', Object.freeze(items.map(entryOf))],
  ]);
};
