import type { AuditStore } from './audit/audit-store.js';
import type { Archive } from './backup/archive.js';
import type { BulkDisconnectStore } from './connections/bulk-disconnect-store.js';
import type { ClientStops } from './connections/client-stops.js';
import type { ConnectionLists } from './connections/connection-lists.js';
import type { ConnectionStore } from './connections/connection-store.js';
import type { FlowStore } from './flows/flow-store.js';
import type { SpentTokens, TicketStore } from './flows/one-time-tokens.js';
import type { FrameSessionStore } from './frame-session-store.js';
import type { InstanceStore } from './instance-store.js';
import type { JobStore } from './jobs/job-store.js';
import type { MeterStore } from './meter-store.js';
import type { AdminStore } from './people/admin-store.js';
import type { ApiKeyStore } from './people/api-key-store.js';
import type { SignInThrottle } from './people/sign-in-limits.js';
import type { WebSessionStore } from './people/web-session-store.js';
import type { DryRunThrottle, PasteThrottle, RequestThrottle } from './rate-limits.js';
import type { Fingerprints } from './sealing/fingerprints.js';
import type { ResealStore } from './sealing/reseal.js';
import type { SealingKey } from './sealing/sealing-key.js';
import type { SetupStore } from './setup-record-store.js';
import type { ViewerChoiceStore } from './viewer-choice-store.js';

/**
 * All that the server keeps. Every method of a store is one atomic statement, so it holds under any interleaving and on any number of
 * processes. Times are epoch milliseconds. Tokens and verifiers are sealed by the store, never kept in clear.
 */
export interface Stores {
  readonly connections: ConnectionStore;
  readonly flows: FlowStore;
  readonly frameSessions: FrameSessionStore;
  readonly viewerChoices: ViewerChoiceStore;
  readonly tickets: TicketStore;
  readonly spentTokens: SpentTokens;
  readonly webSessions: WebSessionStore;
  readonly clientStops: ClientStops;
  readonly connectionLists: ConnectionLists;
  readonly setup: SetupStore;
  readonly audit: AuditStore;
  readonly admins: AdminStore;
  readonly apiKeys: ApiKeyStore;
  readonly signInThrottle: SignInThrottle;
  readonly dryRunThrottle: DryRunThrottle;
  readonly pasteThrottle: PasteThrottle;
  readonly requestThrottle: RequestThrottle;
  readonly bulkDisconnects: BulkDisconnectStore;
  readonly meter: MeterStore;
  readonly instances: InstanceStore;
  readonly jobs: JobStore;
  readonly reseal: ResealStore;
  readonly archive: Archive;
  readonly fingerprints: Fingerprints;
  /**
   * From now on, what other processes change is known soon after, not only when it is looked for; `onNotice` is called then, to look for what
   * is not remembered here. Where the database has no such thing nothing changes.
   */
  listen(onNotice: () => void): void;
  /** Opens and seals with this ring from now on. Throws, and keeps the ring in use, when it cannot be used. */
  useKeys(keys: readonly SealingKey[]): void;
  /** Resolves when the database answers, takes what is written, and its schema is ours. Throws `DatabaseTrouble`. */
  ping(): Promise<void>;
  close(): Promise<void>;
}
