import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  plain,
  running,
  withJson,
} from '../../cli/command.js';
import { readText } from '../../config/read-entry.js';
import type { Certificate } from '../../net/certificates.js';
import { type CommandContext, withCommandContext } from '../../server/command-context.js';
import { timesAsIso } from '../iso-times.js';
import { entryFrom, type GivenEntry } from '../records/commands.js';
import { getRecord } from '../records/use-cases.js';
import type { Subject } from './dry-run/dry-run.js';
import { dryRun, testProvider } from './dry-run/dry-run.js';
import { type Light, type Line, worst } from './dry-run/line.js';
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

interface TestOptions {
  readonly json?: boolean;
  readonly file?: string;
  readonly host?: string;
}

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

const test =
  (root: string) =>
  (config: string, { json, file, host }: TestOptions, [id = '']: readonly string[]) =>
    withCommandContext(config, root, async ({ deps, by }) => {
      const given = file === undefined ? null : entryFrom('provider', {}, { file });
      if (host !== undefined) await getRecord(deps, 'host', host);
      const items: Line[] = [];
      const run = async (): Promise<void> => {
        for await (const line of dryRun(deps, subjectOf(id, given, host), by)) {
          items.push(line);
          if (!json) console.log(lineText(line));
        }
      };
      await (given === null ? run() : given.placing(id, run));
      const light = worst(items);
      console.log(json ? JSON.stringify({ light, items }, timesAsIso) : `\n${ENDINGS[light]}`);
      if (light === 'red') process.exitCode = 1;
    });

/** `oriel provider test` */
export const providerTestCommand = ({ oriel, root }: CommandLine): void => {
  withJson(group(oriel, 'provider').command('test'))
    .description('test a provider before people use it; exits with 1 if something is wrong')
    .argument('<id>')
    .option('-f, --file <file>', 'an entry that is not saved, as in oriel.yaml; - reads standard input')
    .option('--host <id>', 'test only the registration in force for this host')
    .action(running(test(root)));
};

interface TrustOptions {
  readonly file?: string;
  readonly sha256?: string;
}

const FINGERPRINT = /^([0-9A-F]{2}:){31}[0-9A-F]{2}$/i;

/** The certificate with this fingerprint, where trusting it would fix what a dry run finds now. */
const shownCertificate = async (
  { deps, by }: CommandContext,
  id: string,
  fingerprint: string,
): Promise<readonly Certificate[]> => {
  if (!FINGERPRINT.test(fingerprint))
    throw new Error('--sha256 takes a fingerprint as printed by “oriel provider test”: 3A:7F:…');
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
  { file, sha256 }: TrustOptions,
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
  withJson(group(oriel, 'provider').command('trust'))
    .description('trust another certificate for this provider alone')
    .argument('<id>')
    .option('-f, --file <file>', 'PEM of a private authority or of the server itself; - reads standard input')
    .option(
      '--sha256 <fingerprint>',
      'the certificate that the server presents now, if it has this fingerprint that you were given',
    )
    .action(answering<TrustOptions>(root, trust));
};
