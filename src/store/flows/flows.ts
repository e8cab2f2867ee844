import { type Flow, UNFINISHED } from '../../domain/flow.js';
import { Secret } from '../../domain/secret.js';
import { keeping } from '../connections/keeping.js';
import type { Database } from '../engine/database.js';
import { first, text, toJson } from '../engine/rows.js';
import { list, sql } from '../engine/sql.js';
import type { Sealer } from '../sealing/seal.js';
import { tokenSealer } from '../sealing/token-set.js';
import { VIEWER_LIMITS } from '../viewer-limits.js';
import { linkSteps } from './flow-links.js';
import { flowOf, placeOf } from './flow-row.js';
import type { FlowStore } from './flow-store.js';

const queries = (database: Database, sealer: Sealer) => ({
  byId: async (id: string): Promise<Flow | null> =>
    first(await database.read(sql`select * from flow where id = ${id}`), flowOf),

  byState: async (stateHash: string): Promise<Flow | null> =>
    first(await database.read(sql`select * from flow where state_hash = ${stateHash}`), flowOf),

  byTicket: async (ticketHash: string): Promise<Flow | null> =>
    first(await database.read(sql`select * from flow where ticket_hash = ${ticketHash}`), flowOf),

  redirected: async (provider: string, nonceHashes: readonly string[], now: number) => {
    const rows = await database.read(sql`
      select * from flow
      where nonce_hash in (${list(nonceHashes)}) and provider = ${provider} and status = 'redirected'
        and expires_at > ${now}`);
    return rows.map(flowOf);
  },

  pending: async (viewer: Flow['viewer'], now: number): Promise<readonly Flow[]> => {
    const rows = await database.read(sql`
      select * from flow
      where viewer = ${viewer.id} and status in (${list(UNFINISHED)}) and expires_at > ${now}
      order by started_at desc, id`);
    return rows.map(flowOf);
  },

  tokens: async (flow: Flow) => {
    const rows = await database.read(sql`
      select tokens from flow where id = ${flow.id} and tokens is not null`);
    return first(rows, (row) => tokenSealer(sealer).open(text(row, 'tokens'), placeOf(flow, 'tokens')));
  },

  expired: async (now: number, limit: number): Promise<readonly Flow[]> => {
    const rows = await database.read(sql`
      select * from flow
      where expires_at <= ${now} and (tokens is not null or status in (${list(UNFINISHED)}))
      order by expires_at limit ${limit}`);
    return rows.map(flowOf);
  },
});

/** The steps in which something is sealed. Whose flow it is never changes, so it may be read before the step is taken. */
const sealedSteps = (
  database: Database,
  sealer: Sealer,
  byId: FlowStore['byId'],
): Pick<FlowStore, 'redirect' | 'giveBack' | 'hold'> => ({
  async redirect({ id, nonceHash, from, stateHash, verifier, redirectUri, now, unwanted = null }) {
    const flow = await byId(id);
    if (flow === null) return null;
    const sealed = verifier && sealer.seal(verifier.reveal(), placeOf(flow, 'verifier'));
    const redirected = sql`
      update flow
      set status = 'redirected', state_hash = ${stateHash}, verifier = ${sealed}, redirect_uri = ${redirectUri},
        tokens = null, account_id = null, account_label = null,
        declined_account = case when status = 'pending' then coalesce(account_id, 'null') else declined_account end
      where id = ${id} and nonce_hash = ${nonceHash} and status = ${from} and expires_at > ${now}
        and (mode <> 'reauth' or vouched_for = viewer)
      returning *`;
    if (unwanted === null) return first(await database.write(redirected), flowOf);
    return database.exclusive(async (run) => {
      const gone = first(await run(redirected), flowOf);
      if (gone !== null) await run(keeping(tokenSealer(sealer), unwanted));
      return gone;
    });
  },

  async giveBack(id, now) {
    const rows = await database.write(sql`
      update flow set status = 'returned'
      where id = ${id} and status = 'redirected' and expires_at > ${now}
      returning *`);
    return first(rows, (row) => {
      const flow = flowOf(row);
      if (row.verifier === null) return { flow, verifier: null };
      const verifier = sealer.open(text(row, 'verifier'), placeOf(flow, 'verifier'));
      // Without the verifier that was promised to the provider the code must not be redeemed.
      return verifier === null ? null : { flow, verifier: new Secret(verifier) };
    });
  },

  async hold(id, tokens, account, now, unwanted) {
    const flow = await byId(id);
    const seals = tokenSealer(sealer);
    return database.exclusive(async (run) => {
      const rows =
        flow &&
        (await run(sql`
          update flow
          set status = 'pending', tokens = ${seals.seal(tokens, placeOf(flow, 'tokens'))}, verifier = null,
            account_id = ${account && toJson(account.id)}, account_label = ${account && toJson(account.label)}
          where id = ${id} and status = 'returned' and expires_at > ${now}
          returning *`));
      const held = first(rows ?? [], flowOf);
      if (held === null && unwanted !== undefined) await run(keeping(seals, unwanted));
      return held;
    });
  },
});

/** Flows in `database`. Each step is one conditional update, so it is taken once, by whoever comes first. */
export const flowStore = (database: Database, sealer: Sealer): FlowStore => {
  const reading = queries(database, sealer);
  return {
    ...reading,
    ...sealedSteps(database, sealer, reading.byId),
    ...linkSteps(database),

    async create(flow, { attempts, attemptsInAll } = VIEWER_LIMITS) {
      const ofViewer = sql`select count(*) from flow where viewer = ${flow.viewer.id} and expires_at > ${flow.startedAt}`;
      const rows = await database.write(sql`
        insert into flow (
          id, viewer, profile, gadget, provider, intent, mode, status, scopes, client_id,
          ticket_hash, ticket_expires_at, started_at, expires_at)
        select
          ${flow.id}, ${flow.viewer.id}, ${toJson(flow.profile)}, ${flow.gadget}, ${flow.provider}, ${flow.intent},
          ${flow.mode}, 'begun', ${toJson(flow.scopes)}, ${flow.clientId},
          ${flow.ticketHash}, ${flow.ticketExpiresAt}, ${flow.startedAt}, ${flow.expiresAt}
        where (${ofViewer} and status not in ('active', 'cancelled')) < ${attempts}
          and (${ofViewer}) < ${attemptsInAll}
        returning id`);
      return rows.length > 0;
    },

    async open({ ticketHash, modes, nonceHash, now, visit }) {
      const rows = await database.write(sql`
        update flow set status = 'opened', nonce_hash = ${nonceHash}
        where ticket_hash = ${ticketHash} and mode in (${list(modes)}) and status = 'begun'
          and ${visit === true ? sql`intent = 'visit'` : sql`intent <> 'visit'`}
          and ticket_expires_at > ${now} and expires_at > ${now}
        returning *`);
      return first(rows, flowOf);
    },

    async accept(id, nonceHash, now) {
      const rows = await database.write(sql`
        update flow set status = 'accepted'
        where id = ${id} and nonce_hash = ${nonceHash} and status = 'pending' and mode <> 'code'
          and expires_at > ${now}
        returning *`);
      return first(rows, flowOf);
    },

    async end(id, from, status, failure) {
      const rows = await database.write(sql`
        update flow set status = ${status}, failure = ${failure && toJson(failure)}, verifier = null
        where id = ${id} and status in (${list(from)})
        returning *`);
      return first(rows, flowOf);
    },

    async forget(id) {
      await database.write(sql`update flow set tokens = null where id = ${id}`);
    },

    async remove(id) {
      await database.write(sql`delete from flow where id = ${id}`);
    },

    async sweep(now) {
      await database.write(sql`
        delete from flow
        where expires_at <= ${now} and tokens is null and status not in (${list(UNFINISHED)})`);
    },
  };
};
