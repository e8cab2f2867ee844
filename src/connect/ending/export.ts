import { asViewer } from '../../domain/actor.js';
import type { AuditEntry } from '../../domain/audit-event.js';
import type { Viewer } from '../../domain/viewer.js';
import type { ConnectPorts } from '../connect-ports.js';

type Rows = Readonly<Record<string, readonly Readonly<Record<string, string | number | null>>[]>>;

/** What the audit log says of a viewer, as they may read it: not who looked, nor by which request. */
interface OwnEntry {
  readonly at: number;
  readonly action: AuditEntry['action'];
  readonly outcome: AuditEntry['outcome'];
  readonly provider: string | null;
  readonly code: string | null;
}

/** Everything that is kept of a viewer, but tokens, secrets and their hashes. Times are epoch milliseconds. */
export interface Belongings {
  readonly viewer: { readonly host: string; readonly sub: string };
  readonly exportedAt: number;
  readonly kept: Rows;
  readonly log: readonly OwnEntry[];
}

const PAGE = 500;

/** Gives the viewer all that is kept of them; the log remembers that they asked. */
export const exportOf = (ports: ConnectPorts): ((viewer: Viewer) => Promise<Belongings>) => {
  const { audit, clock, stores } = ports;

  const logOf = async (viewer: Viewer): Promise<readonly OwnEntry[]> => {
    const entries: AuditEntry[] = [];
    for (;;) {
      const page = await stores.audit.since({ viewer }, { after: entries.at(-1)?.seq ?? 0, limit: PAGE });
      entries.push(...page);
      if (page.length < PAGE) break;
    }
    return entries.map(({ at, action, outcome, provider, code }) => ({
      at,
      action,
      outcome,
      provider,
      code,
    }));
  };

  return async (viewer) => {
    await audit.record({ action: 'viewer.exported', by: asViewer(viewer), outcome: 'done' });
    const { host, sub } = viewer;
    return {
      viewer: { host, sub },
      exportedAt: clock.now(),
      kept: await stores.connectionLists.everythingOf(viewer),
      log: await logOf(viewer),
    };
  };
};
