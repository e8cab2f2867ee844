import { AppError } from '../../domain/errors.js';
import type { ConnectionFilter } from '../../store/setup-stores.js';
import type { AdminRoute } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import {
  addressOf,
  choicesOf,
  connectionView,
  countsFor,
  filterIn,
  type NameOf,
  REASONS,
  wholeOf,
} from './connections-view.js';

const LIST = '/admin/connections';
const REFRESHING = `${LIST}/refreshing`;
const ALL = `${LIST}/revoke-all`;
const section = 'connections';

/** What providers and hosts are called; those that are gone by their ids. */
export const namesIn = async ({ manage }: Pick<AdminWeb, 'manage'>): Promise<NameOf> => {
  const names = new Map<string, string>();
  for (const kind of ['provider', 'host'] as const)
    for (const { id, name } of await manage.records.list(kind)) names.set(`${kind} ${id}`, name);
  return (kind, id) => names.get(`${kind} ${id}`) ?? id;
};

const choices = async ({ manage }: AdminWeb, filter: ConnectionFilter) => {
  const counts = await manage.connections.counts();
  const of = async (kind: 'provider' | 'host') =>
    choicesOf(await manage.records.list(kind), [
      ...counts.map((each) => each[kind]),
      ...(filter[kind] === undefined ? [] : [filter[kind]]),
    ]);
  return { counts, providers: await of('provider'), hosts: await of('host') };
};

/** Who is connected, and revoking one of them. */
const listRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { connections } = web.manage;
  return [
    {
      method: 'get',
      path: LIST,
      section,
      async handle(visit) {
        const filter = filterIn(visit.query);
        const after = visit.query.get('after');
        const { counts, providers, hosts } = await choices(web, filter);
        const page = await connections.list(filter, after);
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
        const connection = await connections.get(visit.params.id ?? '');
        visit.show('admin/connection-revoke', { connection: connectionView(connection) });
      },
    },
    {
      method: 'post',
      path: `${LIST}/:id/revoke`,
      section,
      confirm: true,
      async handle(visit) {
        const { outcome, message } = await connections.revoke(visit.params.id ?? '', visit.by);
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

/** Revoking all Connections of a provider or a host. */
const revokeAllRoutes = (web: AdminWeb): readonly AdminRoute[] => [
  {
    method: 'get',
    path: ALL,
    section,
    confirm: true,
    async handle(visit) {
      const filter = wholeIn(visit.query);
      const { counts, providers, hosts } = await choices(web, filter);
      const named = filter.provider !== undefined || filter.host !== undefined;
      visit.show('admin/connections-revoke-all', {
        filter,
        providers,
        hosts,
        whole: named ? wholeOf(filter, await namesIn(web)) : null,
        counts: countsFor(counts, filter),
        endings: named ? await web.manage.connections.endings(filter) : [],
      });
    },
  },
  {
    method: 'post',
    path: ALL,
    section,
    confirm: true,
    async handle(visit) {
      const departure = await web.manage.connections.revokeAll(wholeIn(visit.form), visit.by);
      visit.leave({
        kind: 'good',
        message: 'They show nothing from now on. Providers that offer it are being asked to revoke them.',
      });
      visit.seeOther(`/admin/departures/${encodeURIComponent(departure.id)}`);
    },
  },
];

/** Why tokens are not renewed, and letting a stopped client ask again. */
const refreshingRoutes = ({ manage }: AdminWeb): readonly AdminRoute[] => [
  {
    method: 'get',
    path: REFRESHING,
    section,
    async handle(visit) {
      const troubles = await manage.refreshing.troubles();
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
      if (!provider) throw new AppError('provider_unknown', 'Name the provider whose client may ask again.');
      const count = await manage.refreshing.retry(provider, visit.by);
      const message =
        count === 0
          ? `No client of ${provider} was stopped.`
          : `${count === 1 ? 'One client' : `${count} clients`} of ${provider} may ask for tokens again.`;
      visit.leave({ kind: 'good', message });
      visit.seeOther(REFRESHING);
    },
  },
];

/** The page Connections and what belongs to it. */
export const connectionRoutes = (web: AdminWeb): readonly AdminRoute[] => [
  ...revokeAllRoutes(web),
  ...refreshingRoutes(web),
  ...listRoutes(web),
];
