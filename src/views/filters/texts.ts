import { LRUCache } from 'lru-cache';
import { parseUrl } from '../../domain/parse-url.js';
import { escapeHtml, html, isHtml, textOf } from '../html.js';
import { firstGroup } from '../patterns.js';

const LONGEST_NAME = 80;

/** Characters that have no place in a name: controls, line ends, and those that turn the direction of what follows. */
const CONTROL_CHARACTERS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

const shortened = (text: string, longest: number): string => {
  const characters = [...text];
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
};

/** The text of an XML element or of a plain value; what has none is the empty string. */
export const text = textOf;

/** A name from outside as plain text, made harmless: at most 80 characters, none of which turn the direction of what follows. */
export const plainName = (value: unknown): string =>
  shortened(textOf(value).replace(CONTROL_CHARACTERS, ' ').trim(), LONGEST_NAME);

/**
 * A name from outside, made harmless: at most 80 characters, isolated from the direction of the text around it (`<bdi>`),
 * inside `element` where one is named. Nothing where there is no name.
 */
export const name = (value: unknown, element?: 'strong'): object => {
  const plain = plainName(value);
  if (plain === '') return html('');
  const isolated = `<bdi>${escapeHtml(plain)}</bdi>`;
  return html(element === 'strong' ? `<strong>${isolated}</strong>` : isolated);
};

/** The first group of `pattern` in a text, or the empty string. */
export const capture = (value: unknown, pattern: RegExp): string => firstGroup(pattern, textOf(value)) ?? '';

/** A count with its word: `3 | plural("card", "cards")` is "3 cards". */
export const plural = (count: unknown, one: string, many: string): string => {
  const number = Number(textOf(count));
  return `${number} ${number === 1 ? one : many}`;
};

/** A name as many systems write it in their answers: `Story Status` is `story_status`. */
export const snake = (value: unknown): string =>
  textOf(value)
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '_');

/** The first line of a text that is not blank. */
export const firstLine = (value: unknown): string => /\S[^\r\n]*/.exec(textOf(value))?.[0].trim() ?? '';

const NAMED: Readonly<Record<string, string>> = {
  ...{ amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: '\u00a0', shy: '\u00ad' },
  ...{ hellip: '…', mdash: '—', ndash: '–', bull: '•', middot: '·', times: '×', rarr: '→', larr: '←' },
  ...{ lsquo: '‘', rsquo: '’', sbquo: '‚', ldquo: '“', rdquo: '”', bdquo: '„', laquo: '«', raquo: '»' },
  ...{ copy: '©', reg: '®', trade: '™', euro: '€', pound: '£', sect: '§', para: '¶', deg: '°' },
  ...{ auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß' },
  ...{
    aacute: 'á',
    eacute: 'é',
    iacute: 'í',
    oacute: 'ó',
    uacute: 'ú',
    ntilde: 'ñ',
    iexcl: '¡',
    iquest: '¿',
  },
  ...{ agrave: 'à', egrave: 'è', ugrave: 'ù', acirc: 'â', ecirc: 'ê', icirc: 'î', ocirc: 'ô', ucirc: 'û' },
  ...{ ccedil: 'ç', euml: 'ë', iuml: 'ï', oelig: 'œ', aelig: 'æ', oslash: 'ø', aring: 'å', atilde: 'ã' },
};

const characterOf = (code: number): string | undefined =>
  code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff) ? String.fromCodePoint(code) : undefined;

/** The text that was escaped for HTML, once: `&amp;` and `&#8217;` as the characters they stand for. It is text, and escaped when it is shown. */
export const unescaped = (value: unknown): string =>
  textOf(value).replace(
    /&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([a-zA-Z]{2,8}));/g,
    (found, decimal, hex, word) => {
      if (word !== undefined) return (Object.hasOwn(NAMED, word) ? NAMED[word] : undefined) ?? found;
      return characterOf(decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)) ?? found;
    },
  );

const LONGEST_ADDRESS = 2048;
const REL = 'noopener noreferrer nofollow';

/** An origin, and a path and query that the URL parser leaves as they are: no step starts with a dot, and nothing is encoded (WHATWG URL §4.4). */
const SETTLED = /^(https?:\/\/[a-z0-9.:-]+)((?:\/[\w~-][\w.~-]*)*\/?(?:\?[\w.~=&-]*)?)$/;
const MOST_ORIGINS = 100;

/** Origins that a browser reads as they are written. */
const settledOrigins = new LRUCache<string, boolean>({ max: MOST_ORIGINS });
/** The last of them: most links of a view lead to the same one. */
let lastSettled = '';

const isSettledOrigin = (origin: string): boolean => {
  if (origin === lastSettled) return true;
  const isSettled = settledOrigins.get(origin) ?? parseUrl(origin)?.origin === origin;
  settledOrigins.set(origin, isSettled);
  if (isSettled) lastSettled = origin;
  return isSettled;
};

/** The address as a browser will read it, when it is an ordinary web address; otherwise null. */
const webAddress = (value: unknown): string | null => {
  const raw = textOf(value);
  if (raw.length > LONGEST_ADDRESS) return null;
  const [, origin = '', rest = ''] = SETTLED.exec(raw) ?? [];
  if (rest !== '' && rest.startsWith('/') && isSettledOrigin(origin)) return raw;
  // Browsers drop tabs and line breaks inside an address and spaces around it; nothing honest holds any.
  if (/[\p{Cc}\s]/u.test(raw) || !/^https?:\/\//i.test(raw)) return null;
  const url = parseUrl(raw);
  if (url === null) return null;
  // Each of them has the whole address put together again.
  if (url.username !== '') url.username = '';
  if (url.password !== '') url.password = '';
  return url.href;
};

/** A path of our own origin as an address; of anything that could lead elsewhere only `/`. */
export const path = (value: unknown): string => {
  const text = textOf(value);
  return /^\/(?![/\\])[^\p{C}\s\\]*$/u.test(text) ? text : '/';
};

/**
 * `address | link("text")`: a link that opens elsewhere. Only http and https addresses become links, without user name and
 * password; of anything else the text is shown. Without a text the address is its own.
 */
export const link = (address: unknown, label?: unknown, className?: string): object => {
  const words = isHtml(label) ? String(label) : escapeHtml(textOf(label ?? address));
  const href = webAddress(address);
  if (href === null) return html(words);
  const styled = className ? ` class="${escapeHtml(className)}"` : '';
  return html(`<a${styled} href="${escapeHtml(href)}" target="_blank" rel="${REL}">${words}</a>`);
};

const ADDRESS = /(https?:\/\/[^\s<>"']*[^\s<>"'.,;:!?)])/;

/** A sentence of our own whose web addresses can be followed. */
export const linked = (sentence: unknown): object =>
  html(
    textOf(sentence)
      .split(ADDRESS)
      .map((part, index) => (index % 2 === 0 ? escapeHtml(part) : String(link(part))))
      .join(''),
  );

const LINE_SEPARATORS = /[<\u2028\u2029]/g;

/** Data for a script, in a JSON data block: nothing in it can end the block. */
export const json = (value: unknown): object =>
  html(
    JSON.stringify(value).replace(
      LINE_SEPARATORS,
      (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  );
