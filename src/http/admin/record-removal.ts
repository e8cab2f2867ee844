import type { SetupKind } from '../../domain/setup.js';
import { changeable, versionIn } from './records.js';
import type { AdminRoute } from './route.js';
import type { AdminWeb } from './web.js';

/** Removing a provider or a host: what will happen, and then how far it is. */
export const removalRoutes = (web: AdminWeb): readonly AdminRoute[] =>
  (['provider', 'host'] as const).flatMap((kind: SetupKind): readonly AdminRoute[] => {
    const { records } = web.manage;
    const section = kind === 'provider' ? 'providers' : 'hosts';
    const path = `/admin/${section}/:id/remove`;
    return [
      {
        method: 'get',
        path,
        section,
        confirm: true,
        async handle(visit) {
          const record = await changeable(web, kind, visit);
          const counts = await web.manage.connections.counts();
          const count = counts
            .filter((each) => each[kind] === record.id)
            .reduce((sum, each) => sum + each.count, 0);
          visit.show('admin/record-remove', { record, connections: count });
        },
      },
      {
        method: 'post',
        path,
        section,
        confirm: true,
        async handle(visit) {
          const record = await changeable(web, kind, visit);
          const departure = await records.remove(kind, record.id, versionIn(visit.form), visit.by);
          visit.leave({
            kind: 'good',
            message: `${record.name} serves nobody any more. Its permissions are being taken back.`,
          });
          visit.seeOther(`/admin/departures/${encodeURIComponent(departure.id)}`);
        },
      },
    ];
  });
