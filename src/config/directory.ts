import type { Gadget } from '../domain/gadget.js';
import type { Host } from '../hosts/host.js';
import type { Provider } from '../providers/provider.js';

/** The configured hosts, providers and the gadgets on disk. Looked up by exact id; undefined when unknown. */
export interface Directory {
  host(id: string): Host | undefined;
  provider(id: string): Provider | undefined;
  /** What people call a provider, also while its metadata cannot be read; its id where nothing else is known. */
  providerName(id: string): string;
  /** A provider that is being removed: it serves no one, and is known only so that permissions can be revoked. */
  leaving(id: string): Provider | undefined;
  gadget(id: string): Gadget | undefined;
  /** All gadgets, by title. */
  gadgets(): readonly Gadget[];
}
