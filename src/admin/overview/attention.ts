import type { ManagePorts } from '../admin-ports.js';
import type { Records } from '../records/record-types.js';

/** What it is about: where an administrator goes to mend it. */
export type AttentionTo =
  | { readonly kind: 'provider' | 'host'; readonly id: string }
  | { readonly kind: 'departure'; readonly id: string }
  | { readonly kind: 'connections' }
  | { readonly kind: 'api-keys' }
  | { readonly kind: 'audit' }
  | { readonly kind: 'server' };

/** Something that only an administrator can mend. */
export interface Attention {
  /** `bad`: somebody is kept from what they want just now. */
  readonly kind: 'bad' | 'warning';
  /** Stable name of what it is. */
  readonly code: string;
  /** What is wrong, and what to do about it, a sentence or two each. */
  readonly message: string;
  readonly mend: string;
  readonly to: AttentionTo;
  /** Since when, where that is known. */
  readonly since: number | null;
}

export interface AttentionPorts extends Pick<ManagePorts, 'stores' | 'directory' | 'clock'> {
  readonly records: Pick<Records, 'list'>;
  /** When a certificate (PEM) ends; null of one that cannot be read. */
  readonly certificateEnd: (pem: string) => number | null;
}
