import { type CommandLine, group, running, withJson } from '../../cli/command.js';
import { plain } from '../../cli/plain.js';
import { withManagement } from '../../server/management-at.js';
import { timesAsIso } from '../iso-times.js';
import { entryFrom, type GivenEntry } from '../records/command-entry.js';
import { certificateText } from './certificate-command-text.js';
import type { Subject } from './dry-run/dry-run.js';
import { type Light, type Line, worst } from './dry-run/line.js';

interface Options {
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

const lineText = ({ light, code, about, sentence, cause, mend, chain }: Line): string =>
  [
    plain(`${MARKS[light]} ${about}: ${sentence} [${code}]`),
    ...[cause, mend].filter((text) => text !== null).map((text) => indented(plain(text))),
    ...chain.map((certificate) => indented(certificateText(certificate))),
  ].join('\n');

const ENDINGS: Readonly<Record<Light, string>> = {
  green: 'Everything that can be tried from here works.',
  yellow: 'Nothing is wrong; what is unsure needs a person to look.',
  red: 'Something is wrong: people would meet it.',
};

/** A saved provider, or with a file one that is not. */
const subjectOf = (id: string, given: GivenEntry | null, host?: string): Subject => ({
  id,
  ...(given !== null && { entry: given.entry }),
  ...(host !== undefined && { host }),
});

const test =
  (root: string) =>
  (config: string, { json, file, host }: Options, [id = '']: readonly string[]) =>
    withManagement(config, root, async ({ management, by }) => {
      const given = file === undefined ? null : entryFrom('provider', {}, { file });
      if (host !== undefined) await management.records.get('host', host);
      const items: Line[] = [];
      const run = async (): Promise<void> => {
        for await (const line of management.tests.run(subjectOf(id, given, host), by)) {
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
    .description('try a provider before people do: exits with 1 when something is wrong')
    .argument('<id>')
    .option(
      '-f, --file <file>',
      'an entry that is not saved, as it would stand in oriel.yaml; - reads standard input',
    )
    .option('--host <id>', 'only the registration in force for this host')
    .action(running(test(root)));
};
