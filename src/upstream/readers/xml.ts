import { SaxesParser } from 'saxes';
import { bareRecord, type Data } from '../../domain/data.js';
import { MOST_DEPTH, NodeCount, Unreadable } from './frozen.js';

/** An element under way. */
interface Open {
  readonly name: string;
  /** Made when there is an attribute or a child. */
  record: Record<string, Data> | null;
  text: string;
}

/** Children of one name, until their parent is complete. */
class Siblings extends Array<Data> {}

/** XML's own five; what a document declares is never expanded. Without a prototype: `&constructor;` is no entity. */
const ENTITIES = Object.freeze(
  Object.assign(Object.create(null), { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }),
);

/** A reference that XML does not know stays the text it is: feeds are full of `&nbsp;`. */
const isOfReference = (message: string): boolean =>
  /(?:undefined entity|malformed character entity|disallowed character entity)[.]?$/i.test(
    message.replace(/^\d+:\d+:\s*/, ''),
  );

const put = (record: Record<string, Data>, name: string, value: Data): void => {
  const before = record[name];
  if (before === undefined) record[name] = value;
  else if (before instanceof Siblings) before.push(value);
  else record[name] = Siblings.of(before, value) as Data & Siblings;
};

const completed = ({ record, text }: Open): Data => {
  const trimmed = text.trim();
  if (record === null) return trimmed;
  for (const name in record) {
    const value = record[name];
    // A plain list: what leaves here is plain data.
    if (value instanceof Siblings) record[name] = Object.freeze(Array.from(value));
  }
  if (trimmed !== '') record['#text'] = trimmed;
  return Object.freeze(record);
};

/**
 * Reads XML in one pass into frozen data: an element is its text, or a record of its children by name, its attributes as `@name` and,
 * beside these, its text as `#text`; children of one name are a list when there are several. Texts stay texts. A document type is
 * skipped; one that declares entities is refused. Throws `Unreadable` also for what is not well-formed (`xml-syntax at` and
 * how many characters had been read), nests too deep or is too much.
 */
export const readXml = (text: string): { readonly [key: string]: Data } => {
  const count = new NodeCount();
  const open: Open[] = [];
  const root = bareRecord();
  // Only a declaration has to stand at the very beginning, and servers that print one after an empty line mean it.
  const written = /^\s+<\?xml\s/.test(text) ? text.trimStart() : text;
  const before = text.length - written.length;
  const parser = new SaxesParser({ position: false });
  parser.ENTITIES = ENTITIES;
  parser.on('error', ({ message }) => {
    if (!isOfReference(message))
      throw new Unreadable(`xml-syntax at ${Math.min(before + parser.position, text.length)}`);
  });
  parser.on('doctype', (declared) => {
    if (/<!ENTITY/i.test(declared)) throw new Unreadable('xml-doctype');
  });
  parser.on('opentag', ({ name, attributes }) => {
    if (open.length >= MOST_DEPTH) throw new Unreadable('too-deep');
    count.add();
    let record: Record<string, Data> | null = null;
    for (const attribute in attributes) {
      count.add();
      record ??= bareRecord();
      record[`@${attribute}`] = String(attributes[attribute] ?? '');
    }
    open.push({ name, record, text: '' });
  });
  const append = (more: string): void => {
    const last = open.at(-1);
    if (last !== undefined) last.text += more;
  };
  parser.on('text', append);
  parser.on('cdata', append);
  parser.on('closetag', () => {
    const closed = open.pop();
    if (closed === undefined) return;
    const parent = open.at(-1);
    if (parent !== undefined) parent.record ??= bareRecord();
    put(parent?.record ?? root, closed.name, completed(closed));
  });
  parser.write(written).close();
  return Object.freeze(root);
};
