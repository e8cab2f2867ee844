import { oneLine } from '../../../domain/one-line.js';
import type { AnswerFact } from '../../../net/network-facts.js';

/** Characters of a server's own words that are shown. */
const MOST_SHOWN = 200;

/** Text on one line, cut to length; null when nothing is left. */
export const shown = (text: string): string | null => oneLine(text, MOST_SHOWN);

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', nbsp: ' ' };

/** Leaves out every element of this name. Found by splitting, since a server may build a page that a pattern is slow to read. */
const withoutElement = (page: string, name: string): string => {
  const [before = '', ...parts] = page.split(new RegExp(`<${name}(?=[\\s>/])`, 'i'));
  const end = new RegExp(`</${name}`, 'i');
  const after = parts.map((part) => {
    const at = part.search(end);
    return at < 0 ? '' : part.slice(at);
  });
  return [before, ...after].join(' ');
};

/** What a person would read of a page; its scripts hold sentences for every case, and go. */
export const visibleText = (page: string): string =>
  ['script', 'style', 'template', 'svg']
    .reduce(withoutElement, page)
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&#0*39;|&#x0*27;|&apos;/gi, "'")
    .replace(/&(amp|lt|gt|quot|nbsp);/gi, (entity, name: string) => ENTITIES[name.toLowerCase()] ?? entity)
    .replace(/\s+/g, ' ')
    .trim();

/** A JSON object, or null. */
export const objectIn = (text: string): Readonly<Record<string, unknown>> | null => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
};

/** Why there was no response, as the end of a sentence. */
export const because = ({ reason, code }: Extract<AnswerFact, { kind: 'none' }>): string => {
  const reasons: Readonly<Record<typeof reason, string>> = {
    'name-unknown': 'its name can’t be resolved',
    'address-refused': 'its address is not allowed',
    refused: 'nothing is listening there',
    timeout: 'it did not respond within ten seconds',
    reset: 'it closed the connection',
    unreachable: 'it can’t be reached',
    proxy: 'the proxy can’t reach it',
    'no-tls': 'it does not speak TLS',
    'no-http': 'it does not speak HTTP',
    certificate: 'its certificate is not trusted',
  };
  return `${reasons[reason]} (${code})`;
};
