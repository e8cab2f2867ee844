import type { AdminRoute, ConsoleDeps } from '../console-route.js';
import { attentionView, columnsView, providerView, REFRESHES, RENDERS } from './overview-view.js';
import { getOverview, listFirstSteps } from './use-cases.js';

/** The console's first page: what needs attention, and the last day. */
export const overviewRoutes = (deps: ConsoleDeps): readonly AdminRoute[] => [
  {
    method: 'get',
    path: '/admin',
    section: 'overview',
    async handle(visit) {
      const overview = await getOverview(deps);
      const { from, to, attention, renders, refreshes, providers, connections } = overview;
      visit.show('admin/overview', {
        from,
        to,
        attention: attention.map(attentionView),
        connections,
        steps: await listFirstSteps(deps, overview),
        renders: columnsView(renders, RENDERS),
        states: Object.entries(renders.byOutcome).map(([state, count]) => ({ state, count })),
        refreshes: columnsView(refreshes, REFRESHES),
        providers: providers.map(providerView),
      });
    },
  },
];
