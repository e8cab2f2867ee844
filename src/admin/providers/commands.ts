import type { z } from 'zod';
import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  plain,
  running,
  withFields,
  withJson,
} from '../../cli/command.js';
import { atTerminal, isAtTerminal } from '../../cli/terminal.js';
import { readText } from '../../config/read-entry.js';
import type { Certificate } from '../../net/certificates.js';
import { type CommandContext, withCommandContext } from '../../server/command-context.js';
import { misfitsOf } from '../checked.js';
import { timesAsIso } from '../iso-times.js';
import { type AskRecord, entryFrom, type GivenEntry, savedAnswer } from '../records/commands.js';
import { createRecord, getRecord, requireNew } from '../records/use-cases.js';
import { askProvider } from './ask-provider.js';
import type { Subject } from './dry-run/dry-run.js';
import { dryRun, testProvider } from './dry-run/dry-run.js';
import { type Light, type Line, worst } from './dry-run/line.js';
import { dryRunOptions, trustOptions } from './schema.js';
import { readPastedCertificates, trustCertificates } from './use-cases.js';

const dayOf = (time: number): string => new Date(time).toISOString().slice(0, 10);

/** A certificate, for people to compare. */
export const certificateText = ({ subject, issuer, names, from, until, sha256, sha1 }: Certificate): string =>
  [
    `certificate  ${subject}`,
    `signed by    ${issuer}`,
    `names        ${names.join(', ') || 'none'}`,
    `valid        ${dayOf(from)} to ${dayOf(until)}`,
    `SHA-256      ${sha256}`,
    `SHA-1        ${sha1}`,
  ]
    .map(plain)
    .join('\n');

type TestOptions = z.output<typeof dryRunOptions> & { readonly json?: boolean };

/** A mark and a word: the light without its colour. */
const MARKS: Readonly<Record<Light, string>> = {
  green: '✓ good  ',
  yellow: '! unsure',
  red: '✗ wrong ',
};

const indented = (text: string): string => text.replace(/^/gm, '           ');

const lineText = ({ light, code, about, sentence, cause, fix, chain }: Line): string =>
  [
    plain(`${MARKS[light]} ${about}: ${sentence} [${code}]`),
    ...[cause, fix].filter((text) => text !== null).map((text) => indented(plain(text))),
    ...chain.map((certificate) => indented(certificateText(certificate))),
  ].join('\n');

const ENDINGS: Readonly<Record<Light, string>> = {
  green: 'Everything that can be tested from here works.',
  yellow: 'Nothing is wrong; check what is unsure yourself.',
  red: 'Something is wrong that people would run into.',
};

/** A saved provider, or with a file one that is not. */
const subjectOf = (id: string, given: GivenEntry | null, host?: string): Subject => ({
  id,
  ...(given !== null && { entry: given.entry }),
  ...(host !== undefined && { host }),
});

/** Runs a dry run; each line is printed as soon as it is known, unless there are programs that want all of it at once. */
const runDry = async (
  { deps, by }: CommandContext,
  subject: Subject,
  json: boolean,
): Promise<{ readonly light: Light; readonly items: readonly Line[] }> => {
  const items: Line[] = [];
  for await (const line of dryRun(deps, subject, by)) {
    items.push(line);
    if (!json) console.log(lineText(line));
  }
  return { light: worst(items), items };
};

const test =
  (root: string) =>
  (config: string, { json, file, host }: TestOptions, [id = '']: readonly string[]) =>
    withCommandContext(config, root, async (context) => {
      const given = file === undefined ? null : entryFrom('provider', {}, { file });
      if (host !== undefined) await getRecord(context.deps, 'host', host);
      const run = () => runDry(context, subjectOf(id, given, host), json === true);
      const { light, items } = await (given === null ? run() : given.placing(id, run));
      console.log(json ? JSON.stringify({ light, items }, timesAsIso) : `\n${ENDINGS[light]}`);
      if (light === 'red') process.exitCode = 1;
    });

/** `oriel provider test` */
export const providerTestCommand = ({ oriel, root }: CommandLine): void => {
  withFields(withJson(group(oriel, 'provider').command('test')), dryRunOptions, {
    file: '-f, --file <file>',
    host: 'id',
  })
    .description('test a provider before people use it; exits with 1 if something is wrong')
    .argument('<id>')
    .action(running(test(root)));
};

/** The certificate with this fingerprint, where trusting it would fix what a dry run finds now. */
const shownCertificate = async (
  { deps, by }: CommandContext,
  id: string,
  fingerprint: string,
): Promise<readonly Certificate[]> => {
  const [misfit] = misfitsOf(trustOptions.shape.sha256, fingerprint);
  if (misfit !== undefined) throw new Error(misfit.message);
  const lines = await testProvider(deps, { id }, by);
  const found = lines
    .flatMap(({ trustable }) => trustable)
    .find(({ sha256 }) => sha256 === fingerprint.toUpperCase());
  if (found !== undefined) return [found];
  throw new Error(
    `No server of ${id} presents a certificate with this fingerprint that trust alone would fix. “oriel provider test ${id}” shows what they present.`,
  );
};

const trust = async (
  context: CommandContext,
  { file, sha256 }: z.input<typeof trustOptions>,
  [id = '']: readonly string[],
): Promise<CommandAnswer> => {
  const { deps, by } = context;
  if ((file === undefined) === (sha256 === undefined))
    throw new Error('Choose what to trust: --file with a certificate, or --sha256 with a fingerprint.');
  const certificates =
    sha256 === undefined
      ? readPastedCertificates(deps, id, readText(file ?? '-', 'a certificate as PEM'))
      : await shownCertificate(context, id, sha256);
  const record = await trustCertificates(deps, id, certificates.map(({ pem }) => pem).join('\n'), by);
  return {
    json: record,
    text: [
      ...certificates.map(certificateText),
      `This is now trusted for ${id} alone. Running servers use it within two seconds.`,
    ].join('\n\n'),
  };
};

/** `oriel provider trust` */
export const providerTrustCommand = ({ oriel, root }: CommandLine): void => {
  withFields(withJson(group(oriel, 'provider').command('trust')), trustOptions, {
    file: '-f, --file <file>',
    sha256: 'fingerprint',
  })
    .description('trust another certificate for this provider alone')
    .argument('<id>')
    .action(answering<z.input<typeof trustOptions>>(root, trust));
};

const LEFT = 'Nothing was saved.';

/** `oriel provider add` without options: asks at the terminal, saves, and offers to test what was saved. */
export const askForProvider: AskRecord = async (context, id) => {
  if (!isAtTerminal()) return null;
  const { deps, by } = context;
  await requireNew(deps, 'provider', id);
  return atTerminal(LEFT, async (terminal) => {
    const entry = await askProvider({ ...deps, siteOrigin: context.config.siteOrigin }, terminal, id);
    const answer = savedAnswer(await createRecord(deps, 'provider', id, entry, by), context);
    console.log(`\n${answer.text}\n`);
    const wants = await terminal.ask('Test it now? y or n', 'y').catch(() => 'n');
    if (!/^y/i.test(wants)) return { json: answer.json, text: `Test it with: oriel provider test ${id}` };
    const { light } = await runDry(context, { id }, false);
    return { json: answer.json, text: `\n${ENDINGS[light]}`, wrong: light === 'red' };
  });
};
