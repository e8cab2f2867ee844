import type { Format } from '../domain/gadget.js';
import type { Data } from '../domain/ports.js';
import { readAtom } from './atom.js';
import { Unreadable } from './frozen.js';
import { readJson } from './json.js';
import { readXml } from './xml.js';

/** Data, or the stable name of what is wrong with the answer. */
export type Parsed = { readonly data: Data } | { readonly code: string };

const readers: Readonly<Record<Format, (text: string) => Data>> = {
  json: readJson,
  xml: readXml,
  atom: readAtom,
  text: (text) => text,
};

/** Whether an answer is a page for people, such as a sign-in page in place of what was asked for. */
export const isHtml = (contentType: string, text: string): boolean =>
  /^(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType) ||
  /^\s*<(?:!doctype\s+html|html)\b/i.test(text.slice(0, 200));

const charsetOf = (contentType: string, body: Buffer): string =>
  /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType)?.[1] ??
  /^<\?xml[^>]*\sencoding\s*=\s*["']([\w.-]+)["']/.exec(body.toString('latin1', 0, 100))?.[1] ??
  'utf-8';

/** The text of a body in the character set it declares, else in UTF-8; a byte order mark is dropped. */
export const decodeBody = (contentType: string, body: Buffer): string => {
  const charset = charsetOf(contentType, body).toLowerCase();
  if (charset === 'utf-8' || charset === 'utf8') return body.toString('utf8').replace(/^\ufeff/, '');
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
};

/** Reads a text as plain data, frozen to its depth. Never throws, whatever the text is. */
export const parse = (format: Format, text: string): Parsed => {
  try {
    return { data: readers[format](text) };
  } catch (error) {
    // Besides ours there are the parser's own refusals, whose messages quote the answer.
    return { code: error instanceof Unreadable ? error.code : 'unreadable' };
  }
};
