import type { ReconnectReason } from '../../domain/connection.js';
import type { Format } from '../../domain/gadget.js';
import type { RejectionSign } from '../../providers/provider.js';
import type { Access } from '../../upstream/upstream-call.js';

/** A token that works now, or why there is none. */
export type AccessOutcome =
  | { readonly kind: 'access'; readonly access: Access }
  | { readonly kind: 'none' }
  | { readonly kind: 'reconnect'; readonly reason: ReconnectReason }
  /** `refused`: the server answered, and refused to renew the token in words that leave open why. */
  | { readonly kind: 'down'; readonly reason: string; readonly refused?: true }
  | { readonly kind: 'rate-limited'; readonly retryAfter: number | null }
  | { readonly kind: 'stopped'; readonly code: string };

/** A request that the provider answered, with the token of an Access. */
export interface AskedAddress {
  readonly target: string;
  readonly format: Format;
}

/** An answer that rejected a token: how clearly, and what had been asked for. */
export interface RejectedAt extends AskedAddress {
  readonly sign: RejectionSign;
}

/**
 * `resource-refused`: the token is good, or there is no proof that it is not, so that the answer was the resource's own; `proven` says
 * which.
 */
export type RenewalOutcome = AccessOutcome | { readonly kind: 'resource-refused'; readonly proven: boolean };
