import type { Data } from '../../domain/data.js';
import type { Format } from '../../domain/gadget.js';
import { readCsv } from './csv.js';
import { readFeed } from './feed.js';
import { record, Unreadable } from './frozen.js';
import { readCalendar } from './ical.js';
import { readJson } from './json.js';
import { readXml } from './xml.js';

/** The body of a good answer, of which `readBody` makes the same data each time. */
export interface Body {
  readonly format: Format;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** Data, or the stable name of what is wrong with the answer. */
export type Parsed = { readonly data: Data } | { readonly code: string };

const readers: Readonly<Record<Format, (text: string) => Data>> = {
  json: readJson,
  xml: readXml,
  atom: readFeed,
  feed: readFeed,
  csv: readCsv,
  ical: readCalendar,
  text: (text) => text,
};

const EMPTY_FEED = record([
  ['title', null],
  ['updated', null],
  ['links', Object.freeze([])],
  ['entries', Object.freeze([])],
]);

/** What a view has of an answer without content (204, 205): an empty feed, an empty text, nothing. */
export const NO_CONTENT: Readonly<Record<Format, Data>> = {
  json: null,
  xml: null,
  atom: EMPTY_FEED,
  feed: EMPTY_FEED,
  csv: Object.freeze([]),
  ical: record([
    ['name', null],
    ['events', Object.freeze([])],
  ]),
  text: '',
};

/** How a page for people starts. */
const PAGE =
  /^\s*(?:<\?xml[^>]*\?>\s*)?(?:<!--[\s\S]{0,500}?-->\s*)*<(?:!doctype\s+html|html|head|body|title|meta|script|style)\b/i;

const isHtmlType = (contentType: string): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType);

/** Whether a text is a page for people, such as a sign-in page in place of what was asked for. */
export const isHtml = (contentType: string, text: string): boolean =>
  PAGE.test(text.slice(0, 1000)) || (isHtmlType(contentType) && /^\s*</.test(text));

const BOMS: readonly (readonly [charset: string, bytes: readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

const OBJECT = 0x7b;
const LIST = 0x5b;

/** Made once: to make one takes as long as to read a short answer with it. Neither remembers anything of what it decodes. */
const LATIN_1 = new TextDecoder('latin1');
const UTF_8 = new TextDecoder();

/** The character set of a body: its byte order mark, what its type declares, or what XML says of itself. */
const charsetOf = (contentType: string, body: Uint8Array): string => {
  // JSON and XML start with a letter's byte, with which no mark starts.
  const marked =
    (body[0] ?? 0) < 0x80
      ? undefined
      : BOMS.find(([, bytes]) => bytes.every((byte, index) => body[index] === byte));
  if (marked !== undefined) return marked[0];
  const declared = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1];
  if (declared !== undefined) return declared;
  // JSON and XML always start with an ASCII character: a zero byte beside it shows the byte order.
  if (body[0] !== 0 && body[1] === 0) return 'utf-16le';
  if (body[0] === 0 && body[1] !== 0) return 'utf-16be';
  // Most are JSON, which says nothing of itself.
  if (body[0] === OBJECT || body[0] === LIST) return 'utf-8';
  const beginning = LATIN_1.decode(body.subarray(0, 100));
  const said = /^\s*<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']/.exec(beginning)?.[1] ?? 'utf-8';
  // What could be read so is not in UTF-16, whatever it says.
  return /^utf-?16/i.test(said) ? 'utf-8' : said;
};

/** The text of a body in the character set it declares, else in UTF-8; a byte order mark is dropped. */
export const decodeBody = (contentType: string, body: Uint8Array): string => {
  const charset = charsetOf(contentType, body);
  if (/^utf-?8$/i.test(charset)) return UTF_8.decode(body);
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return UTF_8.decode(body);
  }
};

/** Reads a text as plain data, frozen to its depth. Never throws, whatever the text is. */
export const parse = (format: Format, text: string): Parsed => {
  try {
    return { data: readers[format](text) };
  } catch (error) {
    // Besides ours there are the parsers' own refusals, whose messages quote the answer.
    return { code: error instanceof Unreadable ? error.code : 'unreadable' };
  }
};

/**
 * Reads the body of a good answer. Its content decides what it is: JSON and plain text are often sent as `text/html`, and a sign-in page
 * as anything. Never throws.
 */
export const readBody = (format: Format, contentType: string, body: Uint8Array): Parsed => {
  const text = decodeBody(contentType, body);
  // Markup under a page's type is a page, unless it says that it is XML.
  if (format !== 'json' && isHtml(/^\s*<\?xml\s/.test(text) ? '' : contentType, text))
    return { code: 'html' };
  const parsed = parse(format, text);
  return 'code' in parsed && isHtml(contentType, text) ? { code: 'html' } : parsed;
};
