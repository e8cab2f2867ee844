import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Data } from '../domain/ports.js';
import { asRecord, bareRecord, MOST_DEPTH, Unreadable } from './frozen.js';

const BUILT_IN: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** Whether XML 1.0 allows the character (§2.2); a reference to any other stays the text it is. */
const isCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code < 0xd800) ||
  (code > 0xdfff && code <= 0x10ffff && code !== 0xfffe && code !== 0xffff);

const decode = (text: string): string =>
  // Most texts hold no reference, and a parser asks about each of them.
  !text.includes('&')
    ? text
    : text.replace(
        /&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));/g,
        (whole, decimal, hex, name) => {
          if (name !== undefined) return BUILT_IN[name] ?? whole;
          const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
          return isCharacter(code) ? String.fromCodePoint(code) : whole;
        },
      );

/** The five built-in entities and character references, once; nothing a document declares is ever expanded. */
const entities = {
  decode,
  reset: () => undefined,
  setXmlVersion: () => undefined,
  setExternalEntities: () => undefined,
  addInputEntities: () => {
    throw new Unreadable('xml-doctype');
  },
};

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  textNodeName: '#text',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: true,
  entityDecoder: entities,
  ignoreDeclaration: true,
  ignorePiTags: true,
  // Paths as text serve callbacks, of which there are none here; making them takes a sixth of the time.
  jPath: false,
  maxNestedTags: MOST_DEPTH,
});

const DOCTYPE = /<!doctype/i;

/** What only looks like markup. One that never ends reaches to the end of the text: so each character is looked at once. */
const INERT = /<!\[CDATA\[[\s\S]*?(?:\]\]>|$)|<!--[\s\S]*?(?:-->|$)|<\?[\s\S]*?(?:\?>|$)/g;

/** A document type is refused wherever the parser would read one; in CDATA, comments and instructions it is text. */
const declaresType = (text: string): boolean => DOCTYPE.test(text) && DOCTYPE.test(text.replace(INERT, ''));

const holdsNames = (parsed: unknown): parsed is Readonly<Record<string, unknown>> =>
  typeof parsed === 'object' && parsed !== null;

const frozen = (parsed: unknown): Data => {
  if (Array.isArray(parsed)) return Object.freeze(parsed.map(frozen));
  if (holdsNames(parsed)) {
    const made = bareRecord();
    for (const name of Object.keys(parsed)) made[name] = frozen(parsed[name]);
    return Object.freeze(made);
  }
  return String(parsed);
};

/**
 * Reads XML into frozen data: an element is its text, or a record of its children by name, its attributes as `@name` and, beside
 * these, its text as `#text`; children of one name are a list when there are several. Texts stay texts. Throws `Unreadable` for
 * what is not well-formed, declares a document type or nests too deep.
 */
export const readXml = (text: string): { readonly [key: string]: Data } => {
  if (declaresType(text)) throw new Unreadable('xml-doctype');
  if (XMLValidator.validate(text) !== true) throw new Unreadable('xml-syntax');
  const root = asRecord(frozen(parser.parse(text)));
  if (root === null || Object.keys(root).length !== 1 || '#text' in root) throw new Unreadable('xml-syntax');
  return root;
};
