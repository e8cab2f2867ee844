import type { LookupFunction } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { OutgoingProxy } from './proxy.js';

/** Says which addresses are called, and how they are reached. */
export interface Judge {
  /** Resolves a name for `net.connect`, and fails with `AddressRefused` when any of its addresses is refused. */
  readonly lookup: LookupFunction;
  /** Whether this URL cannot be called as it stands: in clear off this machine, or a refused literal address, for which no lookup happens. */
  refuses(url: URL): boolean;
  /** Whether a connected peer may be spoken to; the last look, after the connection is there. */
  admits(address: string): boolean;
  /** The proxy that this URL is reached through; null where it is reached directly. */
  proxyFor(url: URL): OutgoingProxy | null;
  /** Whose certificates are believed; undefined means those the system trusts. */
  readonly secureContext: SecureContext | undefined;
}
