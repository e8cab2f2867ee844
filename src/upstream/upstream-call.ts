import type { Connection } from '../domain/connection.js';
import type { Data } from '../domain/data.js';
import type { Format, Pages } from '../domain/gadget.js';
import type { RefusalRule } from '../domain/refusal-rule.js';
import type { BoundToken } from '../providers/binding.js';
import type { Provider, RejectionSign } from '../providers/provider.js';

/** The right to call a provider as one viewer: nothing can be fetched without naming the viewer. */
export interface Access extends BoundToken {
  readonly connection: Connection;
  /** As `TokenSet` has it. */
  readonly grantedBy?: string;
}

/** One call of the provider's API. `target` is path and query below the provider's `api`, already expanded and checked. */
export interface UpstreamRequest {
  readonly provider: Provider;
  readonly target: string;
  /** Followed links must stay below this literal path prefix (of the whole URL's path). */
  readonly prefix: string;
  readonly accept: string;
  readonly format: Format;
  /** How this API says no within a 200; null leaves it to the provider's record. */
  readonly refused?: RefusalRule | null;
  /** Seconds; see `RequestPlan`. */
  readonly ttl: number;
  /** How further pages are read, and how many may be asked for in all, beside the first; null where only the first is read. */
  readonly pages: (Pages & { readonly allowed: number }) | null;
  /** Version of the gadget that asks; part of the cache key. */
  readonly gadgetVersion: string;
  /** Fixed headers beside `accept`, by their names in lower case; part of the cache key. */
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON that a POST sends; absent for a GET. Part of the cache key. */
  readonly body?: string;
  /** The Connections whose answers this request is made of; part of the cache key. Absent where it is made of none. */
  readonly basis?: string;
}

/**
 * The provider rejects the access token, as far as one answer can tell. `otherwise` is what the answer means where the token turns out
 * to be good: then the resource spoke for itself.
 */
export interface TokenRejection {
  readonly kind: 'unauthorized';
  readonly sign: RejectionSign;
  readonly status: number;
  readonly otherwise:
    | { readonly kind: 'forbidden'; readonly detail: string | null }
    | { readonly kind: 'unusable'; readonly code: string; readonly detail: string | null };
}

/** What the provider answered. Times are epoch milliseconds; `retryAfter` is seconds. */
export type UpstreamOutcome =
  | {
      readonly kind: 'data';
      readonly data: Data;
      readonly fetchedAt: number;
      /** When it was asked for, by the monotonic clock. */
      readonly sentAt: number;
      /** Until when it may be shown without asking again, by the monotonic clock. */
      readonly freshUntil: number;
      /** True when the provider could not be asked and an older answer of the same Connection is shown. */
      readonly stale: boolean;
      /** Bytes of the answer, of all its pages, uncompressed. */
      readonly bytes: number;
      /** Its `Link` header, where it has one. */
      readonly link?: string | null;
      /** Pages that were asked for, and whether there are more. */
      readonly pages: number;
      readonly more: boolean;
    }
  | TokenRejection
  | { readonly kind: 'insufficient-scope' }
  | { readonly kind: 'forbidden'; readonly detail: string | null }
  | { readonly kind: 'not-found'; readonly detail: string | null }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | { readonly kind: 'down'; readonly reason: string }
  | { readonly kind: 'unusable'; readonly code: string; readonly detail: string | null };
