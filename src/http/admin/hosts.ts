import { hostChangeRoutes } from './host-changes.js';
import { HOST_FIELDS, keyKindOf, ticked } from './host-fields.js';
import { modeOf } from './host-form.js';
import { at, secretsOf } from './record-form.js';
import { textOf } from './records.js';
import type { AdminRoute } from './route.js';
import type { AdminWeb } from './web.js';

const LIST = '/admin/hosts';
const section = 'hosts';
const NOTHING_TYPED = new Map<string, string>();

/** The pages of hosts: all of them, one of them, and its form. */
export const hostRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { records } = web.manage;
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
        const shows = ticked('', host.entry, ['gadgets'], NOTHING_TYPED);
        visit.show('admin/host', {
          host,
          origins: at(host.entry, ['origins']) ?? [],
          keyKind: keyKindOf(host.entry),
          algorithms: [...ticked('', host.entry, ['key', 'algorithms'], NOTHING_TYPED)],
          jwks: at(host.entry, ['key', 'jwks']) ?? null,
          secrets: secretsOf(HOST_FIELDS, host.entry),
          mode: modeOf(host.entry),
          connectUrl: at(host.entry, ['connect', 'url']) ?? null,
          gadgets: web.manage.gadgets().filter(({ id }) => shows.has(id)),
          providers: [...ticked('', host.entry, ['providers'], NOTHING_TYPED)],
          entry: textOf(host.entry),
        });
      },
    },
  ];
};
