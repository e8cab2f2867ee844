import type { Actor } from '../../domain/actor.js';
import type { AuditEntry, AuditFilter, AuditVerdict } from '../../domain/audit-event.js';
import { viewerOf } from '../../domain/viewer.js';
import type { ManagePorts } from '../admin-ports.js';
import { timesAsIso } from '../iso-times.js';
import { cursorOf, positionIn } from '../page-cursor.js';
import { type AuditQuestion, auditFilterOf } from './audit-filter.js';

/** Entries, newest first. `older` is where the next page begins; null on the last one. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly older: number | null;
}

/** What became of the log. `kept` says which entry has the hash that was asked for: null when none has, so that the log was shortened or rewritten. */
export interface AuditCheck {
  readonly verdict: AuditVerdict;
  readonly kept?: { readonly hash: string; readonly seq: number | null };
}

/** What happened here: to be read, searched, taken away and checked, never to be changed. */
export interface AuditTrail {
  /** Throws `parameter_invalid`. */
  list(question: AuditQuestion, before: number | null): Promise<AuditPage>;
  /** The same from a cursor on, as the page before gave it. Throws `parameter_invalid`. */
  page(
    question: AuditQuestion,
    cursor: string | null,
  ): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }>;
  /**
   * Every entry that matches as a line of JSON, oldest first; that it was asked for is recorded before the first line. Throws
   * `parameter_invalid`.
   */
  exported(question: AuditQuestion, by: Actor, requestId?: string): Promise<AsyncIterable<string>>;
  /** Under which pseudonym the log knows a viewer; null when it does not, or not any more. */
  personOf(host: string, sub: string): Promise<string | null>;
  /** Recomputes the whole chain, and looks for the entry that once was the last one. */
  verify(head?: string): Promise<AuditCheck>;
}

const A_PAGE = 50;
const AT_ONCE = 500;

const asText = (question: AuditQuestion): string =>
  Object.entries(question)
    .filter(([, asked]) => asked !== undefined && asked !== '')
    .map(([field, asked]) => `${field}=${asked}`)
    .join(' ');

export const auditTrail = ({
  stores,
  audit,
  digest,
}: Pick<ManagePorts, 'stores' | 'audit' | 'digest'>): AuditTrail => {
  const log = stores.audit;

  const lines = async function* (filter: AuditFilter): AsyncGenerator<string> {
    let after = 0;
    for (;;) {
      const entries = await log.since(filter, { after, limit: AT_ONCE });
      for (const entry of entries) yield `${JSON.stringify(entry, timesAsIso)}\n`;
      const last = entries.at(-1);
      if (last === undefined || entries.length < AT_ONCE) return;
      after = last.seq;
    }
  };

  const list: AuditTrail['list'] = async (question, before) => {
    const entries = await log.list(auditFilterOf(question), { before, limit: A_PAGE + 1 });
    const shown = entries.slice(0, A_PAGE);
    return { entries: shown, older: entries.length > A_PAGE ? (shown.at(-1)?.seq ?? null) : null };
  };

  return {
    list,

    async page(question, cursor) {
      const before = cursor === null ? null : Number(positionIn(digest, 'audit', cursor));
      const { entries, older } = await list(question, before);
      return { entries, next: older === null ? null : cursorOf(digest, 'audit', String(older)) };
    },

    async exported(question, by, requestId) {
      const filter = auditFilterOf(question);
      const asked = asText(question);
      await audit.record({
        action: 'audit.exported',
        by,
        outcome: 'done',
        changes: asked === '' ? [] : [{ path: 'search', before: null, after: asked }],
        ...(requestId !== undefined && { requestId }),
      });
      return lines(filter);
    },

    personOf: (host, sub) => log.personOf(viewerOf(host, sub)),

    async verify(head) {
      const verdict = await log.verify();
      return head === undefined ? { verdict } : { verdict, kept: { hash: head, seq: await log.seqOf(head) } };
    },
  };
};
