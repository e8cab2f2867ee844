import { createHmac } from 'node:crypto';
import type { Config } from '../config/config.js';
import type { Directory } from '../config/directory.js';
import type { Gadget } from '../domain/gadget.js';
import { Secret } from '../domain/secret.js';
import { CONSOLE_HOST } from '../hosts/console-host.js';
import type { Host } from '../hosts/host.js';
import type { SealingKey } from '../store/sealing/sealing-key.js';

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

/**
 * The console as a host of gadgets. Its key follows from the first key of the ring, so that every process of one store takes the
 * tokens of each; it is written nowhere, and only signed-in administrators are given tokens.
 */
const consoleHost = (siteOrigin: string, first: SealingKey, gadgets: readonly Gadget[]): Host => {
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

/**
 * The directory with the console as one more host, which may show every gadget; without a key or a console there is none. `keys` gives
 * the ring as it is now: a key that is no longer first, perhaps because it leaked, signs nothing from that moment.
 */
export const withConsoleHost = (
  directory: Directory,
  { siteOrigin, admin }: Pick<Config, 'siteOrigin' | 'admin'>,
  gadgets: readonly Gadget[],
  keys: () => readonly SealingKey[],
): Directory => {
  if (!admin.enabled) return directory;
  let held: { readonly first: SealingKey; readonly host: Host } | null = null;
  const own = (): Host | undefined => {
    const [first] = keys();
    if (first === undefined) return undefined;
    if (held?.first !== first) held = { first, host: consoleHost(siteOrigin, first, gadgets) };
    return held.host;
  };
  return { ...directory, host: (id) => (id === CONSOLE_HOST ? own() : directory.host(id)) };
};
