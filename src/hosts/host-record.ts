import { Secret } from '../domain/secret.js';
import type { Host, HostKey } from './host.js';
import type { HostEntry } from './host-schema.js';

const unique = (items: readonly string[]): readonly string[] => [...new Set(items)];

const keyOf = (key: HostEntry['key']): HostKey => {
  if ('secret' in key) return { kind: 'secret', algorithms: ['HS256'], secret: new Secret(key.secret) };
  if ('jwks' in key) return { kind: 'jwks', algorithms: key.algorithms, url: key.jwks };
  return { kind: 'public-key', algorithms: key.algorithms, publicKey: key.publicKey };
};

/** A host's record out of its entry. */
export const hostRecord = (id: string, entry: HostEntry): Host => ({
  id,
  name: entry.name ?? id,
  origins: unique(entry.origins),
  key: keyOf(entry.key),
  gadgets: unique(entry.gadgets),
  providers: unique(entry.providers),
  connectMode: entry.connect?.mode ?? 'opener',
  connectUrl: entry.connect?.url ?? null,
});
