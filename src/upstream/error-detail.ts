import type { Data } from '../domain/data.js';
import { asRecord } from '../domain/data.js';
import { oneLine } from '../domain/one-line.js';
import { asList } from './readers/frozen.js';
import { isHtml, parse } from './readers/parse.js';

/** Characters of a provider's sentence that are shown. */
const MOST_SHOWN = 300;

/** Error bodies longer than this hold no sentence for people. */
const MOST_READ = 64 * 1024;

/** Where providers put their sentence, best first: OAuth, problem details (RFC 9457), Rails, and what is common. */
const NAMES = ['message', 'error_description', 'detail', 'error', 'errors', 'title', 'description', '#text'];

const said = (data: Data | undefined, depth = 0): string | null => {
  if (typeof data === 'string') return oneLine(data, MOST_SHOWN);
  if (depth > 4 || data === undefined) return null;
  if (Array.isArray(data)) {
    const sentences = data.slice(0, 5).flatMap((item) => said(item, depth + 1) ?? []);
    return oneLine(sentences.join(' '), MOST_SHOWN);
  }
  const record = asRecord(data);
  if (record === null) return null;
  for (const name of NAMES) {
    const found = said(record[name], depth + 1);
    if (found !== null) return found;
  }
  return null;
};

/** The sentence for people that stands in an answer's data; null where none does. */
export const detailIn = (data: Data): string | null => said(data);

/** The provider's own words about why it refused, as plain text to be escaped; null when it has none for people. */
export const detailOf = (contentType: string, text: string): string | null => {
  if (text.length > MOST_READ || isHtml(contentType, text)) return null;
  const start = text.trimStart()[0];
  if (start === '{' || start === '[') {
    const parsed = parse('json', text);
    return 'data' in parsed ? said(parsed.data) : null;
  }
  if (start === '<') {
    const parsed = parse('xml', text);
    return 'data' in parsed ? said(asList(Object.values(asRecord(parsed.data) ?? {})[0])[0]) : null;
  }
  return oneLine(text, MOST_SHOWN);
};
