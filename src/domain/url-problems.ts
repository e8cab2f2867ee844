import { parseUrl } from './parse-url.js';
/** Whether a URL's host can only be this machine: `localhost`, 127.0.0.0/8 or ::1, as the URL parser normalises them. */
export const isLoopback = (url: URL): boolean =>
  url.hostname === 'localhost' ||
  url.hostname === '[::1]' ||
  /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(url.hostname);

const safe = (url: URL): boolean =>
  url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));

const insecure = 'plain http is allowed on loopback only';

/** What names and addresses are made of. URLs may hold more in their host, such as what separates directives in our headers. */
const HOSTNAME = /^(?:[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?|\[[0-9a-f:.]+\])$/;

const spellingProblem = (text: string, url: URL): string | null => {
  if (text === `${url.origin}/`) return 'an origin has no slash at its end';
  if (`${url.pathname}${url.search}${url.hash}` !== '/' || url.username !== '' || url.password !== '') {
    return 'an origin is scheme, host and port only: no path, query or user';
  }
  if (!HOSTNAME.test(url.hostname)) return 'this holds characters that no name of a host has';
  return text === url.origin ? null : 'write the origin as browsers do: lower case, no default port';
};

/** What keeps a text from being an exact origin we accept, as a sentence; null when nothing does. */
export const originProblem = (text: string): string | null => {
  if (text.includes('*')) return 'a wildcard is no origin; name each one';
  const url = parseUrl(text);
  if (url === null || url.host === '') return 'this is no origin';
  if (!['http:', 'https:'].includes(url.protocol)) return 'an origin here starts with https://';
  const problems = [safe(url) ? null : insecure, spellingProblem(text, url)].filter((each) => each !== null);
  return problems.length === 0 ? null : problems.join('; ');
};

/** What keeps a text from being the URL of something we call or send people to; null when nothing does. */
export const urlProblem = (text: string): string | null => {
  const url = parseUrl(text);
  if (url === null || url.host === '') return 'this is no URL';
  if (url.username !== '' || url.password !== '') return 'a URL must not hold a user or password';
  if (text.includes('#')) return 'a URL here has no #fragment';
  return safe(url) ? null : insecure;
};

/** As `urlProblem`, for a URL that others are built on. */
export const baseUrlProblem = (text: string): string | null =>
  urlProblem(text) ?? (text.includes('?') ? 'a base URL has no ?query' : null);

/** A base URL without the slashes at its end, so that a path can follow. */
export const trimSlashes = (url: string): string => {
  let end = url.length;
  while (url[end - 1] === '/') end -= 1;
  return url.slice(0, end);
};
