import { LANGUAGES } from '../../hosts/snippets/snippet-facts.js';
import type { AdminRoute } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { givenParameters, parametersQuery } from '../gadgets/given-parameters.js';
import type { Snippets } from './write-snippets.js';

const pathOf = (
  host: string,
  gadget: string,
  given: ReadonlyMap<string, string>,
  language: string,
): string => {
  const query = parametersQuery(given);
  const asked = new URLSearchParams({ gadget, language });
  return `/admin/hosts/${encodeURIComponent(host)}/snippet?${asked}${query === '' ? '' : `&${query}`}#token`;
};

const previewPath = (gadget: string, given: ReadonlyMap<string, string>): string => {
  const query = parametersQuery(given);
  return `/admin/preview/${encodeURIComponent(gadget)}${query === '' ? '' : `?${query}`}`;
};

/** Everything that is copied has a name, by which its button finds it. */
const endpointOf = ({ endpoints }: Snippets, language: string | null) =>
  endpoints.find((each) => each.language === language) ?? endpoints[0];

/** `/admin/hosts/:id/snippet`: what a host's developer copies, for one gadget and in one language at a time. */
export const snippetRoutes = (web: AdminWeb): readonly AdminRoute[] => [
  {
    method: 'get',
    path: '/admin/hosts/:id/snippet',
    section: 'hosts',
    handle(visit) {
      const host = visit.params.id ?? '';
      const given = givenParameters(visit.query);
      const snippets = web.manage.snippets({ host, gadget: visit.query.get('gadget'), given });
      const endpoint = endpointOf(snippets, visit.query.get('language'));
      const gadget = snippets.gadget.id;
      visit.show(
        'admin/snippet',
        {
          snippets,
          endpoint,
          asks: snippets.parameters.some(({ isExample }) => isExample),
          languages: LANGUAGES.map((language) => ({
            language,
            title: endpointOf(snippets, language)?.title ?? language,
            path: pathOf(host, gadget, given, language),
          })),
          paths: {
            host: `/admin/hosts/${encodeURIComponent(host)}`,
            page: `/admin/hosts/${encodeURIComponent(host)}/snippet`,
            preview: previewPath(gadget, given),
          },
        },
        { script: 'admin.js' },
      );
    },
  },
];
