import type { Account } from './connection.js';
import type { ConnectMode } from './host.js';
import type { Viewer, ViewerProfile } from './viewer.js';

/**
 * begun → opened → redirected → returned → pending → accepted → active, each step taken at most once.
 * `superseded`: a newer flow of the same viewer and provider was activated first.
 */
export type FlowStatus =
  | 'begun'
  | 'opened'
  | 'redirected'
  | 'returned'
  | 'pending'
  | 'accepted'
  | 'active'
  | 'superseded'
  | 'cancelled'
  | 'failed';

/** What the viewer asked for: to connect, or to connect as somebody else. */
export type FlowIntent = 'connect' | 'other-account';

/** One consent in progress, from the Connect click to an active Connection. Secrets are held by the store, hashed or sealed. */
export interface Flow {
  readonly id: string;
  readonly viewer: Viewer;
  readonly profile: ViewerProfile;
  readonly gadget: string;
  readonly provider: string;
  readonly intent: FlowIntent;
  readonly mode: ConnectMode;
  readonly status: FlowStatus;
  readonly scopes: readonly string[];
  readonly clientId: string;
  readonly redirectUri: string | null;
  /** Hash of the browser's nonce; null before the ticket was traded. */
  readonly nonceHash: string | null;
  readonly account: Account | null;
  readonly failure: FlowFailure | null;
  readonly startedAt: number;
  readonly expiresAt: number;
}

/** Why a flow ended without a Connection: a stable code and the sentence for the viewer. */
export interface FlowFailure {
  readonly code: string;
  readonly message: string;
}

/** A flow lives ten minutes; the ticket of mode `opener` only two. */
export const FLOW_LIFE = 10 * 60_000;
export const TICKET_LIFE = 2 * 60_000;

const waiting: readonly FlowStatus[] = ['begun', 'opened', 'redirected', 'returned', 'pending', 'accepted'];

/** Whether somebody may still finish this flow. */
export const isPending = (flow: Flow, now: number): boolean =>
  waiting.includes(flow.status) && now < flow.expiresAt;
