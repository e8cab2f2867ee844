import type { Deps } from '../admin-deps.js';
import type { ListingDeps } from '../records/use-cases.js';

/** What it is about: where an administrator goes to fix it. */
export type AttentionTo =
  | { readonly kind: 'provider' | 'host'; readonly id: string }
  | { readonly kind: 'bulk-disconnect'; readonly id: string }
  | { readonly kind: 'connections' }
  | { readonly kind: 'api-keys' }
  | { readonly kind: 'audit' }
  | { readonly kind: 'server' };

/** Something that only an administrator can fix. */
export interface Attention {
  /** `bad`: someone is affected right now. */
  readonly kind: 'bad' | 'warning';
  /** Stable name of what it is. */
  readonly code: string;
  /** What happened and why, and what to do about it, a sentence or two each. */
  readonly message: string;
  readonly fix: string;
  readonly to: AttentionTo;
  /** Since when, where that is known. */
  readonly since: number | null;
}

/** What it takes to find what needs attention. */
export type AttentionDeps = ListingDeps &
  Deps<
    'clock' | 'directory',
    | 'admins'
    | 'apiKeys'
    | 'audit'
    | 'clientStops'
    | 'connectionLists'
    | 'bulkDisconnects'
    | 'instances'
    | 'reseal'
  >;
