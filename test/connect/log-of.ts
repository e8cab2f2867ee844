import type { AuditEntry } from '../../src/domain/audit-event.js';
import type { ConnectSetup } from './connect-setup.js';

/** What the audit log of a setup holds. */
export const logOf = ({ stores }: ConnectSetup) => ({
  /** Oldest first, shortened to what most tests are about: `action outcome code actor`. */
  async lines(): Promise<readonly string[]> {
    const entries = await stores.audit.since({}, { after: 0, limit: 100 });
    return entries.map(({ action, outcome, code, actor }) =>
      [action, outcome, code ?? '-', actor.kind].join(' '),
    );
  },
  async last(): Promise<AuditEntry | undefined> {
    return (await stores.audit.list({}, { before: null, limit: 1 }))[0];
  },
});
