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

const sentencesOf = ({ verdict, kept }: AuditCheck): readonly string[] => {
  const chain = verdict.intact
    ? `The audit log is intact: ${verdict.entries} entries.${verdict.head === null ? '' : `\nHead: ${verdict.head}`}`
    : `The audit log is broken at entry ${verdict.brokenAt}: ${verdict.reason}`;
  if (kept === undefined) return [chain];
  return [
    chain,
    kept.seq === null
      ? `No entry has the hash ${kept.hash}: the log was shortened or rewritten since the hash was saved.`
      : `The hash ${kept.hash} is that of entry ${kept.seq}.`,
  ];
};

const verify = async (
  { deps }: CommandContext,
  { head }: { readonly head?: string },
): Promise<CommandAnswer> => {
  const check = await verifyAudit(deps, head);
  const wrong = !check.verdict.intact || check.kept?.seq === null;
  return { json: check, text: sentencesOf(check).join('\n'), wrong };
};

/** `oriel audit list | export | verify` */
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
    .action(answering(root, verify));
};
