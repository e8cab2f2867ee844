import { createHmac } from 'node:crypto';
import type { Config } from '../config/config.js';
import { CONSOLE_HOST } from '../domain/console-host.js';
import type { Gadget } from '../domain/gadget.js';
import type { Host } from '../domain/host.js';
import type { Directory } from '../domain/ports.js';
import { Secret } from '../domain/secret.js';

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/**
 * The console as a host of gadgets. Its key follows from the first key of the ring, so that every process of one store takes the
 * tokens of each; it is written nowhere, and only signed-in administrators are given tokens. Null without a key or a console.
 */
const consoleHost = (
  { siteOrigin, keys, admin }: Pick<Config, 'siteOrigin' | 'keys' | 'admin'>,
  gadgets: readonly Gadget[],
): Host | null => {
  const [first] = keys;
  if (first === undefined || !admin.enabled) return null;
  const secret = createHmac('sha256', first.key.reveal()).update(CONSOLE_HOST).digest('base64url');
  return Object.freeze({
    id: CONSOLE_HOST,
    name: 'Oriel’s administration console',
    origins: [siteOrigin],
    key: { kind: 'secret', algorithms: ['HS256'], secret: new Secret(secret) } as const,
    gadgets: gadgets.map(({ id }) => id),
    providers: unique(gadgets.flatMap(({ providers }) => providers)),
    connectMode: 'opener',
    connectUrl: null,
  });
};

/** The directory with the console as one more host, which may show every gadget. */
export const withConsoleHost = (
  directory: Directory,
  config: Pick<Config, 'siteOrigin' | 'keys' | 'admin'>,
  gadgets: readonly Gadget[],
): Directory => {
  const own = consoleHost(config, gadgets);
  if (own === null) return directory;
  return { ...directory, host: (id) => (id === CONSOLE_HOST ? own : directory.host(id)) };
};
