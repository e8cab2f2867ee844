import type { SetupKind } from '../../domain/setup-record.js';
import { addressOf, countsFor } from '../connections/connections-view.js';
import type { ConnectionCounts } from '../connections/use-cases.js';
import type { AdminWeb } from '../console-web.js';
import { attentionView } from '../overview/overview-view.js';

/** What keeps a record from serving, in the words of the overview: nobody should have to look there to understand this page. */
export const needsOf = async ({ manage }: AdminWeb, kind: SetupKind, id: string) => {
  const { attention } = await manage.overview();
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
