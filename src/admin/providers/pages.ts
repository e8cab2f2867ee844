import type { Entry } from '../../domain/setup-record.js';
import type { AdminWeb } from '../console-web.js';
import { secretsOf } from '../records/record-form.js';
import { textOf } from '../records/record-pages.js';
import { connectionsOf, needsOf } from '../records/record-state.js';
import type { SessionRoute } from '../session-route.js';
import { providerChangeRoutes } from './change-pages.js';
import { clientsIn } from './provider-clients.js';
import { PROVIDER_FIELDS } from './provider-fields.js';
import { kindsOfProvider, redirectUriOf } from './provider-form.js';

const LIST = '/admin/providers';
const section = 'providers';

const namesProvider = (entry: Entry | null, id: string): boolean =>
  Array.isArray(entry?.providers) && entry.providers.includes(id);

/** The pages of providers: all of them, one of them, which kind a new one is, and its form. */
export const providerRoutes = (web: AdminWeb): readonly SessionRoute[] => {
  const { connections, records } = web.manage;
  return [
    {
      method: 'get',
      path: LIST,
      section,
      handle: async (visit) => visit.show('admin/providers', { providers: await records.list('provider') }),
    },
    {
      method: 'get',
      path: `${LIST}/new`,
      section,
      handle: (visit) => visit.show('admin/provider-new', { kinds: kindsOfProvider() }),
    },
    ...providerChangeRoutes(web),
    {
      method: 'get',
      path: `${LIST}/:id`,
      section,
      async handle(visit) {
        const provider = await records.get('provider', visit.params.id ?? '');
        const hosts = await records.list('host');
        const names = new Map(hosts.map(({ id, name }) => [id, name]));
        const counts = await connections.counts();
        const model = {
          provider,
          hosts: hosts.filter(({ entry }) => namesProvider(entry, provider.id)),
          needs: await needsOf(web, 'provider', provider.id),
          connections: connectionsOf(counts, 'provider', provider.id, (id) => names.get(id) ?? id),
          entry: textOf(provider.entry),
          redirectUri: redirectUriOf(web, provider.id),
          secrets: secretsOf(PROVIDER_FIELDS, provider.entry),
          clients: clientsIn(provider.entry).map((row) => ({
            ...row,
            name: names.get(row.host) ?? row.host,
          })),
        };
        visit.show('admin/provider', model, { script: 'admin.js' });
      },
    },
  ];
};
