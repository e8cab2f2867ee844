import type { Management } from './management.js';

/** What may be asked of this process; seconds to wait where it is too much, null otherwise. */
export interface ApiLimits {
  /** One more request with this key, by its id. */
  key(id: string): number | null;
  /** One more request from this address with a key that is none. */
  badKey(address: string): number | null;
}

/** What the administration API needs. */
export interface ApiWeb {
  readonly siteOrigin: string;
  readonly version: string;
  readonly manage: Management;
  readonly limits: ApiLimits;
  /** JSON Schemas of what `ProviderEntry` and `HostEntry` hold, asked for when the document is. */
  readonly entrySchemas: () => Readonly<Record<string, unknown>>;
}
