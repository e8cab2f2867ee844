import { randomInt } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { Option } from 'commander';
import { configFile, readConfigBesideStore } from '../../config/read-config.js';
import { withCommandContext } from '../../server/command-context.js';
import { type CommandLine, withConfig } from '../command.js';
import { failing } from '../failing.js';
import { STANDARD_OUTPUT, writeOutput } from '../output-file.js';
import { gadgetsAt } from '../workshop/gadget-folders.js';
import { type Verdict, verdictJson, verdictJunit, verdictText } from './findings.js';
import type { Place } from './verified-server.js';

interface VerifyOptions {
  readonly config?: string;
  readonly as?: readonly string[];
  readonly gadget?: readonly string[];
  readonly seed?: string;
  readonly quick?: boolean;
  readonly log?: readonly string[];
  readonly port?: string;
  readonly gadgetOrigin?: string;
  readonly siteOrigin?: string;
  readonly live?: string;
  readonly junit?: string;
  readonly json?: boolean;
}

const PEOPLE = ['ann', 'bob'];
const USUAL = 'oriel.yaml';
const LARGEST_SEED = 1_000_000_000;

const repeated = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

const numberOf = (name: string, text: string, most: number): number => {
  if (/^\d{1,10}$/.test(text) && Number(text) <= most) return Number(text);
  throw new Error(`${name} must be a whole number from 0 to ${most}.`);
};

const placeOf = ({ port, gadgetOrigin, siteOrigin }: VerifyOptions): Place | null => {
  if (port === undefined && gadgetOrigin === undefined && siteOrigin === undefined) return null;
  if (port === undefined || gadgetOrigin === undefined || siteOrigin === undefined)
    throw new Error('--port, --gadget-origin and --site-origin belong together: give all three.');
  return { port: numberOf('--port', port, 65_535), gadgetOrigin, siteOrigin };
};

/** The folders of gadgets that are verified, and which of them; of a configuration all that it has. */
const chosenIn = (folder: string | undefined, { config, gadget }: VerifyOptions) => {
  const only = gadget === undefined ? null : new Set(gadget);
  if (folder !== undefined) {
    const gadgets = gadgetsAt(resolve(folder));
    const ids = gadgets.map((each) => basename(each));
    return {
      folders: [...new Set(gadgets.map((each) => dirname(each)))],
      only: new Set(ids.filter((id) => only?.has(id) ?? true)),
    };
  }
  const file = configFile(config);
  // Without a configuration there are the built-in ones.
  if (config === undefined && file === USUAL && !existsSync(file)) return { folders: [], only };
  return { folders: readConfigBesideStore(file).gadgets, only };
};

const recorded = async (
  folder: string | undefined,
  options: VerifyOptions,
  root: string,
  seed: number,
): Promise<Verdict> => {
  const people = options.as ?? PEOPLE;
  if (new Set(people).size < 2)
    throw new Error('Verifying needs at least two people: --as ann --as bob, for example.');
  const how = {
    root,
    people,
    seed,
    place: placeOf(options),
    logs: options.log ?? [],
    isQuick: options.quick ?? false,
  };
  // No other command needs a server and what is around it.
  const { verifyRecorded } = await import('./recorded-run.js');
  return verifyRecorded({ ...how, ...chosenIn(folder, options) });
};

const live = (file: string, { as, config, gadget, log }: VerifyOptions, root: string, seed: number) =>
  withCommandContext(configFile(config), root, async (context) => {
    const { verifyLive } = await import('./live-run.js');
    return verifyLive(context, {
      ...{ file, seed, as: as ?? null, logs: log ?? [] },
      only: gadget === undefined ? null : new Set(gadget),
    });
  });

const verify = async (folder: string | undefined, options: VerifyOptions, root: string): Promise<void> => {
  const seed =
    options.seed === undefined ? randomInt(LARGEST_SEED) : numberOf('--seed', options.seed, LARGEST_SEED);
  const verdict =
    options.live === undefined
      ? await recorded(folder, options, root, seed)
      : await live(options.live, options, root, seed);
  if (options.junit !== undefined && options.junit !== STANDARD_OUTPUT)
    await writeOutput(options.junit, async () => Readable.from([verdictJunit(verdict)]));
  if (options.json) console.log(JSON.stringify(verdictJson(verdict)));
  else console.log(options.junit === STANDARD_OUTPUT ? verdictJunit(verdict) : verdictText(verdict));
  if (verdict.findings.length > 0) process.exitCode = 1;
};

/** `oriel verify` */
export const verifyCommand = ({ oriel, root }: CommandLine): void => {
  withConfig(oriel.command('verify'))
    .argument('[folder]', 'a gadget, or a folder of gadgets (default: those of the configuration)')
    .description('prove that gadgets show each person their own data alone')
    .addOption(
      new Option('--as <name>', 'someone to look as, at least two (default: ann, bob)').argParser(repeated),
    )
    .addOption(new Option('--gadget <id>', 'only this gadget; may be repeated').argParser(repeated))
    .option('--seed <number>', 'repeat the run that printed this seed')
    .option('--quick', 'only the first sample of each gadget, and only a server with room for all')
    .addOption(
      new Option(
        '--log <file>',
        'search this file too, such as the log of a proxy; may be repeated',
      ).argParser(repeated),
    )
    .option('--port <number>', 'listen here, for a proxy in front that leads here')
    .option('--gadget-origin <origin>', 'the gadget origin as the proxy serves it')
    .option('--site-origin <origin>', 'the site origin as the proxy serves it')
    .option('--live <file>', 'look at running servers as the people of this file, who have connected before')
    .option('--junit <file>', 'write JUnit XML; - for standard output')
    .option('--json', 'print JSON, for programs')
    .action((folder: string | undefined, options: VerifyOptions) =>
      failing(() => verify(folder, options, root), options.json),
    );
};
