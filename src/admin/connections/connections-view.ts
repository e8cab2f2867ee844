import { type BulkDisconnect, doneOf } from '../../domain/bulk-disconnect.js';
import type { ReconnectReason } from '../../domain/connection.js';
import type { ConnectionFilter } from '../../store/connections/connection-lists.js';
import type { BulkDisconnectProgress } from './bulk-disconnects.js';
import { connectionStatus } from './schema.js';
import type { ConnectionCounts, SeenConnection } from './use-cases.js';

/** Why a person must connect again, for administrators. */
export const REASONS: Readonly<Record<ReconnectReason, string>> = {
  expired: 'it expired, or the provider ended it',
  revoked: 'it was ended at the provider',
  interrupted: 'a token refresh was interrupted, and the old token no longer works',
  'more-scopes': 'a gadget needs more than was granted',
  'connected-elsewhere': 'the same account was connected again elsewhere',
  'expired-or-connected-elsewhere': 'it expired, or the same account was connected again elsewhere',
  'token-rejected': 'the provider no longer accepts the pasted token',
  'token-expired': 'the pasted token has reached its expiry date',
};

const given = (query: URLSearchParams, name: string): string | undefined =>
  query.get(name)?.trim() || undefined;

/** What a query asks for; values that are not valid are left out. */
export const filterIn = (query: URLSearchParams): ConnectionFilter => {
  const provider = given(query, 'provider');
  const host = given(query, 'host');
  const status = connectionStatus.options.find((each) => each === query.get('status'));
  return {
    ...(provider !== undefined && { provider }),
    ...(host !== undefined && { host }),
    ...(status !== undefined && { status }),
  };
};

/** An address of the console with a filter in its query. */
export const addressOf = (
  path: string,
  filter: ConnectionFilter,
  more: Readonly<Record<string, string>> = {},
): string => {
  const query = new URLSearchParams({ ...filter, ...more });
  return query.size === 0 ? path : `${path}?${query}`;
};

/** How many Connections match, by status. */
export const countsFor = (counts: ConnectionCounts, filter: ConnectionFilter) => {
  const sums = { active: 0, reconnect: 0, revoking: 0 };
  for (const { provider, host, status, count } of counts)
    if ((filter.provider ?? provider) === provider && (filter.host ?? host) === host) sums[status] += count;
  return { ...sums, all: sums.active + sums.reconnect + sums.revoking };
};

/** What can be chosen: what exists, and what was asked for although it does not. */
export const choicesOf = (
  named: readonly { readonly id: string; readonly name: string }[],
  used: readonly string[],
): readonly { readonly id: string; readonly name: string }[] => {
  const names = new Map(named.map(({ id, name }) => [id, name]));
  return [...new Set([...names.keys(), ...used])].toSorted().map((id) => ({ id, name: names.get(id) ?? id }));
};

const BADGES = {
  active: { kind: 'good', words: 'active' },
  reconnect: { kind: 'warning', words: 'must reconnect' },
  revoking: { kind: 'quiet', words: 'being revoked' },
} as const;

export const connectionView = (connection: SeenConnection) => ({
  ...connection,
  badge: BADGES[connection.status],
  why: connection.reason === null ? null : REASONS[connection.reason],
  revokePath: connection.status === 'revoking' ? null : `/admin/connections/${connection.id}/revoke`,
});

const subjectOf = ({ leaver }: BulkDisconnect, nameOf: NameOf): string => {
  switch (leaver.kind) {
    case 'provider':
      return `Provider ${nameOf('provider', leaver.provider)}`;
    case 'host':
      return `Host ${nameOf('host', leaver.host)}`;
    case 'viewer':
      return `One person on ${nameOf('host', leaver.host)}`;
    case 'connections':
      return wholeOf({ provider: leaver.provider ?? undefined, host: leaver.host ?? undefined }, nameOf);
  }
};

export type NameOf = (kind: 'provider' | 'host', id: string) => string;

/** All Connections of a filter, in words. */
export const wholeOf = (
  { provider, host }: { readonly provider?: string | undefined; readonly host?: string | undefined },
  nameOf: NameOf,
): string => {
  const at = host === undefined ? '' : ` on ${nameOf('host', host)}`;
  return provider === undefined
    ? `Every connection${at}`
    : `Every connection of ${nameOf('provider', provider)}${at}`;
};

const WHY: Readonly<Record<BulkDisconnect['leaver']['kind'], string>> = {
  provider: 'The provider is being removed.',
  host: 'The host is being removed.',
  connections: 'An administrator revoked them.',
  viewer: 'The person left, or wants their data erased.',
};

export const bulkDisconnectView = ({ bulkDisconnect, left }: BulkDisconnectProgress, nameOf: NameOf) => {
  const { id, leaver, startedAt, startedBy, total, revoked, asked, nothing, unrevoked, finishedAt } =
    bulkDisconnect;
  const done = doneOf(bulkDisconnect);
  return {
    path: `/admin/bulk-disconnects/${encodeURIComponent(id)}`,
    subject: subjectOf(bulkDisconnect, nameOf),
    why: WHY[leaver.kind],
    startedAt,
    startedBy,
    finishedAt,
    total,
    revoked,
    asked,
    nothing,
    unrevoked,
    left,
    percent: finishedAt !== null || total === 0 ? 100 : Math.min(100, Math.floor((100 * done) / total)),
  };
};
