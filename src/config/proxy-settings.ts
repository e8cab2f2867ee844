import * as z from 'zod';
import type { Mistake } from '../domain/document-path.js';
import { parseUrl } from '../domain/parse-url.js';
import { Secret } from '../domain/secret.js';
import { defaulted, described, text } from '../domain/zod-types.js';
import type { OutgoingProxy } from '../net/proxy.js';
import type { Environment } from './interpolate.js';

/** What keeps a text from being the address of a proxy; it is never quoted, since it may hold a password. */
export const proxyProblem = (value: string): string | null => {
  const url = parseUrl(value);
  if (url === null || url.host === '') return 'this is no URL of a proxy';
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return 'only proxies that are spoken to by http:// or https:// are known';
  return `${url.pathname}${url.search}${url.hash}` === '/' ? null : 'the URL of a proxy has no path';
};

const proxyUrl = text(proxyProblem);
const exception = text((value) =>
  /^[^\s,]{1,300}$/.test(value) ? null : 'this is no name, address or range',
);

/** `outgoingProxy:` of `oriel.yaml`. */
export const outgoingProxySchema = z.union(
  [
    z.enum(['none']),
    z.literal(false),
    proxyUrl,
    z.strictObject({
      url: described(
        proxyUrl,
        'The proxy: http:// or https://, with user and password where it wants them',
        'http://proxy.example.com:3128',
      ),
      except: defaulted(
        z.array(exception),
        'What is reached directly: names with all below them, addresses, ranges (CIDR), each with a port or for all; * is everything',
        [],
        ['.intra.example', '10.0.0.0/8'],
      ),
    }),
  ],
  'this is no URL of a proxy, and not none',
);

export type ProxyEntry = z.output<typeof outgoingProxySchema>;

type Entry = ProxyEntry | undefined;

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const proxyOf = (value: string, except: readonly string[], from: string): OutgoingProxy => {
  const { origin, username, password } = new URL(value);
  const pair = Buffer.from(`${decoded(username)}:${decoded(password)}`).toString('base64');
  const authorization = username === '' && password === '' ? null : new Secret(`Basic ${pair}`);
  return { origin, authorization, except, from };
};

/** Small letters win, as with curl; an empty variable is none. */
const variable = (
  env: Environment,
  name: string,
): { readonly name: string; readonly value: string } | null => {
  for (const each of [name.toLowerCase(), name]) {
    const value = Object.hasOwn(env, each) ? env[each]?.trim() : undefined;
    if (value) return { name: each, value };
  }
  return null;
};

/** The proxy that the environment names for https; a text without a scheme is one that is spoken to by http. */
const namedIn = (env: Environment) => {
  const found = variable(env, 'HTTPS_PROXY');
  return (
    found && {
      ...found,
      value: /^[a-z][a-z0-9+.-]*:\/\//i.test(found.value) ? found.value : `http://${found.value}`,
    }
  );
};

/** The proxy in force: what the file says, and where it says nothing the environment. */
export const outgoingProxy = (entry: Entry, env: Environment): OutgoingProxy | null => {
  if (entry === 'none' || entry === false) return null;
  if (typeof entry === 'string') return proxyOf(entry, [], 'outgoingProxy');
  if (entry !== undefined) return proxyOf(entry.url, entry.except, 'outgoingProxy');
  const found = namedIn(env);
  if (found === null || proxyProblem(found.value) !== null) return null;
  const except = (variable(env, 'NO_PROXY')?.value ?? '').split(/[\s,]+/).filter((each) => each !== '');
  return proxyOf(found.value, except, found.name);
};

/** What is wrong with the environment's proxy, where the file does not say another. */
export const proxyMistakes = (data: unknown, env: Environment): readonly Mistake[] => {
  if (typeof data === 'object' && data !== null && 'outgoingProxy' in data) return [];
  const found = namedIn(env);
  const problem = found && proxyProblem(found.value);
  return problem === null
    ? []
    : [
        {
          path: ['outgoingProxy'],
          problem: `of the environment’s variable ${found?.name}: ${problem}`,
          expected:
            'a proxy as http://proxy.example.com:3128 in that variable; or `outgoingProxy` in this file, which wins over it',
          example: 'outgoingProxy: none',
        },
      ];
};
