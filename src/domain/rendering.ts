import type { ReconnectReason } from './connection.js';
import type { Gadget, ParameterValues } from './gadget.js';
import type { Viewer } from './viewer.js';

/** The question: this gadget, for this viewer, with these parameters. `locale` is BCP 47, `timeZone` IANA. */
export interface RenderRequest {
  readonly gadget: Gadget;
  readonly viewer: Viewer;
  readonly parameters: ParameterValues;
  readonly locale: string;
  readonly timeZone: string;
}

/** A state other than content. `detail` is the provider's own sentence, plain text to be escaped. */
export type Obstacle =
  | { readonly state: 'connect'; readonly provider: string }
  | { readonly state: 'reconnect'; readonly provider: string; readonly reason: ReconnectReason }
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

/** The answer, before it is made into HTML. Times are epoch milliseconds. */
export type Rendering =
  | {
      readonly state: 'content';
      /** Oldest fetch among the answers shown; null when the gadget asks nobody. */
      readonly fetchedAt: number | null;
      readonly stale: boolean;
      readonly missing: readonly Obstacle[];
    }
  | Obstacle;

export type RenderingState = Rendering['state'];

/** A Rendering as the frame receives it: bytes of one HTML fragment, their ETag, and until when they may be shown again. */
export interface Rendered {
  readonly state: RenderingState;
  readonly body: Uint8Array;
  /** Strong ETag over the bytes, with its quotes (RFC 9110 §8.8.3). */
  readonly etag: string;
  readonly fetchedAt: number | null;
  readonly stale: boolean;
  /** What is not shown for want of a provider; absent where nothing is missing. */
  readonly failed?: readonly ProviderFailure[];
}

/** A provider could not be used; `code` is stable. */
export interface ProviderFailure {
  readonly provider: string;
  readonly code: string;
}

/** The failures among these obstacles: what no viewer can help, and answers that looked like a dead token. */
export const failuresIn = (obstacles: readonly Obstacle[]): readonly ProviderFailure[] =>
  obstacles.flatMap((obstacle) => {
    const { provider } = obstacle;
    if (obstacle.state === 'provider-down') return [{ provider, code: obstacle.reason }];
    if (obstacle.state === 'no-access')
      return obstacle.code === undefined ? [] : [{ provider, code: obstacle.code }];
    return obstacle.state === 'misconfigured' ? [{ provider, code: obstacle.code }] : [];
  });
