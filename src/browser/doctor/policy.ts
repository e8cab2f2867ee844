/** One Content-Security-Policy: directive → its sources. */
export type Policy = ReadonlyMap<string, readonly string[]>;

const readOne = (text: string): Policy => {
  const policy = new Map<string, readonly string[]>();
  for (const part of text.split(';')) {
    const [name = '', ...sources] = part.trim().split(/\s+/);
    const directive = name.toLowerCase();
    // If a directive occurs twice, the first one counts (CSP3 §2.2.1).
    if (directive !== '' && !policy.has(directive)) policy.set(directive, sources);
  }
  return policy;
};

/** All policies of a header's value: they are separated by commas, and each of them must allow a request. */
export const readPolicies = (value: string): readonly Policy[] =>
  value
    .split(',')
    .map(readOne)
    .filter(({ size }) => size > 0);

const HOST_SOURCE = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(\*|(?:\*\.)?[^:/*]+)(?::(\d+|\*))?(\/.*)?$/i;

const schemeFits = (scheme: string, url: URL): boolean =>
  url.protocol === `${scheme}:` || (scheme === 'http' && url.protocol === 'https:');

const hostFits = (host: string, url: URL): boolean => {
  if (host === '*') return true;
  const wanted = host.toLowerCase();
  return wanted.startsWith('*.') ? url.hostname.endsWith(wanted.slice(1)) : url.hostname === wanted;
};

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443' };

const portFits = (port: string | undefined, url: URL): boolean => {
  const own = url.port || (DEFAULT_PORTS[url.protocol] ?? '');
  if (port === '*') return true;
  return port === undefined ? own === DEFAULT_PORTS[url.protocol] : own === port;
};

const pathFits = (path: string | undefined, url: URL): boolean => {
  if (path === undefined || path === '/') return true;
  return path.endsWith('/') ? url.pathname.startsWith(path) : url.pathname === path;
};

/** Whether a source expression matches (CSP3 §6.7.2.8), for a page of the origin `self`, which a sandbox may have made `null`. */
const matches = (source: string, url: URL, self: string): boolean => {
  const lower = source.toLowerCase();
  if (lower === "'self'") return url.origin === self;
  if (lower === '*') return url.protocol === 'http:' || url.protocol === 'https:';
  if (/^[a-z][a-z0-9+.-]*:$/.test(lower)) return schemeFits(lower.slice(0, -1), url);
  const [, scheme, host, port, path] = HOST_SOURCE.exec(source) ?? [];
  if (host === undefined || source.startsWith("'")) return false;
  const wanted = scheme?.toLowerCase() ?? (self === 'null' ? url : new URL(self)).protocol.slice(0, -1);
  return schemeFits(wanted, url) && hostFits(host, url) && portFits(port, url) && pathFits(path, url);
};

/** The directives for frames and forms; the first one that is present counts, and without any everything is allowed. */
const CHAINS = {
  'frame-src': ['frame-src', 'child-src', 'default-src'],
  'form-action': ['form-action'],
} as const;

export type Governed = keyof typeof CHAINS;

/** The directive of this policy that blocks `url`, or null if it is allowed. */
export const forbids = (policy: Policy, governed: Governed, url: URL, self: string): string | null => {
  const directive = CHAINS[governed].find((name) => policy.has(name));
  if (directive === undefined) return null;
  const sources = policy.get(directive) ?? [];
  return sources.some((source) => matches(source, url, self)) ? null : directive;
};
