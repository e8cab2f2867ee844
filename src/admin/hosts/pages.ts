import type { AdminWeb } from '../console-web.js';
import { at, secretsOf } from '../records/record-form.js';
import { textOf } from '../records/record-pages.js';
import { connectionsOf, needsOf } from '../records/record-state.js';
import type { SessionRoute } from '../session-route.js';
import { hostChangeRoutes } from './change-pages.js';
import { HOST_FIELDS, keyKindOf, listAt, modeOf } from './host-fields.js';

const LIST = '/admin/hosts';
const section = 'hosts';

/** The pages of hosts: all of them, one of them, and its form. */
export const hostRoutes = (web: AdminWeb): readonly SessionRoute[] => {
  const { connections, records } = web.manage;
  return [
    {
      method: 'get',
      path: LIST,
      section,
      handle: async (visit) => visit.show('admin/hosts', { hosts: await records.list('host') }),
    },
    ...hostChangeRoutes(web),
    {
      method: 'get',
      path: `${LIST}/:id`,
      section,
      async handle(visit) {
        const host = await records.get('host', visit.params.id ?? '');
        const { entry } = host;
        const shows = listAt(entry, ['gadgets']);
        const names = new Map((await records.list('provider')).map(({ id, name }) => [id, name]));
        const nameOf = (id: string): string => names.get(id) ?? id;
        visit.show('admin/host', {
          host,
          origins: listAt(entry, ['origins']),
          keyKind: keyKindOf(entry),
          algorithms: listAt(entry, ['key', 'algorithms']),
          jwks: at(entry, ['key', 'jwks']) ?? null,
          secrets: secretsOf(HOST_FIELDS, entry),
          mode: modeOf(entry),
          connectUrl: at(entry, ['connect', 'url']) ?? null,
          gadgets: web.manage.gadgets().filter(({ id }) => shows.includes(id)),
          providers: listAt(entry, ['providers']).map((id) => ({
            id,
            name: nameOf(id),
            known: names.has(id),
          })),
          needs: await needsOf(web, 'host', host.id),
          connections: connectionsOf(await connections.counts(), 'host', host.id, nameOf),
          entry: textOf(entry),
        });
      },
    },
  ];
};
