import type { Admin, ApiKey } from '../domain/administrator.js';
import type { AuditEntry, AuditEvent, AuditFilter, AuditVerdict } from '../domain/audit-event.js';
import type { Viewer } from '../domain/viewer.js';

/* What administrators need of durable storage. Every method is atomic; times are epoch milliseconds. */

/** The log of what happened: append-only, each entry chained to the one before it. */
export interface AuditStore {
  append(event: AuditEvent, now: number): Promise<AuditEntry>;
  /** Newest first, at most `limit`, before the entry `before` when given. */
  list(
    filter: AuditFilter,
    page: { readonly before: number | null; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** Oldest first, after the entry `after`: for export. */
  since(
    filter: AuditFilter,
    page: { readonly after: number; readonly limit: number },
  ): Promise<readonly AuditEntry[]>;
  /** Recomputes the whole chain. */
  verify(): Promise<AuditVerdict>;
  /** What the log calls this viewer; null when it does not, or not any more. */
  personOf(viewer: Viewer): Promise<string | null>;
  /** Which entry has this hash; null when none has. */
  seqOf(hash: string): Promise<number | null>;
  /** Destroys the viewer's pseudonym key: their entries stay in the chain, and nobody can say any more whose they are. */
  forget(viewer: Viewer): Promise<void>;
}

export interface AdminStore {
  count(): Promise<number>;
  list(): Promise<readonly Admin[]>;
  byId(id: string): Promise<Admin | null>;
  /** Without regard to case. */
  byName(name: string): Promise<(Admin & { readonly passwordHash: string | null }) | null>;
  bySubject(issuer: string, subject: string): Promise<Admin | null>;
  /**
   * Uses up the invitation and makes the administrator, or sets the password of the one it was made for. Null when the invitation is
   * unknown, used or too old; `'name-taken'` when another administrator is called so (the invitation stays good).
   */
  accept(invitation: {
    readonly tokenHash: string;
    readonly id: string;
    readonly name: string;
    readonly passwordHash: string;
    readonly now: number;
  }): Promise<Admin | 'name-taken' | null>;
  /** Makes or finds the administrator who signed in by OpenID Connect. */
  admit(person: {
    readonly id: string;
    readonly name: string;
    readonly issuer: string;
    readonly subject: string;
    readonly now: number;
  }): Promise<Admin>;
  /** Ends every invitation that sets a password of theirs. Null when they are of another version, or gone. */
  setPassword(id: string, passwordHash: string, version: number): Promise<Admin | null>;
  signedIn(id: string, now: number): Promise<void>;
  /** Ends every open invitation too: they may have made it. False when there is no such administrator, or it is the only one. */
  remove(id: string): Promise<boolean>;
  /**
   * An invitation for the first administrator, in the place of every other; false when there is an administrator. It is no good any
   * more once there is one, however they came.
   */
  inviteFirst(invitation: { readonly tokenHash: string; readonly expiresAt: number }): Promise<boolean>;
  /** `admin` is whose password it sets, or null for a new administrator. */
  invite(invitation: {
    readonly tokenHash: string;
    readonly admin: string | null;
    readonly expiresAt: number;
  }): Promise<void>;
  /** The invitation, unused, without using it: a GET shows its form. */
  invitation(tokenHash: string, now: number): Promise<{ readonly admin: string | null } | null>;
  sweep(now: number): Promise<void>;
}

export interface ApiKeyStore {
  create(key: Omit<ApiKey, 'lastUsedAt' | 'revokedAt'> & { readonly secretHash: string }): Promise<void>;
  list(): Promise<readonly ApiKey[]>;
  byHash(secretHash: string): Promise<ApiKey | null>;
  /** False when there is none, or it was revoked before. */
  revoke(id: string, now: number): Promise<boolean>;
  /** Notes its use, at most once a minute. */
  touch(id: string, now: number): Promise<void>;
}
