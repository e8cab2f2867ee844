import type { Directory } from '../config/directory.js';
import type { Audit } from '../domain/audit-event.js';
import type { Clock, Digest, Entropy, Journal } from '../domain/system.js';
import type { Stores } from '../store/stores.js';

/** All that staying in charge asks of the world; what only one story needs is among its own ports. */
export interface ManagePorts {
  readonly stores: Omit<Stores, 'ping' | 'close'>;
  readonly directory: Directory;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly digest: Digest;
  readonly journal: Journal;
  readonly siteOrigin: string;
  readonly gadgetOrigin: string;
}
