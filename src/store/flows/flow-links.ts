import type { Database } from '../engine/database.js';
import { first, text, toJson } from '../engine/rows.js';
import { list, sql } from '../engine/sql.js';
import { flowOf } from './flow-row.js';
import type { FlowStore } from './flow-store.js';

/** How the ViewerId of every viewer of a host begins. */
const beginningOf = (host: string): string => `${toJson([host]).slice(0, -1)},`;

/** The steps of flows that are begun by a link: what the host answers, and the code that is typed into the gadget. */
export const linkSteps = (
  database: Database,
): Pick<FlowStore, 'ask' | 'asked' | 'vouch' | 'offerCode' | 'tryCode' | 'acceptCode'> => ({
  async asked(host, nonceHashes, now) {
    const beginning = beginningOf(host);
    const rows = await database.read(sql`
      select * from flow
      where nonce_hash in (${list(nonceHashes)}) and mode = 'reauth' and status = 'asked' and expires_at > ${now}
        and substr(viewer, 1, ${beginning.length}) = ${beginning}
      order by started_at desc, id`);
    return rows.map(flowOf);
  },

  async ask({ id, nonceHash, requestHash, now }) {
    const rows = await database.write(sql`
      update flow set status = 'asked', request_hash = ${requestHash}
      where id = ${id} and nonce_hash = ${nonceHash} and mode = 'reauth' and status in ('opened', 'asked')
        and expires_at > ${now}
      returning *`);
    return first(rows, flowOf);
  },

  async vouch({ requestHash, viewer, now }) {
    const beginning = beginningOf(viewer.host);
    const rows = await database.write(sql`
      update flow set status = 'vouched', vouched_for = ${viewer.id}
      where request_hash = ${requestHash} and mode = 'reauth' and status = 'asked' and expires_at > ${now}
        and substr(viewer, 1, ${beginning.length}) = ${beginning}
      returning *`);
    return first(rows, flowOf);
  },

  async offerCode({ id, nonceHash, codeHash, codeExpiresAt, now }) {
    const rows = await database.write(sql`
      update flow set status = 'coded', code_hash = ${codeHash}, code_expires_at = ${codeExpiresAt}
      where id = ${id} and nonce_hash = ${nonceHash} and mode = 'code' and expires_at > ${now}
        and (status = 'pending' or (status = 'opened' and intent = 'visit') or (status = 'coded' and code_expires_at <= ${now}))
      returning *`);
    return first(rows, flowOf);
  },

  async tryCode(id, { ofFlow, ofViewer, now }) {
    const rows = await database.write(sql`
      update flow set code_tries = code_tries + 1
      where id = ${id} and status = 'coded' and code_expires_at > ${now} and expires_at > ${now}
        and code_tries < ${ofFlow}
        and (select sum(each.code_tries) from flow as each where each.viewer = flow.viewer) < ${ofViewer}
      returning *`);
    return first(rows, (row) => ({ flow: flowOf(row), codeHash: text(row, 'code_hash') }));
  },

  async acceptCode(id, codeHash, now) {
    const rows = await database.write(sql`
      update flow set status = 'accepted', code_hash = null
      where id = ${id} and status = 'coded' and code_hash = ${codeHash} and code_expires_at > ${now}
        and expires_at > ${now}
      returning *`);
    return first(rows, flowOf);
  },
});
