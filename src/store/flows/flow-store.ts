import type { Account, ConnectionFacts, TokenSet } from '../../domain/connection.js';
import type { Flow, FlowFailure, FlowStatus } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { SKEW } from '../../domain/system.js';
import type { Viewer } from '../../domain/viewer.js';
import { insertUnwantedTokens, type UnwantedTokens } from '../connections/unwanted-tokens.js';
import type { Database } from '../engine/database.js';
import { first, text, toJson } from '../engine/rows.js';
import { list, type Query, sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { TokenSealer } from '../sealing/token-set.js';
import { VIEWER_LIMITS, type ViewerLimits } from '../viewer-limits.js';
import { flowOf, placeOf, STORED_UNFINISHED, storedStatus } from './flow-row.js';

/** How the ViewerId of every viewer of a host starts. */
const beginningOf = (host: string): string => `${toJson([host]).slice(0, -1)},`;

type SetLater =
  | 'declined'
  | 'status'
  | 'redirectUri'
  | 'nonceHash'
  | 'vouchedFor'
  | 'account'
  | 'facts'
  | 'code'
  | 'failure';

export interface NewFlow
  extends Omit<Flow, SetLater | 'further' | 'after'>,
    Partial<Pick<Flow, 'further' | 'after'>> {
  readonly ticketHash: string;
  readonly ticketExpiresAt: number;
}

/** Flows in a database. Each step is one conditional update, so it is taken once, by the one who comes first. */
export class FlowStore {
  readonly #database: Database;
  readonly #seals: Sealer;
  readonly #tokenSeals: TokenSealer;

  constructor(database: Database, seals: Sealer) {
    this.#database = database;
    this.#seals = seals;
    this.#tokenSeals = new TokenSealer(seals);
  }

  /**
   * False, and nothing is made, when its viewer has started too many within their time: more than `attempts` that were left or failed, or
   * more than `attemptsInAll` whatever became of them.
   */
  async create(
    flow: NewFlow,
    { attempts, attemptsInAll }: Pick<ViewerLimits, 'attempts' | 'attemptsInAll'> = VIEWER_LIMITS,
  ): Promise<boolean> {
    // What seems to be started later was dated by a clock that has been set back since.
    const ofViewer = sql`select count(*) from flow
      where viewer = ${flow.viewer.id} and expires_at > ${flow.startedAt} and started_at <= ${flow.startedAt + SKEW}`;
    const statement = sql`
      insert into flow (
        id, viewer, profile, gadget, provider, intent, mode, status, scopes, client_id,
        ticket_hash, ticket_expires_at, further, after_provider, started_at, expires_at)
      select
        ${flow.id}, ${flow.viewer.id}, ${toJson(flow.profile)}, ${flow.gadget}, ${flow.provider}, ${flow.intent},
        ${flow.mode}, ${storedStatus('started')}, ${toJson(flow.scopes)}, ${flow.clientId},
        ${flow.ticketHash}, ${flow.ticketExpiresAt}, ${toJson(flow.further ?? [])}, ${flow.after ?? null},
        ${flow.startedAt}, ${flow.expiresAt}
      where (${ofViewer} and status not in ('active', 'cancelled')) < ${attempts}
        and (${ofViewer}) < ${attemptsInAll}
      returning id`;
    const rows = await this.#database.alone(`viewer ${flow.viewer.id}`, statement);
    return rows.length > 0;
  }

  byId(id: string): Promise<Flow | null> {
    return this.#find(sql`id = ${id}`);
  }

  byState(stateHash: string): Promise<Flow | null> {
    return this.#find(sql`state_hash = ${stateHash}`);
  }

  byTicket(ticketHash: string): Promise<Flow | null> {
    return this.#find(sql`ticket_hash = ${ticketHash}`);
  }

  /** Flows of this provider in status `redirected` whose nonce is one of these. */
  async redirected(provider: string, nonceHashes: readonly string[], now: number): Promise<readonly Flow[]> {
    const rows = await this.#database.read(sql`
      select * from flow
      where nonce_hash in (${list(nonceHashes)}) and provider = ${provider} and status = 'redirected'
        and expires_at > ${now}`);
    return rows.map(flowOf);
  }

  /** Flows of this host's viewers that wait for the host's answer (mode `reauth`) and whose nonce is one of these, newest first. */
  async asked(host: string, nonceHashes: readonly string[], now: number): Promise<readonly Flow[]> {
    const beginning = beginningOf(host);
    const rows = await this.#database.read(sql`
      select * from flow
      where nonce_hash in (${list(nonceHashes)}) and mode = 'reauth' and status = 'asked' and expires_at > ${now}
        and substr(viewer, 1, ${beginning.length}) = ${beginning}
      order by started_at desc, id`);
    return rows.map(flowOf);
  }

  /** Flows of this viewer that can still be finished, newest first. */
  async pending(viewer: Viewer, now: number): Promise<readonly Flow[]> {
    const rows = await this.#database.read(sql`
      select * from flow
      where viewer = ${viewer.id} and status in (${list(STORED_UNFINISHED)}) and expires_at > ${now}
      order by started_at desc, id`);
    return rows.map(flowOf);
  }

  /**
   * started → opened: the ticket of one of these modes, unused and fresh, for the browser's nonce. Null when refused: a visit's ticket
   * opens nothing but a visit, and no other's does.
   */
  open(trade: {
    readonly ticketHash: string;
    readonly visit?: true;
    readonly modes: readonly Flow['mode'][];
    readonly nonceHash: string;
    readonly now: number;
  }): Promise<Flow | null> {
    const { ticketHash, modes, nonceHash, now, visit } = trade;
    return this.#step(sql`
      update flow set status = 'opened', nonce_hash = ${nonceHash}
      where ticket_hash = ${ticketHash} and mode in (${list(modes)}) and status = ${storedStatus('started')}
        and ${visit === true ? sql`intent = 'visit'` : sql`intent <> 'visit'`}
        and ticket_expires_at > ${now} and expires_at > ${now}
      returning *`);
  }

  /** Mode `reauth`: opened → asked, with the request that the host is to answer; asked again, only the newer request counts. */
  ask(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly requestHash: string;
    readonly now: number;
  }): Promise<Flow | null> {
    const { id, nonceHash, requestHash, now } = step;
    return this.#step(sql`
      update flow set status = 'asked', request_hash = ${requestHash}
      where id = ${id} and nonce_hash = ${nonceHash} and mode = 'reauth' and status in ('opened', 'asked')
        and expires_at > ${now}
      returning *`);
  }

  /** asked → vouched: this host answered the request, once, and names this viewer. Null when nothing of that host was asked so. */
  vouch(answer: {
    readonly requestHash: string;
    readonly viewer: Viewer;
    readonly now: number;
  }): Promise<Flow | null> {
    const { requestHash, viewer, now } = answer;
    const beginning = beginningOf(viewer.host);
    return this.#step(sql`
      update flow set status = 'vouched', vouched_for = ${viewer.id}
      where request_hash = ${requestHash} and mode = 'reauth' and status = 'asked' and expires_at > ${now}
        and substr(viewer, 1, ${beginning.length}) = ${beginning}
      returning *`);
  }

  /**
   * opened (vouched for its own viewer in mode `reauth`; pending, when another account is wanted) → redirected. Held tokens leave the
   * flow; in the same transaction they become `unwanted`, a Connection that is on its way out from the start.
   * From `redirected` again, for a person who came back without an answer: the older `state` then no longer counts.
   */
  async redirect(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly from: 'opened' | 'vouched' | 'redirected' | 'pending';
    readonly stateHash: string;
    readonly verifier: Secret | null;
    readonly redirectUri: string;
    readonly now: number;
    readonly unwanted?: UnwantedTokens | null;
  }): Promise<Flow | null> {
    const { id, nonceHash, from, stateHash, verifier, redirectUri, now, unwanted = null } = step;
    // Whose flow it is never changes, so it may be read before the step is taken.
    const flow = await this.byId(id);
    if (flow === null) return null;
    const sealed = verifier && this.#seals.seal(verifier.reveal(), placeOf(flow, 'verifier'));
    const redirected = sql`
      update flow
      set status = 'redirected', state_hash = ${stateHash}, verifier = ${sealed}, redirect_uri = ${redirectUri},
        tokens = null, account_id = null, account_label = null, facts = '{}',
        declined_account = case when status = 'pending' then coalesce(account_id, 'null') else declined_account end
      where id = ${id} and nonce_hash = ${nonceHash} and status = ${from} and expires_at > ${now}
        and (mode <> 'reauth' or vouched_for = viewer)
      returning *`;
    if (unwanted === null) return this.#step(redirected);
    return this.#database.exclusive('connections', async (run) => {
      const gone = first(await run(redirected), flowOf);
      if (gone !== null) await run(insertUnwantedTokens(this.#tokenSeals, unwanted));
      return gone;
    });
  }

  /** redirected → returned; gives the PKCE verifier (null when the provider does without). Null when already returned. */
  async giveBack(
    id: string,
    now: number,
  ): Promise<{ readonly flow: Flow; readonly verifier: Secret | null } | null> {
    const rows = await this.#database.write(sql`
      update flow set status = 'returned'
      where id = ${id} and status = 'redirected' and expires_at > ${now}
      returning *`);
    return first(rows, (row) => {
      const flow = flowOf(row);
      if (row.verifier === null) return { flow, verifier: null };
      const verifier = this.#seals.open(text(row, 'verifier'), placeOf(flow, 'verifier'));
      // Without the verifier that was promised to the provider the code must not be redeemed.
      return verifier === null ? null : { flow, verifier: new Secret(verifier) };
    });
  }

  /**
   * returned → pending, holding the tokens. Null when the flow is not there any more or too late; in the same transaction the tokens then
   * become `unwanted`, a Connection that is on its way out from the start.
   */
  async hold(
    id: string,
    tokens: TokenSet,
    account: Account | null,
    now: number,
    unwanted?: UnwantedTokens,
    facts: ConnectionFacts = {},
  ): Promise<Flow | null> {
    const flow = await this.byId(id);
    const seals = this.#tokenSeals;
    return this.#database.exclusive('connections', async (run) => {
      const rows =
        flow &&
        (await run(sql`
          update flow
          set status = 'pending', tokens = ${seals.seal(tokens, placeOf(flow, 'tokens'))}, verifier = null,
            account_id = ${account && toJson(account.id)}, account_label = ${account && toJson(account.label)},
            facts = ${toJson(facts)}
          where id = ${id} and status = 'returned' and expires_at > ${now}
          returning *`));
      const held = first(rows ?? [], flowOf);
      if (held === null && unwanted !== undefined) await run(insertUnwantedTokens(seals, unwanted));
      return held;
    });
  }

  /** opened (vouched for its own viewer in mode `reauth`) → pending, holding the token that was pasted. Null where it is at no such step. */
  async holdPasted(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly tokens: TokenSet;
    readonly account: Account | null;
    readonly facts?: ConnectionFacts;
    readonly now: number;
  }): Promise<Flow | null> {
    const { id, nonceHash, tokens, account, facts = {}, now } = step;
    const flow = await this.byId(id);
    if (flow === null) return null;
    return this.#step(sql`
      update flow
      set status = 'pending', tokens = ${this.#tokenSeals.seal(tokens, placeOf(flow, 'tokens'))},
        account_id = ${account && toJson(account.id)}, account_label = ${account && toJson(account.label)},
        facts = ${toJson(facts)}
      where id = ${id} and nonce_hash = ${nonceHash} and intent <> 'visit' and expires_at > ${now}
        and ((mode <> 'reauth' and status = 'opened')
          or (mode = 'reauth' and status = 'vouched' and vouched_for = viewer))
      returning *`);
  }

  /** pending → as it was before the token was pasted, for another one. Null where it is not pending. */
  dropPasted(id: string, nonceHash: string, now: number): Promise<Flow | null> {
    return this.#step(sql`
      update flow
      set status = case when mode = 'reauth' then 'vouched' else 'opened' end,
        tokens = null, account_id = null, account_label = null, facts = '{}', declined_account = coalesce(account_id, 'null')
      where id = ${id} and nonce_hash = ${nonceHash} and status = 'pending' and expires_at > ${now}
      returning *`);
  }

  /** Writes down what the person chose, while the flow waits for their yes. */
  chooseFacts(id: string, nonceHash: string, facts: ConnectionFacts): Promise<Flow | null> {
    return this.#step(sql`
      update flow set facts = ${toJson(facts)}
      where id = ${id} and nonce_hash = ${nonceHash} and status = 'pending'
      returning *`);
  }

  /** pending → accepted; never of mode `code`, where a person's yes is not enough. */
  accept(id: string, nonceHash: string, now: number): Promise<Flow | null> {
    return this.#step(sql`
      update flow set status = 'accepted'
      where id = ${id} and nonce_hash = ${nonceHash} and status = 'pending' and mode <> 'code'
        and expires_at > ${now}
      returning *`);
  }

  /** Mode `code`: pending (a visit: opened) → coded, or coded with another code. Null also when this code is there already. */
  offerCode(step: {
    readonly id: string;
    readonly nonceHash: string;
    readonly codeHash: string;
    readonly codeExpiresAt: number;
    readonly now: number;
  }): Promise<Flow | null> {
    const { id, nonceHash, codeHash, codeExpiresAt, now } = step;
    return this.#step(sql`
      update flow set status = 'coded', code_hash = ${codeHash}, code_expires_at = ${codeExpiresAt}
      where id = ${id} and nonce_hash = ${nonceHash} and mode = 'code' and expires_at > ${now}
        and (status = 'pending' or (status = 'opened' and intent = 'visit') or (status = 'coded' and code_expires_at <= ${now}))
      returning *`);
  }

  /**
   * Uses up one try at the code, before it is looked at whether it is right; gives the hash of the right one. Null when the flow waits
   * for none, when its tries are used up, or its viewer's over all their flows.
   */
  async tryCode(
    id: string,
    limits: { readonly ofFlow: number; readonly ofViewer: number; readonly now: number },
  ): Promise<{ readonly flow: Flow; readonly codeHash: string } | null> {
    const { ofFlow, ofViewer, now } = limits;
    // Whose flow it is never changes.
    const flow = await this.byId(id);
    if (flow === null) return null;
    const statement = sql`
      update flow set code_tries = code_tries + 1
      where id = ${id} and status = 'coded' and code_expires_at > ${now} and expires_at > ${now}
        and code_tries < ${ofFlow}
        and (select sum(each.code_tries) from flow as each where each.viewer = flow.viewer) < ${ofViewer}
      returning *`;
    const rows = await this.#database.alone(`viewer ${flow.viewer.id}`, statement);
    return first(rows, (row) => ({ flow: flowOf(row), codeHash: text(row, 'code_hash') }));
  }

  /** coded → accepted: the code was typed. Null when it is no longer the code, or too old. */
  acceptCode(id: string, codeHash: string, now: number): Promise<Flow | null> {
    return this.#step(sql`
      update flow set status = 'accepted', code_hash = null
      where id = ${id} and status = 'coded' and code_hash = ${codeHash} and code_expires_at > ${now}
        and expires_at > ${now}
      returning *`);
  }

  /** Any of `from` → failed or cancelled; keeps held tokens until `forget`. Null when the flow was in none of them. */
  end(
    id: string,
    from: readonly FlowStatus[],
    status: 'failed' | 'cancelled' | 'superseded' | 'active',
    failure: FlowFailure | null,
  ): Promise<Flow | null> {
    return this.#step(sql`
      update flow set status = ${status}, failure = ${failure && toJson(failure)}, verifier = null
      where id = ${id} and status in (${list(from.map(storedStatus))})
      returning *`);
  }

  /** The tokens held by this flow, or null. */
  async tokens(flow: Flow): Promise<TokenSet | null> {
    const rows = await this.#database.read(sql`
      select tokens from flow where id = ${flow.id} and tokens is not null`);
    return first(rows, (row) => this.#tokenSeals.open(text(row, 'tokens'), placeOf(flow, 'tokens')));
  }

  /** Drops the held tokens. */
  async forget(id: string): Promise<void> {
    await this.#database.write(sql`update flow set tokens = null where id = ${id}`);
  }

  /** Flows whose time is over and that still hold tokens or were never ended. */
  async expired(now: number, limit: number): Promise<readonly Flow[]> {
    const rows = await this.#database.read(sql`
      select * from flow
      where expires_at <= ${now} and (tokens is not null or status in (${list(STORED_UNFINISHED)}))
      order by expires_at limit ${limit}`);
    return rows.map(flowOf);
  }

  async remove(id: string): Promise<void> {
    await this.#database.write(sql`delete from flow where id = ${id}`);
  }

  /** Deletes flows whose time is over, that were ended and hold no tokens. */
  async sweep(now: number): Promise<void> {
    await this.#database.write(sql`
      delete from flow
      where expires_at <= ${now} and tokens is null and status not in (${list(STORED_UNFINISHED)})`);
  }

  async #find(condition: Query): Promise<Flow | null> {
    return first(await this.#database.read(sql`select * from flow where ${condition}`), flowOf);
  }

  /** The flow after the step; null when it was not taken. */
  async #step(statement: Query): Promise<Flow | null> {
    return first(await this.#database.write(statement), flowOf);
  }
}
