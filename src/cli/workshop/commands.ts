import { join } from 'node:path';
import { configFile } from '../../config/read-config.js';
import { type CommandLine, group, withConfig } from '../command.js';
import { failing } from '../failing.js';
import type { CheckedGadget } from './check-gadget.js';
import { gadgetAt, gadgetsAt } from './gadget-folders.js';
import { PATTERNS } from './gadget-patterns.js';
import { faultJson, faultText } from './locate-fault.js';
import { makeGadget, type NewOptions } from './new-gadget.js';
import type { Replaced } from './replace-people.js';
import type { TestedGadget, TestFailure } from './test-gadget.js';

const count = (number: number, noun: string, several = `${noun}s`): string =>
  `${number} ${number === 1 ? noun : several}`;

const goodText = ({ id, samples }: CheckedGadget): string =>
  samples === 0
    ? `${id} has no mistakes. It has no sample (sample.json), so it was only tried without data.`
    : `${id} has no mistakes. It was tried with ${count(samples, 'sample')}.`;

const checkedText = (checked: CheckedGadget): string =>
  [
    ...checked.faults.map((fault) => faultText(fault, process.cwd())),
    ...checked.warnings.map((each) => `Warning: ${faultText(each, process.cwd())}`),
    ...(checked.faults.length === 0 ? [[goodText(checked), ...checked.flows].join('\n')] : []),
  ].join('\n\n');

const check = async (folder: string, root: string, json: boolean): Promise<void> => {
  const { GadgetChecker } = await import('./check-gadget.js');
  const checker = new GadgetChecker(root);
  const found: CheckedGadget[] = [];
  for (const each of gadgetsAt(folder)) found.push(await checker.check(each));
  const mistakes = found.reduce((sum, { faults }) => sum + faults.length, 0);
  if (mistakes > 0) process.exitCode = 1;
  if (json) {
    const gadgets = found.map(({ faults, warnings, ...rest }) => ({
      ...rest,
      faults: faults.map(faultJson),
      warnings: warnings.map(faultJson),
    }));
    console.log(JSON.stringify({ ok: mistakes === 0, gadgets }));
    return;
  }
  console.log(found.map(checkedText).join('\n\n'));
  if (mistakes > 0) console.error(`\n${count(mistakes, 'mistake')} in ${count(found.length, 'gadget')}.`);
};

const make = async (
  id: string | undefined,
  { json = false, ...options }: NewOptions & { readonly json?: boolean },
): Promise<void> => {
  const { folder, files } = await makeGadget(id, options);
  if (json) {
    console.log(JSON.stringify({ folder, files }));
    return;
  }
  console.log(
    [
      `Made ${folder} with ${files.join(', ')}.`,
      `Change the requests in ${join(folder, 'gadget.yaml')} to what your provider’s API answers, and sample.json to one of its answers;`,
      `\`oriel gadget check ${folder}\` says whether they fit together.`,
    ].join('\n'),
  );
};

interface TestFlags {
  readonly update?: boolean;
  readonly browser?: string | false;
  readonly json?: boolean;
}

/** Not everything could be tested: neither good nor wrong. */
const INCOMPLETE = 2;

type Looked = readonly TestFailure[] | { readonly missing: string };

/** What axe-core finds in all of them; a sentence instead where it could not look. */
const accessibility = async (
  tested: readonly TestedGadget[],
  root: string,
  browser: string | false | undefined,
): Promise<Looked> => {
  if (browser === false) return [];
  const { findLooking, lookAtPages } = await import('./look-in-browser.js');
  const looking = findLooking(browser, [process.cwd(), root]);
  if ('missing' in looking) return looking;
  const pages = tested.flatMap(({ id, pages: own }) =>
    own.map((page) => ({ ...page, name: `${id}: ${page.name}` })),
  );
  return lookAtPages(root, looking, pages).catch((error: unknown) => ({
    missing: `the browser ${looking.browser} could not be used: ${error instanceof Error ? error.message : error}`,
  }));
};

const testedText = ({ id, tried, written, failures }: TestedGadget): string =>
  [
    ...failures.map(({ text }) => text),
    ...written.map((name) => `${id}: wrote ${name}`),
    failures.length === 0
      ? `${id} passes: ${count(tried, 'rendering')} tried.`
      : `${id}: ${count(failures.length, 'failure')}.`,
  ].join('\n\n');

const accessibilityJson = (looked: Looked, isLeftOut: boolean): object => {
  if ('missing' in looked) return { state: 'not-tested', missing: looked.missing, failures: [] };
  return { state: isLeftOut ? 'left-out' : 'tested', missing: null, failures: looked };
};

const sayTested = (tested: readonly TestedGadget[], looked: Looked, isLeftOut: boolean): void => {
  console.log(tested.map(testedText).join('\n\n'));
  if ('missing' in looked)
    console.error(`\nAccessibility was NOT tested: ${looked.missing}. Without a browser: --no-browser.`);
  else if (looked.length > 0) console.log(`\n${looked.map(({ text }) => text).join('\n\n')}`);
  else if (!isLeftOut) console.log('\naxe-core finds nothing, light and dark, at 280 and 900 px.');
};

const test = async (folder: string, root: string, flags: TestFlags): Promise<void> => {
  const { update = false, browser, json = false } = flags;
  const { GadgetTester } = await import('./test-gadget.js');
  const tester = new GadgetTester(root);
  const tested: TestedGadget[] = [];
  for (const each of gadgetsAt(folder)) tested.push(await tester.test(each, update));
  const looked = await accessibility(tested, root, browser);
  const isMissing = 'missing' in looked;
  const failed = tested.some(({ failures }) => failures.length > 0) || (!isMissing && looked.length > 0);
  if (failed || isMissing) process.exitCode = failed ? 1 : INCOMPLETE;
  const isLeftOut = browser === false;
  if (!json) return sayTested(tested, looked, isLeftOut);
  const gadgets = tested.map(({ pages: _, ...rest }) => rest);
  console.log(
    JSON.stringify({
      ...{ ok: !failed && !isMissing, gadgets },
      accessibility: accessibilityJson(looked, isLeftOut),
    }),
  );
};

interface DevFlags {
  readonly port?: string;
  readonly asMe?: string | true;
  readonly config?: string;
}

const readPort = (text: string): number => {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (port <= 65_535) return port;
  throw new Error(`--port is a port number, not “${text}”.`);
};

const open = async (folder: string, root: string, { port, asMe, config }: DevFlags): Promise<void> => {
  const gadget = gadgetAt(folder);
  // No other command needs the web.
  const { dev } = await import('./dev.js');
  const name = typeof asMe === 'string' ? asMe : null;
  await dev(gadget, root, {
    port: port === undefined ? null : readPort(port),
    asMe: asMe === undefined ? null : { file: configFile(config), name },
  });
};

interface RecordFlags {
  readonly asMe?: string;
  readonly sample: string;
  readonly set: readonly string[];
  readonly overwrite?: boolean;
  readonly keepTexts?: boolean;
  readonly config?: string;
  readonly json?: boolean;
}

const readSetting = (text: string): readonly [name: string, value: string] => {
  const [, name, value] = /^([a-z][a-z0-9-]*)=(.*)$/s.exec(text) ?? [];
  if (name !== undefined && value !== undefined) return [name, value];
  throw new Error(`--set takes NAME=VALUE, not “${text}”.`);
};

const replacedText = (replaced: Replaced): string =>
  [
    count(replaced.people, 'name of a person', 'names of people'),
    count(replaced.addresses, 'e-mail address', 'e-mail addresses'),
    count(replaced.hosts, 'host'),
    count(replaced.ids, 'id'),
    count(replaced.secrets, 'secret'),
    count(replaced.texts, 'text'),
  ].join(', ');

const record = async (folder: string, root: string, flags: RecordFlags): Promise<void> => {
  const { asMe = null, sample, set, overwrite = false, keepTexts = false, config, json = false } = flags;
  // No other command needs the use cases of sign-in.
  const { recordSample } = await import('./record-sample.js');
  const recorded = await recordSample(gadgetAt(folder), {
    ...{ root, name: asMe, sample, overwrite, keepTexts, file: configFile(config) },
    parameters: Object.fromEntries(set.map(readSetting)),
  });
  if (json) console.log(JSON.stringify(recorded));
  else
    console.log(
      [
        `Wrote ${recorded.file} with the answers to ${recorded.requests.join(', ')}.`,
        `Replaced: ${replacedText(recorded.replaced)}. Read it once before you commit it: what people write about others is known to no program.`,
      ].join('\n'),
    );
};

/** `oriel gadget …`: what an author of gadgets works with. None of it needs a configuration, a database or a provider. */
export const gadgetCommands = ({ oriel, root }: CommandLine): void => {
  const gadget = group(oriel, 'gadget');
  gadget
    .command('new')
    .argument('[name]', 'the name of its folder, which is its id')
    .description('make the folder of a new gadget; at a terminal, what is not given is asked for')
    .option('--pattern <name>', `what to start with: ${Object.keys(PATTERNS).join(', ')}`)
    .option('--title <text>', 'what people call it')
    .option('--provider <id>', 'the provider that has the data')
    .option('--second <id>', 'the second provider, for the pattern two-providers')
    .option('--into <folder>', 'where its folder is made', '.')
    .option('--json', 'print JSON, for programs')
    .action((name: string | undefined, options: NewOptions & { readonly json?: boolean }) =>
      failing(() => make(name, options), options.json),
    );
  gadget
    .command('check')
    .argument('[folder]', 'a gadget, or a folder of gadgets (default: where you are)')
    .description('check gadgets: definitions, views, texts and samples')
    .option('--json', 'print JSON, for programs')
    .action((folder: string | undefined, { json = false }: { readonly json?: boolean }) =>
      failing(() => check(folder ?? '.', root, json), json),
    );
  gadget
    .command('test')
    .argument('[folder]', 'a gadget, or a folder of gadgets (default: where you are)')
    .description('test gadgets: samples against goldens, absent and hostile values, accessibility')
    .option('--update', 'write the goldens')
    .option('--browser <path>', 'the Chromium, Chrome or Edge that looks at accessibility')
    .option('--no-browser', 'leave accessibility out')
    .option('--json', 'print JSON, for programs')
    .action((folder: string | undefined, flags: TestFlags) =>
      failing(() => test(folder ?? '.', root, flags), flags.json),
    );
  withConfig(gadget.command('record'))
    .argument('[folder]', 'a gadget (default: where you are)')
    .description('write a sample of what the providers answer to you, without people and secrets')
    .option(
      '--as-me <name>',
      'the administrator that you are (asked for otherwise); the connections of the console’s preview are used',
    )
    .option('--sample <name>', 'what the sample is called', 'sample')
    .option(
      '--set <name=value>',
      'value of a parameter; can be repeated',
      (text: string, before: readonly string[]) => [...before, text],
      [] as readonly string[],
    )
    .option('--overwrite', 'replace an existing sample')
    .option('--keep-texts', 'keep what people wrote, such as titles, where it may be public')
    .option('--json', 'print JSON, for programs')
    .action((folder: string | undefined, flags: RecordFlags) =>
      failing(() => record(folder ?? '.', root, flags), flags.json),
    );
  withConfig(gadget.command('dev'))
    .argument('[folder]', 'a gadget (default: where you are)')
    .description('show a gadget in the browser, in every state, while you write it')
    .option('--port <number>', 'where it listens on 127.0.0.1 (default: 4700, or the next that is free)')
    .option(
      '--as-me [name]',
      'show what your own accounts may see: you sign in as an administrator, and use the connections of the console’s preview',
    )
    .action((folder: string | undefined, options: DevFlags) =>
      failing(() => open(folder ?? '.', root, options)),
    );
};
