import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Command } from 'commander';
import { type CommandLine, group, running, type Told, telling, withJson } from '../../cli/command.js';
import { requireFree, STANDARD_OUTPUT, withOutput, writeOutput } from '../../cli/output-file.js';
import type { AuditEntry } from '../../domain/audit-event.js';
import { type Managed, withManagement } from '../../server/management-at.js';
import type { Management } from '../management.js';
import { AUDIT_FIELDS, type AuditQuestion } from './audit-filter.js';
import { sentenceOf } from './audit-sentence.js';
import type { AuditCheck, AuditTrail } from './use-cases.js';

interface Search extends AuditQuestion {
  readonly cursor?: string;
  readonly viewer?: string;
}

/** Only what the log can be searched by, a viewer by pseudonym: commander mixes it with every other option. */
const questionIn = async (audit: AuditTrail, asked: Search): Promise<AuditQuestion> => {
  const question = Object.fromEntries(AUDIT_FIELDS.map((field) => [field, asked[field]]));
  if (asked.viewer === undefined) return question;
  if (asked.host === undefined) throw new Error('--viewer needs --host: whose viewer is it?');
  const person = await audit.personOf(asked.host, asked.viewer);
  if (person === null)
    throw new Error('The log knows no such viewer. Nobody of that name connected, or they were erased.');
  return { ...question, person };
};

const searching = (command: Command): Command =>
  command
    .option('--action <action>', 'one action, or all of a subject: flow, connection, provider …')
    .option('--outcome <outcome>', 'done, refused or failed')
    .option('--provider <id>', 'about one provider')
    .option('--host <id>', 'about one host')
    .option('--by <id>', 'by one administrator or API key, by id')
    .option('--person <pseudonym>', 'about one viewer, by pseudonym')
    .option('--request <id>', 'of one request, by the id that a person’s page names')
    .option('--viewer <sub>', 'about one viewer of --host, as the host names them')
    .option('--from <day>', 'from this day on, UTC: 2027-03-31')
    .option('--to <day>', 'to this day, included');

const lineOf = (entry: AuditEntry): string =>
  [
    String(entry.seq).padStart(7),
    new Date(entry.at).toISOString(),
    entry.outcome.padEnd(7),
    sentenceOf(entry),
  ].join('  ');

const pageOf = ({ entries, next }: Awaited<ReturnType<AuditTrail['page']>>): string => {
  if (entries.length === 0) return 'Nothing in the log matches.';
  const more = next === null ? [] : [`There are older ones: --cursor ${next}`];
  return [...entries.map(lineOf), ...more].join('\n');
};

/** Where nothing was found: whether what was asked for is there at all. */
const requireNames = async (
  management: Management,
  { provider, host, by, person }: Search,
): Promise<void> => {
  await management.connections.requireKnown({
    ...(provider !== undefined && { provider }),
    ...(host !== undefined && { host }),
  });
  const { administrators, apiKeys, audit } = management;
  if (by !== undefined) {
    const known = [...(await administrators.list()), ...(await apiKeys.list())];
    if (!known.some(({ id }) => id === by))
      throw new Error(`There is no administrator and no API key with the id ${by}.`);
  }
  if (person !== undefined && (await audit.list({ person }, null)).entries.length === 0)
    throw new Error(`The log knows nobody by the pseudonym ${person}.`);
};

const list = async ({ management }: Managed, { cursor, ...asked }: Search): Promise<Told> => {
  const { audit } = management;
  const page = await audit.page(await questionIn(audit, asked), cursor ?? null);
  if (page.entries.length === 0) await requireNames(management, asked);
  return { json: { items: page.entries, next: page.next }, text: pageOf(page) };
};

/** Lines of JSON are for people and programs alike. */
const exportTo =
  (root: string) =>
  (
    file: string,
    asked: Search & { readonly json?: boolean; readonly overwrite?: boolean },
    [to = '']: readonly string[],
  ) =>
    withManagement(file, root, async ({ management: { audit }, by }) => {
      const question = await questionIn(audit, asked);
      const content = async () => Readable.from(await audit.exported(question, by));
      if (to === STANDARD_OUTPUT) return pipeline(await content(), process.stdout, { end: false });
      // Whoever cannot write the file has not taken the log away: so it is made before the log is told.
      await requireFree(to, asked.overwrite ?? false);
      await writeOutput(to, content);
      if (asked.json) console.log(JSON.stringify({ file: to }));
    });

const sentencesOf = ({ verdict, kept }: AuditCheck): readonly string[] => {
  const chain = verdict.intact
    ? `The audit log is whole: ${verdict.entries} entries.${verdict.head === null ? '' : `\nHead: ${verdict.head}`}`
    : `The audit log is broken at entry ${verdict.brokenAt}: ${verdict.reason}`;
  if (kept === undefined) return [chain];
  return [
    chain,
    kept.seq === null
      ? `No entry has the hash ${kept.hash}: the log was shortened or written anew since it was kept.`
      : `The hash ${kept.hash} is that of entry ${kept.seq}.`,
  ];
};

const verify = async ({ management }: Managed, { head }: { readonly head?: string }): Promise<Told> => {
  const check = await management.audit.verify(head);
  const wrong = !check.verdict.intact || check.kept?.seq === null;
  return { json: check, text: sentencesOf(check).join('\n'), wrong };
};

/** `oriel audit list | export | verify` */
export const auditCommands = ({ oriel, root }: CommandLine): void => {
  const audit = group(oriel, 'audit');
  searching(withJson(audit.command('list')))
    .description('the latest entries that match, newest first, fifty at a time')
    .option('--cursor <next>', 'the page after that one: its `next`')
    .action(telling(root, list));
  searching(withOutput(withJson(audit.command('export'))))
    .description('every entry that matches as a line of JSON, oldest first; it is told in the log')
    .action(running(exportTo(root)));
  withJson(audit.command('verify'))
    .description('check the chain; exits with 1 where it is broken')
    .option('--head <hash>', 'a hash that was kept elsewhere: is it still there?')
    .action(telling(root, verify));
};
