import type { SetupKind } from '../../domain/setup-record.js';
import { addressOf, countsFor } from '../connections/connections-view.js';
import { type ConnectionCounts, countConnections, listEndings } from '../connections/use-cases.js';
import type { AdminRoute, AdminVisit, ConsoleDeps } from '../console-route.js';
import { attentionView } from '../overview/overview-view.js';
import { getOverview } from '../overview/use-cases.js';
import { type Changeable, changeable, type NotSaved, saving, versionIn } from './form-pages.js';
import { removeRecord } from './use-cases.js';

/** What keeps a record from being used, as on the overview: no one should have to look there to understand this page. */
export const needsOf = async (deps: ConsoleDeps, kind: SetupKind, id: string) => {
  const { attention } = await getOverview(deps);
  return attention.filter(({ to }) => to.kind === kind && to.id === id).map(attentionView);
};

/** How many Connections a record has, by status, and by what is on their other end; each with the page that shows them. */
export const connectionsOf = (
  counts: ConnectionCounts,
  kind: SetupKind,
  id: string,
  nameOf: (other: string) => string,
) => {
  const other = kind === 'provider' ? 'host' : 'provider';
  const ends = [...new Set(counts.filter((each) => each[kind] === id).map((each) => each[other]))];
  const path = '/admin/connections';
  return {
    ...countsFor(counts, { [kind]: id }),
    path: addressOf(path, { [kind]: id }),
    rows: ends.toSorted().map((end) => {
      const filter = { [kind]: id, [other]: end };
      return { name: nameOf(end), ...countsFor(counts, filter), path: addressOf(path, filter) };
    }),
  };
};

const sentenceOf = ({ message, changed }: { readonly message: string; readonly changed: boolean }): string =>
  changed
    ? 'Nothing was removed because someone else changed it in the meantime. Do you still want to remove it?'
    : message;

/** Removing a provider or a host: first what will happen, then its progress. */
export const removalRoutes = (deps: ConsoleDeps): readonly AdminRoute[] =>
  (['provider', 'host'] as const).flatMap((kind: SetupKind): readonly AdminRoute[] => {
    const section = kind === 'provider' ? 'providers' : 'hosts';
    const path = `/admin/${section}/:id/remove`;

    const ask = async (visit: AdminVisit, record: Changeable, refused: NotSaved | null): Promise<void> => {
      const { all, revoking } = countsFor(await countConnections(deps), { [kind]: record.id });
      const model = {
        record,
        connections: all - revoking,
        endings: await listEndings(deps, { [kind]: record.id }),
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
        handle: async (visit) => ask(visit, await changeable(deps, kind, visit), null),
      },
      {
        method: 'post',
        path,
        section,
        confirm: true,
        async handle(visit) {
          const { id, name } = await changeable(deps, kind, visit);
          const removed = await saving(() =>
            removeRecord(deps, { kind, id, version: versionIn(visit.form) }, visit.by),
          );
          // Someone changed it in the meantime, or the file names it: nothing was removed.
          if (!('id' in removed)) return ask(visit, await changeable(deps, kind, visit), removed);
          visit.leave({
            kind: 'good',
            message: `Removed ${name}. Providers are being asked to revoke its permissions where they support that.`,
          });
          visit.seeOther(`/admin/bulk-disconnects/${encodeURIComponent(removed.id)}`);
        },
      },
    ];
  });
