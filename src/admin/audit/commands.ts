import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  running,
  withFields,
  withJson,
} from '../../cli/command.js';
import { requireFree, STANDARD_OUTPUT, withOutput, writeOutput } from '../../cli/output-file.js';
import type { AuditEntry } from '../../domain/audit-event.js';
import { type CommandContext, withCommandContext } from '../../server/command-context.js';
import type { AdminDeps } from '../admin-deps.js';
import { listApiKeys } from '../api-keys/use-cases.js';
import { requireKnown } from '../connections/use-cases.js';
import { listAdministrators } from '../people/use-cases.js';
import { type ArchiveVerdict, archiveAudit, seqInArchives, verifyArchives } from './audit-archive.js';
import { sentenceOf } from './audit-sentence.js';
import { AUDIT_FIELDS, type AuditSearch, auditSearch } from './schema.js';
import {
  type AuditCheck,
  exportAudit,
  findPseudonym,
  pageAudit,
  searchAudit,
  verifyAudit,
} from './use-cases.js';

interface Options extends AuditSearch {
  readonly cursor?: string;
  readonly viewer?: string;
}

/** Only what the log can be searched by, a viewer by pseudonym: commander mixes it with every other option. */
const questionIn = async (deps: AdminDeps, asked: Options): Promise<AuditSearch> => {
  const question = Object.fromEntries(AUDIT_FIELDS.map((field) => [field, asked[field]]));
  if (asked.viewer === undefined) return question;
  if (asked.host === undefined)
    throw new Error('--viewer requires --host: the host that the viewer belongs to.');
  const person = await findPseudonym(deps, asked.host, asked.viewer);
  if (person === null)
    throw new Error(
      'There is no such viewer in the log: no one with that name connected, or they were erased.',
    );
  return { ...question, person };
};

const searching = (command: Command): Command =>
  withFields(command, auditSearch, {
    action: 'action',
    outcome: 'outcome',
    provider: 'id',
    host: 'id',
    by: 'id',
    person: 'pseudonym',
    request: 'id',
    from: 'day',
    to: 'day',
  }).option('--viewer <sub>', 'about one viewer of --host, as the host names them');

const lineOf = (entry: AuditEntry): string =>
  [
    String(entry.seq).padStart(7),
    new Date(entry.at).toISOString(),
    entry.outcome.padEnd(7),
    sentenceOf(entry),
  ].join('  ');

const pageOf = ({ entries, next }: Awaited<ReturnType<typeof pageAudit>>): string => {
  if (entries.length === 0) return 'No entries match.';
  const more = next === null ? [] : [`For older entries: --cursor ${next}`];
  return [...entries.map(lineOf), ...more].join('\n');
};

/** For a search without results: whether what was asked for exists at all. */
const requireNames = async (deps: AdminDeps, { provider, host, by, person }: Options): Promise<void> => {
  await requireKnown(deps, {
    ...(provider !== undefined && { provider }),
    ...(host !== undefined && { host }),
  });
  if (by !== undefined) {
    const known = [...(await listAdministrators(deps)), ...(await listApiKeys(deps))];
    if (!known.some(({ id }) => id === by))
      throw new Error(`There is no administrator and no API key with the id ${by}.`);
  }
  if (person !== undefined && (await searchAudit(deps, { person }, null)).entries.length === 0)
    throw new Error(`There is no one with the pseudonym ${person} in the log.`);
};

const list = async ({ deps }: CommandContext, { cursor, ...asked }: Options): Promise<CommandAnswer> => {
  const page = await pageAudit(deps, await questionIn(deps, asked), cursor ?? null);
  if (page.entries.length === 0) await requireNames(deps, asked);
  return { json: { items: page.entries, next: page.next }, text: pageOf(page) };
};

/** Lines of JSON are for people and programs alike. */
const exportTo =
  (root: string) =>
  (
    file: string,
    asked: Options & { readonly json?: boolean; readonly overwrite?: boolean },
    [to = '']: readonly string[],
  ) =>
    withCommandContext(file, root, async ({ deps, by }) => {
      const question = await questionIn(deps, asked);
      const content = async () => Readable.from(await exportAudit(deps, question, by));
      if (to === STANDARD_OUTPUT) return pipeline(await content(), process.stdout, { end: false });
      // Without a file there is no export: so it is opened before the export is logged.
      await requireFree(to, asked.overwrite ?? false);
      await writeOutput(to, content);
      if (asked.json) console.log(JSON.stringify({ file: to }));
    });

const counted = (entries: number): string => (entries === 1 ? '1 entry' : `${entries} entries`);

const sentencesOf = ({ verdict, kept }: AuditCheck): readonly string[] => {
  const archived = verdict.intact && verdict.archived ? ` after ${verdict.archived} that were archived` : '';
  const chain = verdict.intact
    ? `The audit log is intact: ${verdict.entries} entries${archived}.${verdict.head === null ? '' : `\nHead: ${verdict.head}`}`
    : `The audit log is broken at entry ${verdict.brokenAt}: ${verdict.reason}`;
  if (kept === undefined) return [chain];
  return [
    chain,
    kept.seq === null
      ? `No entry has the hash ${kept.hash}: the log was shortened or rewritten since the hash was saved.`
      : `The hash ${kept.hash} is that of entry ${kept.seq}.`,
  ];
};

interface VerifyOptions {
  readonly head?: string;
  readonly archive?: readonly string[];
}

/** What is wrong between archives and the log, which are each right by themselves; null where nothing is. */
const gapBetween = (archives: ArchiveVerdict, { verdict }: AuditCheck): string | null => {
  if (!archives.intact) return archives.reason;
  if (!verdict.intact || (verdict.archived ?? 0) === archives.last) return null;
  return `The archives end with entry ${archives.last}, and the log starts with entry ${(verdict.archived ?? 0) + 1}.`;
};

const verifyAll = async (
  deps: AdminDeps,
  files: readonly string[],
  head: string | undefined,
): Promise<CommandAnswer> => {
  const archives = await verifyArchives(files);
  const end = archives.intact ? { seq: archives.last, head: archives.head } : undefined;
  const check = await verifyAudit(deps, head, end);
  const kept =
    check.kept?.seq === null
      ? { kept: { hash: check.kept.hash, seq: await seqInArchives(files, check.kept.hash) } }
      : {};
  const all = { ...check, ...kept };
  const gap = gapBetween(archives, check);
  const text = [gap ?? `The archives are intact: ${counted(end?.seq ?? 0)}.`, ...sentencesOf(all)].join('\n');
  const wrong = gap !== null || !check.verdict.intact || all.kept?.seq === null;
  return { json: { ...all, archives }, text, wrong };
};

const verify = async (
  { deps }: CommandContext,
  { head, archive = [] }: VerifyOptions,
): Promise<CommandAnswer> => {
  if (archive.length > 0) return verifyAll(deps, archive, head);
  const check = await verifyAudit(deps, head);
  const wrong = !check.verdict.intact || check.kept?.seq === null;
  return { json: check, text: sentencesOf(check).join('\n'), wrong };
};

const archive = async (
  { deps, by }: CommandContext,
  { before, overwrite = false }: { readonly before: string; readonly overwrite?: boolean },
  [file = '']: readonly string[],
): Promise<CommandAnswer> => {
  if (file === STANDARD_OUTPUT)
    throw new Error('An archive is read again before anything is removed: name a file.');
  await requireFree(file, overwrite);
  const write = (content: () => Promise<AsyncIterable<string>>): Promise<void> =>
    writeOutput(file, async () => Readable.from(await content()));
  const archived = await archiveAudit(deps, { before, file, by }, write);
  const { first, last, head, sha256 } = archived;
  const text = `Archived entries ${first} to ${last}, and removed them from the log.\nHead: ${head}\nSHA-256: ${sha256}`;
  return { json: archived, text };
};

/** `oriel audit list | export | verify | archive` */
export const auditCommands = ({ oriel, root }: CommandLine): void => {
  const audit = group(oriel, 'audit');
  searching(withJson(audit.command('list')))
    .description('list matching entries, newest first, 50 at a time')
    .option('--cursor <next>', '`next` of the previous page')
    .action(answering(root, list));
  searching(withOutput(withJson(audit.command('export'))))
    .description('export matching entries as lines of JSON, oldest first; the export itself is logged')
    .action(running(exportTo(root)));
  withJson(audit.command('verify'))
    .description('check the chain; exits with 1 if it is broken')
    .option('--head <hash>', 'a hash you saved: also check that the log still contains it')
    .option('--archive <file...>', 'archives of the log: check them, and that the log goes on where they end')
    .action(answering(root, verify));
  withOutput(withJson(audit.command('archive')))
    .description('write the entries from before a day to a file, verify it, and remove them from the log')
    .requiredOption('--before <day>', 'the first day (UTC) that stays, such as 2027-01-01')
    .action(answering(root, archive));
};
