import type { SetupKind } from '../../domain/setup-record.js';
import { countsFor } from '../connections/connections-view.js';
import type { AdminRoute, AdminVisit } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { type Changeable, changeable, type NotSaved, saving, versionIn } from './record-pages.js';

const sentenceOf = ({ message, changed }: { readonly message: string; readonly changed: boolean }): string =>
  changed
    ? 'Nothing was removed: somebody else changed it since this page asked. Do you still want it?'
    : message;

/** Removing a provider or a host: what will happen, and then how far it is. */
export const removalRoutes = (web: AdminWeb): readonly AdminRoute[] =>
  (['provider', 'host'] as const).flatMap((kind: SetupKind): readonly AdminRoute[] => {
    const { connections, records } = web.manage;
    const section = kind === 'provider' ? 'providers' : 'hosts';
    const path = `/admin/${section}/:id/remove`;

    const ask = async (visit: AdminVisit, record: Changeable, refused: NotSaved | null): Promise<void> => {
      const { all, revoking } = countsFor(await connections.counts(), { [kind]: record.id });
      const model = {
        record,
        connections: all - revoking,
        endings: await connections.endings({ [kind]: record.id }),
        message: refused !== null && 'message' in refused ? sentenceOf(refused) : null,
        faults: refused !== null && 'faults' in refused ? refused.faults : [],
      };
      visit.show('admin/record-remove', model, { status: refused === null ? 200 : 409 });
    };

    return [
      {
        method: 'get',
        path,
        section,
        confirm: true,
        handle: async (visit) => ask(visit, await changeable(web, kind, visit), null),
      },
      {
        method: 'post',
        path,
        section,
        confirm: true,
        async handle(visit) {
          const { id, name } = await changeable(web, kind, visit);
          const removed = await saving(() => records.remove(kind, id, versionIn(visit.form), visit.by));
          // Somebody changed it since the page asked, or the file needs it: nothing was removed.
          if (!('id' in removed)) return ask(visit, await changeable(web, kind, visit), removed);
          visit.leave({
            kind: 'good',
            message: `${name} serves nobody any more. Providers that offer it are being asked to revoke its permissions.`,
          });
          visit.seeOther(`/admin/departures/${encodeURIComponent(removed.id)}`);
        },
      },
    ];
  });
