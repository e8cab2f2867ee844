import type { Data } from '../../domain/data.js';
import { atomFeed } from './atom.js';
import { asRecord, Unreadable } from './frozen.js';
import { rssFeed } from './rss.js';
import { readXml } from './xml.js';

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
