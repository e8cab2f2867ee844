import type { Account, TokenSet } from '../../domain/connection.js';
import type { Flow, FlowFailure, FlowStatus } from '../../domain/flow.js';
import type { Secret } from '../../domain/secret.js';
import type { Viewer } from '../../domain/viewer.js';
import type { UnwantedTokens } from '../connections/unwanted-tokens.js';
import type { ViewerLimits } from '../viewer-limits.js';

/* What the domain asks of durable storage for flows; as in `stores.ts`, every method is one atomic statement. */

type Begun =
  | 'declined'
  | 'status'
  | 'redirectUri'
  | 'nonceHash'
  | 'vouchedFor'
  | 'account'
  | 'code'
  | 'failure';

export interface NewFlow extends Omit<Flow, Begun> {
  readonly ticketHash: string;
  readonly ticketExpiresAt: number;
}

export interface FlowStore {
  /**
   * False, and nothing is made, when its viewer has begun too many within their time: more than `attempts` that were left or failed, or
   * more than `attemptsInAll` whatever became of them.
   */
  create(flow: NewFlow, limits?: Pick<ViewerLimits, 'attempts' | 'attemptsInAll'>): Promise<boolean>;
  byId(id: string): Promise<Flow | null>;
  byState(stateHash: string): Promise<Flow | null>;
  byTicket(ticketHash: string): Promise<Flow | null>;
  /** Flows of this provider in status `redirected` whose nonce is one of these. */
  redirected(provider: string, nonceHashes: readonly string[], now: number): Promise<readonly Flow[]>;
  /** Flows of this host's viewers that wait for the host's answer (mode `reauth`) and whose nonce is one of these, newest first. */
  asked(host: string, nonceHashes: readonly string[], now: number): Promise<readonly Flow[]>;
  /** Flows of this viewer that somebody may still finish, newest first. */
  pending(viewer: Viewer, now: number): Promise<readonly Flow[]>;
  /**
   * begun → opened: the ticket of one of these modes, unused and fresh, for the browser's nonce. Null when refused: a visit's ticket
   * opens nothing but a visit, and no other's does.
   */
  open(trade: {
    readonly ticketHash: string;
    readonly visit?: true;
    readonly modes: readonly Flow['mode'][];
    readonly nonceHash: string;
    readonly now: number;
  }): Promise<Flow | null>;
  /** Mode `reauth`: opened → asked, with the request that the host is to answer; asked again, only the newer request counts. */
  ask(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly requestHash: string;
    readonly now: number;
  }): Promise<Flow | null>;
  /** asked → vouched: this host answered the request, once, and names this viewer. Null when nothing of that host was asked so. */
  vouch(answer: {
    readonly requestHash: string;
    readonly viewer: Viewer;
    readonly now: number;
  }): Promise<Flow | null>;
  /**
   * opened (vouched for its own viewer in mode `reauth`; pending, when another account is wanted) → redirected. Held tokens leave the
   * flow; in the same transaction they become `unwanted`, a Connection that is on its way out from the start.
   * From `redirected` again, for a person who came back without an answer: the older `state` then no longer counts.
   */
  redirect(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly from: 'opened' | 'vouched' | 'redirected' | 'pending';
    readonly stateHash: string;
    readonly verifier: Secret | null;
    readonly redirectUri: string;
    readonly now: number;
    readonly unwanted?: UnwantedTokens | null;
  }): Promise<Flow | null>;
  /** redirected → returned; gives the PKCE verifier (null when the provider does without). Null when already returned. */
  giveBack(
    id: string,
    now: number,
  ): Promise<{ readonly flow: Flow; readonly verifier: Secret | null } | null>;
  /**
   * returned → pending, holding the tokens. Null when the flow is not there any more or too late; in the same transaction the tokens then
   * become `unwanted`, a Connection that is on its way out from the start.
   */
  hold(
    id: string,
    tokens: TokenSet,
    account: Account | null,
    now: number,
    unwanted?: UnwantedTokens,
  ): Promise<Flow | null>;
  /** pending → accepted; never of mode `code`, where a person's yes is not enough. */
  accept(id: string, nonceHash: string, now: number): Promise<Flow | null>;
  /** Mode `code`: pending (a visit: opened) → coded, or coded with another code. Null also when this code is there already. */
  offerCode(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly codeHash: string;
    readonly codeExpiresAt: number;
    readonly now: number;
  }): Promise<Flow | null>;
  /**
   * Uses up one try at the code, before anybody looks whether it is right; gives the hash of the right one. Null when the flow waits
   * for none, when its tries are used up, or its viewer's over all their flows.
   */
  tryCode(
    id: string,
    limits: { readonly ofFlow: number; readonly ofViewer: number; readonly now: number },
  ): Promise<{
    readonly flow: Flow;
    readonly codeHash: string;
  } | null>;
  /** coded → accepted: the code was typed. Null when it is no longer the code, or too old. */
  acceptCode(id: string, codeHash: string, now: number): Promise<Flow | null>;
  /** Any of `from` → failed or cancelled; keeps held tokens until `forget`. Null when the flow was in none of them. */
  end(
    id: string,
    from: readonly FlowStatus[],
    status: 'failed' | 'cancelled' | 'superseded' | 'active',
    failure: FlowFailure | null,
  ): Promise<Flow | null>;
  /** The tokens held by this flow, or null. */
  tokens(flow: Flow): Promise<TokenSet | null>;
  /** Drops the held tokens. */
  forget(id: string): Promise<void>;
  /** Flows whose time is over and that still hold tokens or were never ended. */
  expired(now: number, limit: number): Promise<readonly Flow[]>;
  remove(id: string): Promise<void>;
  /** Deletes flows whose time is over, that were ended and hold no tokens. */
  sweep(now: number): Promise<void>;
}
