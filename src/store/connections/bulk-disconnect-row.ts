import type { BulkDisconnect, EndOutcome, Leaver } from '../../domain/bulk-disconnect.js';
import type { Connection } from '../../domain/connection.js';
import type { Row } from '../engine/database.js';
import { integer, json, maybe, oneOf, text, toJson, viewer } from '../engine/rows.js';
import { type Query, raw, sql } from '../engine/sql.js';

const kinds: readonly Leaver['kind'][] = ['provider', 'host', 'connections', 'viewer'];

const maybeText = maybe(text);
const maybeInteger = maybe(integer);
const maybeHost = maybe(json<string>);

const leaverOf = (row: Row): Leaver => {
  const kind = oneOf(row, 'kind', kinds);
  switch (kind) {
    case 'provider':
      return { kind, provider: text(row, 'provider') };
    case 'host':
      return { kind, host: json<string>(row, 'host') };
    case 'connections':
      return { kind, provider: maybeText(row, 'provider'), host: maybeHost(row, 'host') };
    case 'viewer':
      return { kind, host: json<string>(row, 'host'), viewer: maybe(viewer)(row, 'viewer') };
  }
};

export const bulkDisconnectOf = (row: Row): BulkDisconnect => ({
  id: text(row, 'id'),
  leaver: leaverOf(row),
  startedAt: integer(row, 'started_at'),
  startedBy: text(row, 'started_by'),
  total: integer(row, 'total'),
  revoked: integer(row, 'revoked'),
  asked: integer(row, 'asked'),
  nothing: integer(row, 'none_left'),
  unrevoked: integer(row, 'unrevoked'),
  closedAt: maybeInteger(row, 'closed_at'),
  finishedAt: maybeInteger(row, 'finished_at'),
});

/** The columns that say whom a bulk disconnect concerns; null where that does not matter. */
export const columnsOf = (leaver: Leaver) => ({
  provider: 'provider' in leaver ? leaver.provider : null,
  host: 'host' in leaver && leaver.host !== null ? toJson(leaver.host) : null,
  viewer: leaver.kind === 'viewer' ? (leaver.viewer?.id ?? null) : null,
});

/** What is gone for good takes all with it; otherwise a person may connect again in the meantime, and that stays. */
const untilStart = ({ kind }: Leaver): boolean => kind === 'connections' || kind === 'viewer';

/** Whether the column `viewer` names one of this host: a ViewerId starts with its host. */
export const ofHost = (host: string): Query => {
  const beginning = `[${toJson(host)},`;
  return sql`substr(viewer, 1, ${beginning.length}) = ${beginning}`;
};

/** A Connection was started with its flow, which may be accepted before a bulk disconnect and activated after. */
const startOf = (since: 'created_at' | 'started_at'): Query =>
  since === 'started_at'
    ? raw('started_at')
    : sql`case when flow_started_at < created_at then flow_started_at else created_at end`;

/** Whether a row of `connection` or `flow`, made at `since`, belongs to a bulk disconnect. Of a viewer who is forgotten there is none. */
export const concerned = (
  { leaver, startedAt }: Pick<BulkDisconnect, 'leaver' | 'startedAt'>,
  since: 'created_at' | 'started_at',
): Query => {
  const { provider, viewer: who } = columnsOf(leaver);
  const parts: readonly Query[] = [
    provider === null ? sql`` : sql`and provider = ${provider}`,
    'host' in leaver && leaver.host !== null ? sql`and ${ofHost(leaver.host)}` : sql``,
    leaver.kind === 'viewer' ? sql`and viewer = ${who}` : sql``,
    untilStart(leaver) ? sql`and ${startOf(since)} <= ${startedAt}` : sql``,
  ];
  return parts.reduce((all, part) => sql`${all} ${part}`, sql`1 = 1`);
};

const COUNTS: Readonly<Record<EndOutcome, Query>> = {
  revoked: sql`revoked = revoked + 1`,
  asked: sql`asked = asked + 1`,
  nothing: sql`none_left = none_left + 1`,
  unrevoked: sql`unrevoked = unrevoked + 1`,
};

/** Counts a Connection in every unfinished bulk disconnect that waited for it. */
export const counted = (
  { viewer: who, provider, createdAt, flowStartedAt }: Connection,
  outcome: EndOutcome,
): Query => sql`
  update departure
  set ${COUNTS[outcome]}
  where finished_at is null and (provider is null or provider = ${provider})
    and (host is null or host = ${toJson(who.host)}) and (viewer is null or viewer = ${who.id})
    and (kind in ('provider', 'host') or started_at >= ${Math.min(createdAt, flowStartedAt)})`;
