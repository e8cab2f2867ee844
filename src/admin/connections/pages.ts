import { AppError } from '../../domain/errors.js';
import type { ConnectionFilter } from '../../store/connections/connection-lists.js';
import { frameAnswer } from '../../web/headers.js';
import type { AdminRoute, ConsoleDeps } from '../console-route.js';
import { type ListingDeps, listRecords } from '../records/use-cases.js';
import { getBulkDisconnect, listBulkDisconnects } from './bulk-disconnects.js';
import {
  addressOf,
  bulkDisconnectView,
  choicesOf,
  connectionView,
  countsFor,
  filterIn,
  type NameOf,
  REASONS,
  wholeOf,
} from './connections-view.js';
import { listRefreshTroubles, retryProvider } from './refresh-trouble.js';
import {
  countConnections,
  getConnection,
  listConnections,
  listEndings,
  revokeConnection,
  revokeConnections,
} from './use-cases.js';

const LIST = '/admin/connections';
const REFRESHING = `${LIST}/refreshing`;
const ALL = `${LIST}/revoke-all`;
const section = 'connections';

/** The names of providers and hosts; those that no longer exist by their ids. */
export const namesIn = async (deps: ListingDeps): Promise<NameOf> => {
  const names = new Map<string, string>();
  for (const kind of ['provider', 'host'] as const)
    for (const { id, name } of await listRecords(deps, kind)) names.set(`${kind} ${id}`, name);
  return (kind, id) => names.get(`${kind} ${id}`) ?? id;
};

const choices = async (deps: ConsoleDeps, filter: ConnectionFilter) => {
  const counts = await countConnections(deps);
  const of = async (kind: 'provider' | 'host') =>
    choicesOf(await listRecords(deps, kind), [
      ...counts.map((each) => each[kind]),
      ...(filter[kind] === undefined ? [] : [filter[kind]]),
    ]);
  return { counts, providers: await of('provider'), hosts: await of('host') };
};

/** Who is connected, and disconnecting one of them. */
const listRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
  return [
    {
      method: 'get',
      path: LIST,
      section,
      async handle(visit) {
        const filter = filterIn(visit.query);
        const after = visit.query.get('after');
        const { counts, providers, hosts } = await choices(deps, filter);
        const page = await listConnections(deps, filter, after);
        const { status: _, ...whole } = filter;
        visit.show('admin/connections', {
          filter,
          filtered: Object.keys(filter).length > 0,
          providers,
          hosts,
          counts: countsFor(counts, filter),
          connections: page.connections.map(connectionView),
          first: after === null ? null : addressOf(LIST, filter),
          next: page.next === null ? null : addressOf(LIST, filter, { after: page.next }),
          revokeAll: addressOf(ALL, whole),
        });
      },
    },
    {
      method: 'get',
      path: `${LIST}/:id/revoke`,
      section,
      confirm: true,
      async handle(visit) {
        const connection = await getConnection(deps, visit.params.id ?? '');
        visit.show('admin/connection-revoke', { connection: connectionView(connection) });
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/revoke`,
      section,
      confirm: true,
      async handle(visit) {
        const { outcome, message } = await revokeConnection(deps, visit.params.id ?? '', visit.by);
        visit.leave({ kind: outcome === 'revoked' || outcome === 'nothing' ? 'good' : 'warning', message });
        visit.seeOther(LIST);
      },
    },
  ];
};

const wholeIn = (source: { get(name: string): string | null | undefined }): ConnectionFilter => {
  const { status: _, ...whole } = filterIn(
    new URLSearchParams({ provider: source.get('provider') ?? '', host: source.get('host') ?? '' }),
  );
  return whole;
};

/** Disconnecting everyone of a provider or a host. */
const revokeAllRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  {
    method: 'get',
    path: ALL,
    section,
    confirm: true,
    async handle(visit) {
      const filter = wholeIn(visit.query);
      const { counts, providers, hosts } = await choices(deps, filter);
      const named = filter.provider !== undefined || filter.host !== undefined;
      visit.show('admin/connections-revoke-all', {
        filter,
        providers,
        hosts,
        whole: named ? wholeOf(filter, await namesIn(deps)) : null,
        counts: countsFor(counts, filter),
        endings: named ? await listEndings(deps, filter) : [],
      });
    },
  },
  {
    method: 'post',
    path: ALL,
    section,
    confirm: true,
    async handle(visit) {
      const bulkDisconnect = await revokeConnections(deps, wholeIn(visit.form), visit.by);
      visit.leave({
        kind: 'good',
        message:
          'Everyone was disconnected. Providers are being asked to revoke the permissions where they support that.',
      });
      visit.seeOther(`/admin/bulk-disconnects/${encodeURIComponent(bulkDisconnect.id)}`);
    },
  },
];

/** Why tokens are not renewed, and retrying with a stopped client. */
const refreshingRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  {
    method: 'get',
    path: REFRESHING,
    section,
    async handle(visit) {
      const troubles = await listRefreshTroubles(deps);
      visit.show('admin/connections-refreshing', {
        troubles: troubles.map((trouble) => ({
          ...trouble,
          reconnect: trouble.reconnect.map(({ reason, count }) => ({ count, why: REASONS[reason] })),
        })),
      });
    },
  },
  {
    method: 'post',
    path: `${LIST}/retry`,
    section,
    async handle(visit) {
      const provider = visit.form.get('provider');
      if (!provider) throw new AppError('provider_unknown', 'Choose the provider to retry.');
      const count = await retryProvider(deps, provider, visit.by);
      const message =
        count === 0
          ? `No client of ${provider} was stopped.`
          : `${count === 1 ? 'One client' : `${count} clients`} of ${provider} can request tokens again.`;
      visit.leave({ kind: 'good', message });
      visit.seeOther(REFRESHING);
    },
  },
];

/** The page Connections and what belongs to it. */
export const connectionRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  ...revokeAllRoutes(deps),
  ...refreshingRoutes(deps),
  ...listRoutes(deps),
];

const BULK = '/admin/bulk-disconnects';

/** Bulk disconnects and their progress. */
export const bulkDisconnectRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => {
  return [
    {
      method: 'get',
      path: BULK,
      section: 'connections',
      async handle(visit) {
        const nameOf = await namesIn(deps);
        const latest = await listBulkDisconnects(deps);
        visit.show('admin/bulk-disconnects', {
          bulkDisconnects: latest.map((each) => bulkDisconnectView(each, nameOf)),
        });
      },
    },
    {
      method: 'get',
      path: `${BULK}/:id`,
      section: 'connections',
      async handle(visit) {
        const progress = await getBulkDisconnect(deps, visit.params.id ?? '');
        visit.show(
          'admin/bulk-disconnect',
          { bulkDisconnect: bulkDisconnectView(progress, await namesIn(deps)) },
          { script: 'bulk-disconnect.js' },
        );
      },
    },
    {
      // For the page's own script, so that no one has to reload it.
      method: 'get',
      path: `${BULK}/:id/progress`,
      section: 'connections',
      async handle(visit, ctx) {
        const progress = await getBulkDisconnect(deps, visit.params.id ?? '');
        const view = bulkDisconnectView(progress, await namesIn(deps));
        const { percent, revoked, asked, nothing, unrevoked, left } = view;
        frameAnswer(ctx);
        ctx.body = { percent, revoked, asked, nothing, unrevoked, left, finished: view.finishedAt !== null };
      },
    },
  ];
};
