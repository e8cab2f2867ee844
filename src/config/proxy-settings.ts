import type { Mistake } from '../domain/document-path.js';
import { Secret } from '../domain/secret.js';
import type { OutgoingProxy } from '../net/proxy.js';
import type { Environment } from './interpolate.js';
import { type ProxyEntry, proxyProblem } from './proxy-schema.js';

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
