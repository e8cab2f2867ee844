import type { Account, ConnectionFacts } from './connection.js';
import type { Viewer, ViewerId, ViewerProfile } from './viewer.js';

/**
 * How a viewer of this host reaches the connect pages, and what keeps a link to them from being of use to anyone else. One mode
 * per host, fixed by the administrator. `opener`: the frame opens the window and hands it a ticket. `reauth`: a link, and the host
 * itself says whose session the browser has that opened it. `code`: a link, and a code shown at the end is typed into the gadget.
 */
export type ConnectMode = 'opener' | 'reauth' | 'code';

/**
 * started → opened → redirected → returned → pending → accepted → active, each step taken at most once.
 * In mode `reauth` a flow is asked and vouched between opened and redirected: the host is asked whose session this browser has. In
 * mode `code` it is coded between pending and accepted: its viewer is to type a code into the gadget.
 * `superseded`: a newer flow of the same viewer and provider was activated first.
 */
export type FlowStatus =
  | 'started'
  | 'opened'
  | 'asked'
  | 'vouched'
  | 'redirected'
  | 'returned'
  | 'pending'
  | 'coded'
  | 'accepted'
  | 'active'
  | 'superseded'
  | 'cancelled'
  | 'failed';

/**
 * What the viewer asked for: to connect, or to connect another account; or a visit to My connections, which a link opens by the same
 * steps up to the proof of who is there. A visit names no provider.
 */
export type FlowIntent = 'connect' | 'other-account' | 'visit';

/**
 * How a flow is bound to its viewer: as its host's connect mode says, or by the session of My connections in which it was started, and
 * in which alone it can be finished.
 */
export type FlowMode = ConnectMode | 'session';

/** One consent in progress, from the Connect click to an active Connection. Secrets are held by the store, hashed or sealed. */
export interface Flow {
  readonly id: string;
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly gadget: string;
  readonly provider: string;
  readonly intent: FlowIntent;
  readonly mode: FlowMode;
  readonly status: FlowStatus;
  readonly scopes: readonly string[];
  readonly clientId: string;
  readonly redirectUri: string | null;
  /** Hash of the browser's nonce; null before the ticket was traded. */
  readonly nonceHash: string | null;
  /** Mode `reauth`: whose session the host says this browser has; null before it answered. */
  readonly vouchedFor: ViewerId | null;
  readonly account: Account | null;
  /** Values that are fixed for its Connection; those that the person may choose are as they are chosen by now. */
  readonly facts: ConnectionFacts;
  /** The account that was given up last in this flow, for another one; its id is null where the provider does not say. */
  readonly declined: { readonly account: string | null } | null;
  /** Mode `code`: the code's end and the tries that were made at it; null before there is one. */
  readonly code: { readonly expiresAt: number; readonly tries: number } | null;
  readonly failure: FlowFailure | null;
  /** Other providers that its window goes on to when this one is accepted: what the gadget shows needs them too. */
  readonly further: readonly string[];
  /** The provider that was accepted in the same window before; null where this is the first. */
  readonly after: string | null;
  readonly startedAt: number;
  readonly expiresAt: number;
}

/** Why a flow ended without a Connection: a stable code, and what its sentence in the viewer's language needs. */
export interface FlowFailure {
  readonly code: string;
  /** Which sentence it is, below `failures.` in the catalogue, where the code has several. */
  readonly as?: string;
  readonly values?: Readonly<Record<string, string>>;
  /** What the provider said, in its own words. */
  readonly said?: string;
  /** A stable code of what was behind it, for the administrator: `token-type-unknown`, `account: status-403`. */
  readonly cause?: string;
  /** The request in which it happened: what a person can name, and an administrator can find. */
  readonly requestId?: string;
}

/** A flow lives ten minutes; a ticket that a window takes over by message two, that of a link as long as its flow. */
export const FLOW_LIFE = 10 * 60_000;
export const TICKET_LIFE = 2 * 60_000;

/** In these a flow can still be finished. */
export const UNFINISHED: readonly FlowStatus[] = [
  'started',
  'opened',
  'asked',
  'vouched',
  'redirected',
  'returned',
  'pending',
  'coded',
  'accepted',
];

/** Whether this flow's time ran out before it was finished. */
export const isTooLate = ({ status, expiresAt }: Flow, now: number): boolean =>
  UNFINISHED.includes(status) && now >= expiresAt;
