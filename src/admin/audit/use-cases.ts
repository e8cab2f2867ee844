import type { Actor } from '../../domain/actor.js';
import type { AuditEntry, AuditFilter, AuditVerdict } from '../../domain/audit-event.js';
import { viewerOf } from '../../domain/viewer.js';
import type { ArchivedEnd } from '../../store/audit/audit-verify.js';
import type { Deps } from '../admin-deps.js';
import { timesAsIso } from '../iso-times.js';
import { cursorOf, positionIn } from '../page-cursor.js';
import { toAuditFilter } from './audit-search.js';
import type { AuditSearch } from './schema.js';

type LogDeps = Deps<never, 'audit'>;

/** Entries, newest first. `older` is where the next page starts; null on the last one. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly older: number | null;
}

/** Whether the log is whole. `kept` says which entry has the hash that was asked for: null if none has, so the log was shortened or rewritten. */
export interface AuditCheck {
  readonly verdict: AuditVerdict;
  readonly kept?: { readonly hash: string; readonly seq: number | null };
}

const A_PAGE = 50;
const AT_ONCE = 500;

/** Throws `parameter_invalid`. */
export async function searchAudit(
  { stores }: LogDeps,
  search: AuditSearch,
  before: number | null,
): Promise<AuditPage> {
  const entries = await stores.audit.list(toAuditFilter(search), { before, limit: A_PAGE + 1 });
  const shown = entries.slice(0, A_PAGE);
  return { entries: shown, older: entries.length > A_PAGE ? (shown.at(-1)?.seq ?? null) : null };
}

/** The same from a cursor on, as the previous page gave it. Throws `parameter_invalid`. */
export async function pageAudit(
  deps: LogDeps & Deps<'digest'>,
  search: AuditSearch,
  cursor: string | null,
): Promise<{ readonly entries: readonly AuditEntry[]; readonly next: string | null }> {
  const before = cursor === null ? null : Number(positionIn(deps.digest, 'audit', cursor));
  const { entries, older } = await searchAudit(deps, search, before);
  return { entries, next: older === null ? null : cursorOf(deps.digest, 'audit', String(older)) };
}

/** Entries as lines of JSON, oldest first. */
export async function* linesOf({ stores }: LogDeps, filter: AuditFilter): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const entries = await stores.audit.since(filter, { after, limit: AT_ONCE });
    for (const entry of entries) yield `${JSON.stringify(entry, timesAsIso)}\n`;
    const last = entries.at(-1);
    if (last === undefined || entries.length < AT_ONCE) return;
    after = last.seq;
  }
}

const asText = (search: AuditSearch): string =>
  Object.entries(search)
    .filter(([, asked]) => asked !== undefined && asked !== '')
    .map(([field, asked]) => `${field}=${asked}`)
    .join(' ');

/** Every entry that matches as a line of JSON, oldest first; the export itself is recorded before the first line. Throws `parameter_invalid`. */
export async function exportAudit(
  deps: LogDeps & Deps<'audit'>,
  search: AuditSearch,
  by: Actor,
  requestId?: string,
): Promise<AsyncIterable<string>> {
  const filter = toAuditFilter(search);
  const asked = asText(search);
  await deps.audit.record({
    action: 'audit.exported',
    by,
    outcome: 'done',
    changes: asked === '' ? [] : [{ path: 'search', before: null, after: asked }],
    ...(requestId !== undefined && { requestId }),
  });
  return linesOf(deps, filter);
}

/** The pseudonym under which the log knows a viewer; null if it does not, or no longer does. */
export function findPseudonym({ stores }: LogDeps, host: string, sub: string): Promise<string | null> {
  return stores.audit.personOf(viewerOf(host, sub));
}

/** Recomputes the whole chain; with `head` also looks for the entry that was once the last one. */
export async function verifyAudit(
  { stores }: LogDeps,
  head?: string,
  archived?: ArchivedEnd,
): Promise<AuditCheck> {
  const verdict = await stores.audit.verify(archived);
  return head === undefined
    ? { verdict }
    : { verdict, kept: { hash: head, seq: await stores.audit.seqOf(head) } };
}
