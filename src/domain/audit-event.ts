import type { Actor, ActorKind } from './actor.js';
import type { Viewer } from './viewer.js';

/** Everything the audit log can report, by stable names: subject, dot, what happened. */
export const AUDIT_ACTIONS = [
  'admin.invited',
  'admin.created',
  'admin.changed',
  'admin.removed',
  'admin.signed-in',
  'admin.sign-in-refused',
  'admin.signed-out',
  'admin.confirmed',
  'api-key.created',
  'api-key.revoked',
  'provider.created',
  'provider.changed',
  'provider.removed',
  'provider.retried',
  'provider.tested',
  'provider.issuer-observed',
  'host.created',
  'host.changed',
  'host.removed',
  'configuration.reloaded',
  'configuration.refused',
  'flow.started',
  'flow.finished',
  'flow.refused',
  'flow.ended',
  'gadget.failed',
  'company.connected',
  'connection.refresh-failed',
  'connection.changed',
  'connection.ended',
  'connection.disconnected',
  'connection.all-disconnected',
  'connection.revoked-late',
  'connection.never-revoked',
  'client.stopped',
  'viewer.exported',
  'viewer.erased',
  'viewer.left',
  'keys.rotated',
  'backup.made',
  'backup.restored',
  'audit.exported',
  'audit.archived',
  'audit.interrupted',
] as const;

export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** One thing that was changed: what it was and what it is, as texts; secrets are masked before they come here. */
export interface AuditChange {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Where an event's `changes` hold the stable code of what was behind a failure. */
export const CAUSE = 'cause';

/** The stable code of what was behind a failure: its cause where one is recorded, else its own code. */
export const causeOf = ({ code, changes }: Pick<AuditEntry, 'code' | 'changes'>): string | null =>
  changes.find(({ path }) => path === CAUSE)?.after ?? code;

/** Something to be remembered. Never holds a secret, a token or a viewer's data. */
export interface AuditEvent {
  readonly action: AuditAction;
  readonly by: Actor;
  readonly outcome: 'done' | 'refused' | 'failed';
  /** Whom it concerns, if not the viewer who did it; the log keeps a pseudonym that can be erased, never the viewer. */
  readonly viewer?: Viewer;
  readonly provider?: string;
  /** If not the viewer's. */
  readonly host?: string;
  /** What it is about, where that is neither provider nor host: a Connection, a flow, an API key, an administrator. */
  readonly subject?: string;
  /** A stable code: why it was refused or failed, or which way it went. */
  readonly code?: string;
  readonly changes?: readonly AuditChange[];
  readonly requestId?: string;
  /** How many events of the same kind it stands for, where there were too many to record one by one; else 1. */
  readonly times?: number;
  /** It is recorded some time after it happened: a viewer erased in the meantime stays erased. */
  readonly belated?: boolean;
}

/** An event as the log holds it. `person` and an actor that is a viewer are pseudonyms. */
export interface AuditEntry {
  /** 1, 2, 3 … without gaps. */
  readonly seq: number;
  readonly at: number;
  readonly action: AuditAction;
  readonly outcome: AuditEvent['outcome'];
  readonly actor: { readonly kind: ActorKind; readonly id: string | null; readonly name: string | null };
  readonly person: string | null;
  readonly provider: string | null;
  readonly host: string | null;
  readonly subject: string | null;
  readonly code: string | null;
  readonly changes: readonly AuditChange[];
  readonly requestId: string | null;
  readonly times: number;
  /** Base64url SHA-256 over the previous entry's hash and everything above. */
  readonly hash: string;
}

export interface AuditFilter {
  readonly actions?: readonly AuditAction[];
  readonly provider?: string;
  readonly host?: string;
  readonly outcome?: AuditEvent['outcome'];
  readonly actorId?: string;
  /** The pseudonym of a viewer. */
  readonly person?: string;
  /** The request in which it happened, as a person's page names it. */
  readonly requestId?: string;
  /** The entries of one viewer, found by the pseudonym that only the store can make. */
  readonly viewer?: Viewer;
  readonly from?: number;
  readonly to?: number;
}

/** What checking the chain found. `head` is worth keeping elsewhere: only with it can a truncated log be distinguished from a complete one. */
export type AuditVerdict =
  | {
      readonly intact: true;
      /** Those that are in the log now. */
      readonly entries: number;
      /** How many before them are in archives; absent where there are none. */
      readonly archived?: number;
      readonly head: string | null;
    }
  | { readonly intact: false; readonly entries: number; readonly brokenAt: number; readonly reason: string };

/** Remembers what happened. Never throws: what cannot be written is reported to the journal, and must not stop the product. */
export interface Audit {
  record(event: AuditEvent): Promise<void>;
}
