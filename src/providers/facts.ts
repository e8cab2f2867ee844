import { parseUrl } from '../domain/parse-url.js';
import { isLoopback } from '../domain/url-problems.js';

/** What a value may be: one segment of a path or a value of a query (`id`), one label of a host's name (`label`), or where an API is (`origin`). */
export type FactKind = 'id' | 'label' | 'origin';

/** A value that is fixed when a person connects, and how it is found out. */
export interface FactRule {
  /** What says it: the token answer, a parameter of the callback, or a request to the API. */
  readonly from: 'token' | 'callback' | 'request';
  /** A path in the token answer or in an item of the request's, keys joined by dots; the parameter's name of a callback. */
  readonly at: string;
  readonly kind: FactKind;
  /** What people call it. */
  readonly title: string;
  /** Of the request: path and query below `api`, where in its answer the items are, and where an item says what it is called. */
  readonly target: string | null;
  readonly items: string;
  readonly label: string | null;
  /** Hosts that an origin may have: names, or `*.` and the end of their names. */
  readonly hosts: readonly string[];
}

export type FactRules = Readonly<Record<string, FactRule>>;

/** Values by the facts' names. */
export type FactValues = Readonly<Record<string, string>>;

/** Letters and digits at both ends, so that none is `.` or `..`; nothing that a URL or a header reads as a sign. */
const ID = /^[A-Za-z0-9](?:[A-Za-z0-9._~-]{0,198}[A-Za-z0-9])?$/;
const LABEL = /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?$/;
const ORIGIN = /^(?:(https?):\/\/)?([A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,8}(?::[0-9]{1,5})?)\/?$/;

/** Whether a host is one that a pattern names: itself, or below the end that follows `*.`. */
const isNamed = (host: string, pattern: string): boolean =>
  pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1)) && host.length > pattern.length - 1
    : host === pattern;

const originIn = (text: string, hosts: readonly string[]): string | null => {
  const [, scheme = 'https', written = ''] = ORIGIN.exec(text) ?? [];
  const host = written.toLowerCase();
  const url = host === '' ? null : parseUrl(`${scheme}://${host}`);
  // What the parser reads otherwise than it is written (a number as an address, a default port) is not what a pattern names.
  if (url === null || url.host !== host || !hosts.some((pattern) => isNamed(host, pattern))) return null;
  return url.protocol === 'https:' || isLoopback(url) ? url.origin : null;
};

/** A value as it may stand where its kind belongs; null for one that may not, whatever it is. */
export const factValue = (
  { kind, hosts }: Pick<FactRule, 'kind' | 'hosts'>,
  value: unknown,
): string | null => {
  const text = typeof value === 'number' && Number.isSafeInteger(value) ? String(value) : value;
  if (typeof text !== 'string') return null;
  if (kind === 'origin') return originIn(text, hosts);
  if (kind === 'label') return LABEL.test(text) ? text.toLowerCase() : null;
  return ID.test(text) ? text : null;
};

const PLACE = /\{facts\.([a-z][a-z0-9_-]{0,31})\}/g;

/** The facts that a base URL names. */
export const factsIn = (template: string): readonly string[] =>
  template.includes('{') ? [...template.matchAll(PLACE)].map(([, name = '']) => name) : [];

/** A base URL with its facts; null where one is not known. Each was checked when it was found, and is checked again here. */
export const expandBase = (template: string, rules: FactRules, values: FactValues): string | null => {
  let isWhole = true;
  const expanded = template.replaceAll(PLACE, (_, name: string) => {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    const value = rule && Object.hasOwn(values, name) ? factValue(rule, values[name]) : null;
    isWhole &&= value !== null;
    return value ?? '';
  });
  return isWhole && parseUrl(expanded) !== null ? expanded : null;
};

/** Ends of names below which anyone may have a host. */
const isShared = (name: string): boolean => {
  const labels = name.split('.');
  return labels.length < 2 || (labels.length === 2 && /^(?:ac|co|com|edu|gov|net|org)\.[a-z]{2}$/.test(name));
};

const HOST =
  /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::[1-9]\d{0,4})?$/;

/** What keeps a text from being a pattern of hosts that a token may go to; null where nothing does. */
export const hostPatternProblem = (pattern: string): string | null => {
  const rest = pattern.startsWith('*.') ? pattern.slice(2) : pattern;
  if (!HOST.test(rest))
    return 'this is neither a host such as api.example.com nor *. and the end of such names';
  return rest !== pattern && isShared(rest) ? 'anyone may have a host below this: name a longer end' : null;
};

/** A base URL that has facts in it, taken apart: what its host starts with, the host's own text, and the path. */
const TEMPLATE =
  /^(?:\{facts\.[a-z][a-z0-9_-]{0,31}\}|https?:\/\/(?:\{facts\.[a-z][a-z0-9_-]{0,31}\}\.)?([^/{}?#@\\]+))((?:\/[^?#\\]*)?)$/;

/**
 * What keeps a base URL with facts from being one that leads only where the record says; null where nothing does. A fact is the whole
 * origin, the first label of the host, or a whole segment of the path, and of the kind that fits there.
 */
export const basePlaceProblem = (
  template: string,
  rules: Readonly<Record<string, Pick<FactRule, 'kind'>>>,
): string | null => {
  const [whole, host, path = ''] = TEMPLATE.exec(template) ?? [];
  const shape =
    'a fact stands for the whole origin, the first label of the host, or a whole segment of the path';
  if (whole === undefined) return shape;
  const kindOf = (name: string | undefined): FactKind | null =>
    name !== undefined && Object.hasOwn(rules, name) ? (rules[name]?.kind ?? null) : null;
  const unknown = factsIn(template).find((name) => kindOf(name) === null);
  if (unknown !== undefined) return `there is no fact ${unknown} in \`facts\``;
  const [first] = factsIn(template.slice(0, template.length - path.length));
  if (host === undefined && kindOf(first) !== 'origin') return `the fact ${first} is no origin`;
  if (host !== undefined && first !== undefined) {
    if (kindOf(first) !== 'label') return `the fact ${first} is no label of a host’s name`;
    if (hostPatternProblem(`*.${host}`) !== null)
      return 'anyone may have a host below this: name a longer end';
  }
  const segments = path.split('/').slice(1);
  if (segments.some((segment) => /[{}]/.test(segment.replace(/^\{facts\.[a-z][a-z0-9_-]{0,31}\}$/, ''))))
    return shape;
  const odd = factsIn(path).find((name) => kindOf(name) === 'origin');
  return odd === undefined ? null : `the fact ${odd} is an origin, which is no segment of a path`;
};

/** Where a base URL with facts may lead, as origins with a `*` for what is not known. */
export const originsOfTemplate = (template: string, rules: FactRules): readonly string[] => {
  const [first] = factsIn(template);
  const hosts = template.startsWith('{') && first !== undefined ? (rules[first]?.hosts ?? []) : [];
  if (template.startsWith('{')) return hosts.map((host) => `https://${host}`);
  const url = parseUrl(template.replaceAll(PLACE, '*'));
  return url === null ? [] : [url.origin];
};
