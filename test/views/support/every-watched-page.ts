import { adminBase, type Model } from './every-admin-page.js';

const columnsOf = (text: string) => ({
  bars: [{ kind: 'good', x: 1, y: 2, width: 3, height: 4 }],
  most: 2,
  total: 2,
  legend: [{ kind: 'good', words: text, count: 2 }],
  rows: [{ at: 0, counts: [2] }],
});

const latencyOf = (text: string) => ({
  median: text,
  high: text,
  slowest: text,
  medianLine: 'M0 1H10',
  highLine: 'M0 2H10',
  rows: [{ at: 0, median: text, high: text }],
});

const connectionOf = (text: string) => ({
  id: 'c1',
  sub: text,
  host: { id: text, name: text },
  provider: { id: text, name: text },
  account: { id: text, label: text },
  scopes: [text, text],
  badge: { kind: 'warning', words: text },
  why: text,
  uses: [{ title: text, lastUsedAt: 0 }],
  createdAt: 0,
  lastUsedAt: 0,
  atEnd: 'unsupported',
  revokePath: '/admin/connections/c1/revoke',
});

const bulkDisconnectOf = (text: string) => ({
  path: '/admin/bulk-disconnects/d1',
  subject: text,
  why: text,
  startedAt: 0,
  startedBy: text,
  finishedAt: null,
  total: 4,
  revoked: 1,
  asked: 1,
  nothing: 1,
  unrevoked: 1,
  left: 2,
  percent: 50,
});

const entryOf = (text: string) => ({
  seq: 1,
  at: 0,
  iso: '1970-01-01T00:00:00.000Z',
  sentence: text,
  badge: { kind: 'bad', words: text },
  action: text,
  who: text,
  viewer: text,
  person: text,
  provider: text,
  host: text,
  subject: text,
  code: text,
  requestId: text,
  times: 2,
  hash: text,
  changes: [
    { path: text, before: text, after: text },
    { path: text, before: null, after: null },
  ],
});

const overviewOf = (text: string): Model => ({
  from: 0,
  to: 0,
  attention: [
    {
      kind: 'bad',
      message: text,
      fix: text,
      since: 0,
      retry: text,
      link: { path: `/admin/providers/${encodeURIComponent(text)}`, words: text },
    },
  ],
  connections: { active: 1, reconnect: 1, revoking: 1 },
  renders: columnsOf(text),
  refreshes: columnsOf(text),
  states: [{ state: text, count: 1 }],
  providers: [
    {
      id: text,
      name: text,
      calls: columnsOf(text),
      outcomes: [{ outcome: text, count: 1 }],
      latency: latencyOf(text),
      refreshes: { ok: 1, failed: 1 },
    },
  ],
});

/** The console's pages of what happens and happened: overview, connections, audit and servers. */
export const everyWatchedPage = (text: string): Readonly<Record<string, Model>> => {
  const base = adminBase(text);
  const chosen = {
    filter: { provider: text, host: text, status: text },
    counts: { active: 1, reconnect: 1, revoking: 1, all: 3 },
    providers: [{ id: text, name: `${text}.` }],
    hosts: [{ id: text, name: text }],
  };
  const connection = connectionOf(text);
  const question = {
    action: text,
    outcome: text,
    provider: text,
    host: text,
    by: text,
    person: text,
    from: text,
    to: text,
  };
  const server = {
    id: text,
    startedAt: 0,
    seenAt: 0,
    keys: [text],
    problem: text,
    restart: [],
    gadgets: [{ id: text, isServed: true, problem: text }],
  };
  const verdict = { intact: false, entries: 1, brokenAt: 1, reason: text };
  return {
    'admin/overview': { ...base, ...overviewOf(text) },
    'admin/connections': {
      ...base,
      ...chosen,
      filtered: true,
      connections: [
        connection,
        { ...connection, account: null, scopes: [], uses: [], why: null, revokePath: null },
      ],
      first: '/admin/connections',
      next: '/admin/connections?after=c1',
      revokeAll: `/admin/connections/revoke-all?${new URLSearchParams({ host: text })}`,
    },
    'admin/connection-revoke': { ...base, connection },
    'admin/connections-revoke-all': {
      ...base,
      ...chosen,
      whole: text,
      endings: (['asked', 'unsupported', 'unknown'] as const).map((atEnd, at) => ({
        ...{ atEnd, count: at + 1 },
        provider: { name: text, accountPage: null },
      })),
    },
    'admin/connections-refreshing': {
      ...base,
      troubles: [
        {
          provider: { id: text, name: text },
          stoppedAt: 0,
          reconnect: [{ count: 1, why: text }],
          failures: [{ at: 0, code: text, times: 2 }],
        },
      ],
    },
    'admin/bulk-disconnects': {
      ...base,
      bulkDisconnects: [bulkDisconnectOf(text), { ...bulkDisconnectOf(text), finishedAt: 0 }],
    },
    'admin/bulk-disconnect': { ...base, bulkDisconnect: bulkDisconnectOf(text) },
    'admin/audit': {
      ...base,
      question,
      // With one, nothing was searched and there are no entries.
      error: null,
      wrong: [],
      filtered: true,
      entries: [entryOf(text)],
      newest: '/admin/audit',
      older: '/admin/audit?before=1',
      subjects: [{ name: text, actions: [text] }],
      outcomes: [text],
      people: [{ id: text, name: text }],
    },
    'admin/audit-verify': {
      ...base,
      check: { verdict: { intact: true, entries: 1, head: text }, kept: { hash: text, seq: 1 } },
      head: text,
      error: text,
    },
    'admin/audit-verify (of a broken log)': {
      ...base,
      check: { verdict, kept: { hash: text, seq: null } },
      head: text,
      error: null,
    },
    'admin/server': {
      ...base,
      servers: [server, { ...server, problem: null, restart: [text, text] }],
      keys: ['seals', 'opens', 'missing'].map((role) => ({ id: text, role, rows: 1 })),
      obstacle: { kind: 'keys' },
      toDo: true,
      progress: null,
    },
    'admin/server (rotating keys)': {
      ...base,
      servers: [],
      keys: [],
      obstacle: null,
      toDo: false,
      progress: { done: 1, lost: 0, total: 2 },
    },
  };
};
