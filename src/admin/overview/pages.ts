import type { AdminRoute } from '../console-route.js';
import type { AdminWeb } from '../console-web.js';
import { firstSteps } from './first-steps.js';
import { attentionView, columnsView, providerView, REFRESHES, RENDERS } from './overview-view.js';

/** The console's first page: what needs somebody, and how the last day was. */
export const overviewRoutes = ({ manage }: AdminWeb): readonly AdminRoute[] => [
  {
    method: 'get',
    path: '/admin',
    section: 'overview',
    async handle(visit) {
      const overview = await manage.overview();
      const { from, to, attention, renders, refreshes, providers, connections } = overview;
      visit.show('admin/overview', {
        from,
        to,
        attention: attention.map(attentionView),
        connections,
        steps: await firstSteps(manage.records, overview),
        renders: columnsView(renders, RENDERS),
        states: Object.entries(renders.byOutcome).map(([state, count]) => ({ state, count })),
        refreshes: columnsView(refreshes, REFRESHES),
        providers: providers.map(providerView),
      });
    },
  },
];
