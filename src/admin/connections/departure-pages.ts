import { frameAnswer } from '../../web/headers.js';
import type { AdminRoute } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { departureView } from './connections-view.js';
import { namesIn } from './pages.js';

const LIST = '/admin/departures';

/** The end of many Connections at once, and how far it is. */
export const departureRoutes = (web: AdminWeb): readonly AdminRoute[] => {
  const { departures } = web.manage;
  return [
    {
      method: 'get',
      path: LIST,
      section: 'connections',
      async handle(visit) {
        const nameOf = await namesIn(web);
        const latest = await departures.latest();
        visit.show('admin/departures', { departures: latest.map((each) => departureView(each, nameOf)) });
      },
    },
    {
      method: 'get',
      path: `${LIST}/:id`,
      section: 'connections',
      async handle(visit) {
        const progress = await departures.byId(visit.params.id ?? '');
        visit.show(
          'admin/departure',
          { departure: departureView(progress, await namesIn(web)) },
          { script: 'bulk-disconnect.js' },
        );
      },
    },
    {
      // For the page's own script, so that nobody has to load it anew.
      method: 'get',
      path: `${LIST}/:id/progress`,
      section: 'connections',
      async handle(visit, ctx) {
        const progress = await departures.byId(visit.params.id ?? '');
        const view = departureView(progress, await namesIn(web));
        const { percent, revoked, asked, nothing, unrevoked, left } = view;
        frameAnswer(ctx);
        ctx.body = { percent, revoked, asked, nothing, unrevoked, left, finished: view.finishedAt !== null };
      },
    },
  ];
};
