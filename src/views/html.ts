import nunjucks from 'nunjucks';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Most texts have none of them. */
const ESCAPED = /[&<>"']/;

/** Text as HTML, in content and in quoted attributes alike. */
export const escapeHtml = (text: string): string =>
  ESCAPED.test(text) ? text.replace(/[&<>"']/g, (found) => ENTITIES[found] ?? '') : text;

/** HTML that a filter made itself and the template must not escape again. Only filters may call this. */
export const html = (markup: string): object => new nunjucks.runtime.SafeString(markup);

/** Whether a filter, or a sentence of the catalogue, made this. */
export const isHtml = (value: unknown): value is object => value instanceof nunjucks.runtime.SafeString;

/**
 * The text of a value from a model: XML elements with attributes carry theirs as `#text`; what has no text (nothing, lists,
 * records) is the empty string.
 */
export const textOf = (value: unknown): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint')
    return String(value);
  if (value instanceof nunjucks.runtime.SafeString) return value.toString();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return '';
  return textOf(Object.hasOwn(value, '#text') ? (value as Record<string, unknown>)['#text'] : undefined);
};
