import { parseUrl } from '../../domain/parse-url.js';
import { escapeHtml, html, isHtml, textOf } from '../html.js';

const LONGEST_ADDRESS = 2048;
const REL = 'noopener noreferrer nofollow';

/** The address as a browser will read it, when it is an ordinary web address; otherwise null. */
const webAddress = (value: unknown): string | null => {
  const raw = textOf(value);
  // Browsers drop tabs and line breaks inside an address and spaces around it; nothing honest holds any.
  if (raw.length > LONGEST_ADDRESS || /[\p{Cc}\s]/u.test(raw) || !/^https?:\/\//i.test(raw)) return null;
  const url = parseUrl(raw);
  if (url === null) return null;
  url.username = '';
  url.password = '';
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

/** A fragment that these same templates made, put into the page around it as it is. Only the launch page does this. */
export const fragment = (value: unknown): object => html(textOf(value));
