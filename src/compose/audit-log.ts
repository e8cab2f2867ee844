import type { AuditStore } from '../domain/admin-stores.js';
import type { Audit } from '../domain/audit.js';
import type { Clock, Journal } from '../domain/ports.js';

/** The audit log as stories write to it: what cannot be written is told to the journal, and stops nothing. */
export const auditLog = (
  store: Pick<AuditStore, 'append'>,
  { clock, journal }: { readonly clock: Clock; readonly journal: Journal },
): Audit => ({
  async record(event) {
    try {
      await store.append(event, clock.now());
    } catch (error) {
      journal.warn('audit-unwritten', {
        action: event.action,
        outcome: event.outcome,
        error: error instanceof Error ? error.message : 'unknown',
        mend: 'The database could not be written: look at its disk. What happened is in this log alone.',
      });
    }
  },
});
