import type { Records } from '../records/record-types.js';
import type { Overview } from './use-cases.js';

/** One step from an empty server to a gadget on somebody's page. */
export interface FirstStep {
  readonly words: string;
  readonly why: string;
  readonly path: string;
  readonly done: boolean;
}

/** What is still to be done before the first viewer sees a gadget; null once that has happened. */
export const firstSteps = async (
  records: Pick<Records, 'list'>,
  { renders, connections }: Pick<Overview, 'renders' | 'connections'>,
): Promise<readonly FirstStep[] | null> => {
  const [hosts, providers] = [await records.list('host'), await records.list('provider')];
  const staying = hosts.filter(({ leavingAt }) => leavingAt === null);
  const hasProvider = providers.some(({ leavingAt }) => leavingAt === null);
  const wasShown = renders.total + connections.active + connections.reconnect > 0;
  if (hasProvider && staying.length > 0 && wasShown) return null;
  const [host] = staying;
  return [
    {
      words: 'New provider',
      why: 'the application whose data gadgets show, with this server’s registration there',
      path: '/admin/providers/new',
      done: hasProvider,
    },
    {
      words: 'New host',
      why: 'the application whose pages show gadgets, and how it says who is looking',
      path: '/admin/hosts/new',
      done: host !== undefined,
    },
    {
      words: 'Embed a gadget',
      why: 'what the host’s page and server need, ready to copy',
      path: host === undefined ? '/admin/hosts' : `/admin/hosts/${encodeURIComponent(host.id)}`,
      done: wasShown,
    },
  ];
};
