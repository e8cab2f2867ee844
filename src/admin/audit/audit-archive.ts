import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Actor } from '../../domain/actor.js';
import type { AuditEntry } from '../../domain/audit-event.js';
import { chainedEntry } from '../../store/audit/audit-row.js';
import { ARCHIVED_HEAD } from '../../store/audit/audit-verify.js';
import type { Deps } from '../admin-deps.js';
import { dayOf } from './audit-search.js';
import { linesOf } from './use-cases.js';

/** What an archive holds, or why it does not hold what was written. */
export type ArchiveVerdict =
  | { readonly intact: true; readonly first: number; readonly last: number; readonly head: string }
  | { readonly intact: false; readonly reason: string };

const parsed = (line: string): AuditEntry | null => {
  try {
    const { at, ...entry } = JSON.parse(line) as Omit<AuditEntry, 'at'> & { readonly at: string };
    // biome-ignore lint/style/noRestrictedGlobals: this reads a time, and asks no clock.
    return { ...entry, at: Date.parse(at) };
  } catch {
    return null;
  }
};

const sameHash = (entry: AuditEntry, previous: string): boolean => {
  try {
    return entry.hash === chainedEntry(previous, entry);
  } catch {
    return false;
  }
};

/** The lines of a file. Node's own `readline` also ends a line at U+2028, from Node 24 on, which JSON leaves as it is inside a text. */
async function* linesIn(file: string): AsyncGenerator<string> {
  let rest = '';
  for await (const part of createReadStream(file, 'utf8')) {
    const lines = (rest + part).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
  }
  if (rest !== '') yield rest;
}

/**
 * Recomputes the chain of an archive. `previous` is the hash that it goes on from: an empty text for the first archive, null where it is not
 * known, and then the first line's own hash is believed.
 */
export async function verifyArchive(file: string, previous: string | null): Promise<ArchiveVerdict> {
  let last: AuditEntry | null = null;
  let start = 0;
  for await (const line of linesIn(file)) {
    const entry = parsed(line);
    const before: string | null = last?.hash ?? previous;
    const expected = (last?.seq ?? (entry?.seq ?? 0) - 1) + 1;
    if (entry === null || entry.seq !== expected)
      return { intact: false, reason: `${file}: entry ${expected} is not where it should be.` };
    if (before !== null && !sameHash(entry, before))
      return {
        intact: false,
        reason: `${file}: entry ${entry.seq} was changed, or is not the one that follows.`,
      };
    if (last === null) start = entry.seq;
    last = entry;
  }
  if (last === null) return { intact: false, reason: `${file} holds no entry.` };
  return { intact: true, first: start, last: last.seq, head: last.hash };
}

const digestOf = async (file: string): Promise<string> => {
  const hash = createHash('sha256');
  for await (const part of createReadStream(file)) hash.update(part as Uint8Array);
  return hash.digest('hex');
};

/** What was archived. */
export interface Archived {
  readonly file: string;
  readonly first: number;
  readonly last: number;
  readonly head: string;
  /** Hexadecimal, of the file. */
  readonly sha256: string;
}

/** Everything up to a last entry, as lines. */
async function* upTo(last: number, lines: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of lines) {
    if ((parsed(line)?.seq ?? Number.POSITIVE_INFINITY) > last) return;
    yield line;
  }
}

/**
 * Writes all entries from before a day to a file, proves the file, and only then removes them, with an entry in their place from which the rest
 * is proven. `write` brings the content onto the disk. Throws a sentence, and then nothing was removed.
 */
export async function archiveAudit(
  { clock, stores }: Deps<'clock', 'audit'>,
  { before, file, by }: { readonly before: string; readonly file: string; readonly by: Actor },
  write: (content: () => Promise<AsyncIterable<string>>) => Promise<void>,
): Promise<Archived> {
  const day = dayOf(before);
  if (day === null) throw new Error('Write the day of --before like 2027-03-31.');
  const verdict = await stores.audit.verify();
  if (!verdict.intact)
    throw new Error(
      `The audit log is broken at entry ${verdict.brokenAt}: ${verdict.reason} Nothing was archived.`,
    );
  const part = await stores.audit.before(day.start);
  if (part === null)
    throw new Error(`The log has no entry from before ${before}: there is nothing to archive.`);
  const { first, last, head } = part;
  await write(async () => upTo(last, linesOf({ stores }, {})));
  const written = await verifyArchive(file, first === 1 ? '' : null);
  if (!written.intact || written.first !== first || written.last !== last || written.head !== head)
    throw new Error(`${file} does not hold what was written there. Nothing was removed.`);
  const sha256 = await digestOf(file);
  await stores.audit.cut(
    part,
    {
      ...{ action: 'audit.archived', by, outcome: 'done', subject: String(last) },
      changes: [
        { path: 'entries', before: String(first), after: String(last) },
        { path: ARCHIVED_HEAD, before: null, after: head },
        { path: 'sha256', before: null, after: sha256 },
      ],
    },
    clock.now(),
  );
  return { file, first, last, head, sha256 };
}

/** What several archives hold together, from entry 1 on, in the order of their entries; the first fault ends it. */
export async function verifyArchives(files: readonly string[]): Promise<ArchiveVerdict> {
  const found = await Promise.all(
    files.map(async (file) => ({ file, verdict: await verifyArchive(file, null) })),
  );
  const broken = found.find(({ verdict }) => !verdict.intact);
  if (broken !== undefined) return broken.verdict;
  const sorted = found.toSorted((one, other) => firstOf(one.verdict) - firstOf(other.verdict));
  let last = { seq: 0, head: '' };
  for (const { file, verdict } of sorted) {
    if (firstOf(verdict) !== last.seq + 1)
      return {
        intact: false,
        reason: `The archive with entry ${last.seq + 1} is missing: ${file} starts at ${firstOf(verdict)}.`,
      };
    const following = await verifyArchive(file, last.head);
    if (!following.intact) return following;
    last = { seq: following.last, head: following.head };
  }
  return { intact: true, first: 1, last: last.seq, head: last.head };
}

const firstOf = (verdict: ArchiveVerdict): number => (verdict.intact ? verdict.first : 0);

/** Which entry of the archives has this hash; null when none has. */
export async function seqInArchives(files: readonly string[], hash: string): Promise<number | null> {
  for (const file of files)
    for await (const line of linesIn(file)) {
      const entry = parsed(line);
      if (entry?.hash === hash) return entry.seq;
    }
  return null;
}
