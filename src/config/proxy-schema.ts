import { z } from 'zod';
import { parseUrl } from '../domain/parse-url.js';
import { defaulted, described, text } from '../domain/value-kinds.js';

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
