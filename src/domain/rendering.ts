import type { ReconnectReason } from './connection.js';
import type { Gadget, ParameterValues } from './gadget.js';
import type { Viewer } from './viewer.js';

/** A parameter that the viewer may change in this frame, and whether its value is what they chose. */
export interface Changeable {
  readonly name: string;
  readonly isChosen: boolean;
}

/**
 * What is to be rendered: this gadget, for this viewer, with these parameters, which have what the viewer chose in place of what the page
 * set. `locale` is BCP 47, `timeZone` IANA.
 */
export interface RenderRequest {
  readonly gadget: Gadget;
  readonly viewer: Viewer;
  readonly parameters: ParameterValues;
  /** Absent where the viewer may change nothing. */
  readonly changeable?: readonly Changeable[];
  readonly locale: string;
  readonly timeZone: string;
}

/** A state other than content. `detail` is the provider's own sentence, plain text to be escaped. */
export type Obstacle =
  | { readonly state: 'connect'; readonly provider: string }
  | {
      readonly state: 'reconnect';
      readonly provider: string;
      readonly reason: ReconnectReason;
      /** What this gadget lacks, in words where the provider's record has any. */
      readonly lacking?: readonly string[];
    }
  | {
      readonly state: 'no-access';
      readonly provider: string;
      readonly detail: string | null;
      /** Where the answer looked like a dead token: stable, for log and audit. */
      readonly code?: string;
      /** Whether connecting again may help, because it could not be proven that the token is good. */
      readonly mayReconnect?: true;
    }
  | { readonly state: 'not-found'; readonly provider: string; readonly detail: string | null }
  | { readonly state: 'rate-limited'; readonly provider: string; readonly retryAfter: number | null }
  | { readonly state: 'provider-down'; readonly provider: string; readonly reason: string }
  | {
      readonly state: 'misconfigured';
      readonly provider: string;
      readonly code: string;
      readonly detail: string | null;
    };

export type RenderingState = 'content' | Obstacle['state'];

/** A rendering as a frame receives it: the bytes of one HTML fragment and their ETag. */
export interface Rendered {
  readonly state: RenderingState;
  readonly body: Uint8Array;
  /** Strong ETag over the bytes, with its quotes (RFC 9110 §8.8.3). */
  readonly etag: string;
  /** Oldest fetch among the answers shown, epoch milliseconds; null when there are none. */
  readonly fetchedAt: number | null;
  readonly stale: boolean;
  /** What is not shown because a provider could not be used; absent where nothing is missing. */
  readonly failed?: readonly ProviderFailure[];
}

/** A provider could not be used; `code` is stable. */
export interface ProviderFailure {
  readonly provider: string;
  readonly code: string;
}
