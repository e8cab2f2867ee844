import type { Actor } from '../domain/actor.js';
import type { AuditEvent } from '../domain/audit-event.js';
import type { Connection, ConnectionId, ConnectionStatus, ReconnectReason } from '../domain/connection.js';
import type { Departure, Leaver } from '../domain/departure.js';
import type { Flow, FlowFailure } from '../domain/flow.js';
import type { Measured } from '../domain/meter.js';
import type { Secret } from '../domain/secret.js';
import type { SetupKind, SetupRecord } from '../domain/setup-record.js';
import type { Viewer } from '../domain/viewer.js';
import type { SealingKey } from './sealing/sealing-key.js';

/* What the state of the server itself needs of durable storage. Every method is atomic; times are epoch milliseconds. */

export interface SetupStore {
  /** With `keys` as that ring would open them, whatever the one in force is. */
  all(keys?: readonly SealingKey[]): Promise<readonly SetupRecord[]>;
  /** Grows with every change of any record: processes look at it to see that another one changed something. */
  revision(): Promise<number>;
  /**
   * Makes (`version: null`) or replaces (`version`: the one the change was made of) a record and writes the audit event, both or
   * neither. Null when there is one already, or another version than that.
   */
  put(change: {
    readonly kind: SetupKind;
    readonly id: string;
    readonly version: number | null;
    readonly entry: Secret;
    readonly secretsSetAt: Readonly<Record<string, number>>;
    readonly now: number;
    readonly by: string;
    /** Whether it is made only for its Connections to be revoked by: it leaves from the first moment. */
    readonly leaving?: boolean;
    readonly audit: AuditEvent;
  }): Promise<SetupRecord | null>;
  /**
   * Marks a record as leaving, of that version only, with its audit event. `atOnce`: deletes it instead, for nothing that it served has
   * to be revoked; in two steps, whoever was killed in between would have left something to be revoked.
   */
  leave(change: {
    readonly kind: SetupKind;
    readonly id: string;
    readonly version: number;
    readonly now: number;
    readonly by: string;
    readonly atOnce?: boolean;
    readonly audit: AuditEvent;
  }): Promise<SetupRecord | null>;
  /** Deletes a record that is leaving. */
  drop(kind: SetupKind, id: string): Promise<void>;
}

export interface ConnectionFilter {
  readonly provider?: string;
  readonly host?: string;
  readonly status?: ConnectionStatus;
}

/** Connections as administrators and viewers look at them: never their tokens. */
export interface ConnectionLists {
  /** By id, at most `limit`, after the id `after`. */
  page(
    filter: ConnectionFilter,
    page: { readonly after: string | null; readonly limit: number },
  ): Promise<readonly Connection[]>;
  /** They are kept, not counted: it takes no longer with more Connections. */
  counts(): Promise<
    readonly {
      readonly provider: string;
      readonly host: string;
      readonly status: ConnectionStatus;
      readonly reason: ReconnectReason | null;
      readonly count: number;
    }[]
  >;
  /** Adds up what was kept of changes, now and then. */
  addUp(): Promise<void>;
  /** Remembers that a gadget used a Connection; the latest use counts. Of one that is gone nothing is remembered. */
  used(connection: ConnectionId, gadget: string, now: number): Promise<void>;
  usesOf(
    connections: readonly ConnectionId[],
  ): Promise<
    readonly { readonly connection: ConnectionId; readonly gadget: string; readonly lastUsedAt: number }[]
  >;
  /**
   * Everything that is kept of one viewer but tokens and the audit log: tables → rows of plain values, for the viewer's own export.
   * Times are epoch milliseconds.
   */
  everythingOf(
    viewer: Viewer,
  ): Promise<Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>>;
  /**
   * Forgets what is kept of a viewer but Connections (they are revoked first) and the audit log: flows, sessions, uses, tickets.
   * A flow that holds tokens is cancelled, and goes when the sweep has revoked them.
   */
  erase(viewer: Viewer): Promise<void>;
}

export interface DepartureStore {
  /** Counts the Connections that have to go and writes the departure down, at once. */
  start(departure: {
    readonly id: string;
    readonly leaver: Leaver;
    readonly startedAt: number;
    readonly startedBy: string;
  }): Promise<Departure>;
  byId(id: string): Promise<Departure | null>;
  unfinished(): Promise<readonly Departure[]>;
  /** The unfinished departure of this viewer, or null. */
  ofViewer(viewer: Viewer): Promise<Departure | null>;
  /**
   * Makes an unfinished departure of a viewer concern all that is kept of them at `now`, as if it began then: they came back, and leave
   * once more. Null when it was finished.
   */
  again(id: string, now: number): Promise<Departure | null>;
  /** The latest ones, newest first. */
  latest(limit: number): Promise<readonly Departure[]>;
  /** Connections that still have to go, those being revoked included. */
  left(departure: Departure): Promise<number>;
  /** Those of them that nobody retired yet, at most `limit`. */
  unretired(departure: Departure, limit: number): Promise<readonly Connection[]>;
  /** Cancels every consent in progress that would make another one; what they hold stays until it is revoked. */
  cancelFlows(departure: Pick<Departure, 'leaver' | 'startedAt'>, failure: FlowFailure): Promise<void>;
  /** Flows of the departure, ended, that hold tokens. */
  holding(departure: Departure, limit: number): Promise<readonly Flow[]>;
  /** Ends the frame sessions, tickets and sessions of My connections of all viewers of a host. */
  endSessions(host: string): Promise<void>;
  /** Remembers that flows and sessions were ended. */
  close(id: string, now: number): Promise<void>;
  /** Finishes a departure of which nothing is left, and forgets which viewer left. False when something is left, or it was finished. */
  finish(departure: Departure, now: number): Promise<boolean>;
}

export interface MeterStore {
  /** What `process` counted so far in each five minutes: replaces what it said of them before. */
  put(process: string, rows: readonly Measured[]): Promise<void>;
  /** Of all processes together. */
  since(from: number): Promise<readonly Measured[]>;
  sweep(before: number): Promise<void>;
}

/** A running server, as it last said of itself. */
export interface Instance {
  readonly id: string;
  readonly startedAt: number;
  readonly seenAt: number;
  /** Ids of the keys it can open tokens with; the first seals. */
  readonly keys: readonly string[];
  /** The reload it heeded last, and what came of it: null when all is well. */
  readonly reload: number;
  readonly problem: string | null;
  /** Settings that were changed in its file and wait for a restart. */
  readonly restart: readonly string[];
}

/** Somebody's wish that every running server read its file again. */
export interface ReloadRequest {
  /** 1, 2, 3 …; 0 when there was none. */
  readonly number: number;
  readonly by: Actor;
}

/** How processes and commands hear of each other. */
export interface InstanceStore {
  beat(instance: Instance): Promise<void>;
  gone(id: string): Promise<void>;
  /** Those seen since then. */
  alive(since: number): Promise<readonly Instance[]>;
  /** Asks every running server to read its file again; gives the number of this request. */
  requestReload(by: Actor, now: number): Promise<number>;
  /** The latest one. */
  reloadRequested(): Promise<ReloadRequest>;
}

/** How far a walk through everything sealed is: where the next step begins. */
export interface ResealCursor {
  readonly column: number;
  readonly after: readonly (string | number | null)[] | null;
}

/** Everything sealed, to be sealed anew under the first key of the ring. */
export interface ResealStore {
  /** Ids of the keys of the ring; the first seals. */
  ring(): readonly string[];
  /** How many values are sealed by which key; kept, not counted. */
  counts(): Promise<readonly { readonly key: string; readonly rows: number }[]>;
  /**
   * Looks at up to `limit` values from the cursor on (null: from the first) and seals those anew that another key than the first
   * sealed. One that was changed meanwhile is left to whoever changed it. What no key opens becomes `reconnect` (an active
   * Connection), ends (a flow) or is deleted (a pseudonym's key), and counts as lost; a provider or host stays as it is, to be written anew
   * by somebody, and counts as unopened at every walk. Where its key is not in the ring at all, all this only if `discard` says so. `next`
   * is null at the end.
   */
  step(
    cursor: ResealCursor | null,
    limit: number,
    discard: boolean,
  ): Promise<{
    readonly resealed: number;
    readonly lost: number;
    readonly unopened: number;
    readonly next: ResealCursor | null;
  }>;
}
