import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type CommandLine, group } from '../command.js';
import { failing } from '../failing.js';
import { type CheckedGadget, GadgetChecker } from './check-gadget.js';
import { PATTERNS } from './gadget-patterns.js';
import { faultJson, faultText } from './locate-fault.js';
import { makeGadget, type NewOptions } from './new-gadget.js';

const DEFINITION = 'gadget.yaml';

/** The gadgets that a folder stands for: itself, or those in it. Throws a sentence where there are none. */
export const gadgetsAt = (folder: string): readonly string[] => {
  if (existsSync(join(folder, DEFINITION))) return [folder];
  const inside = readdirSync(folder)
    .filter((name) => !name.startsWith('.'))
    .map((name) => join(folder, name))
    .filter((each) => statSync(each).isDirectory() && existsSync(join(each, DEFINITION)))
    .sort();
  if (inside.length > 0) return inside;
  throw new Error(
    `There is no gadget in ${resolve(folder)}: neither a file ${DEFINITION} nor a folder that has one. \`oriel gadget new\` makes one.`,
  );
};

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const goodText = ({ id, samples }: CheckedGadget): string =>
  samples === 0
    ? `${id} has no mistakes. It has no sample (sample.json), so it was only tried without data.`
    : `${id} has no mistakes. It was tried with ${count(samples, 'sample')}.`;

const checkedText = (checked: CheckedGadget): string =>
  checked.faults.length === 0
    ? goodText(checked)
    : checked.faults.map((fault) => faultText(fault, process.cwd())).join('\n\n');

const check = async (folder: string, root: string, json: boolean): Promise<void> => {
  const checker = new GadgetChecker(root);
  const found: CheckedGadget[] = [];
  for (const each of gadgetsAt(folder)) found.push(await checker.check(each));
  const mistakes = found.reduce((sum, { faults }) => sum + faults.length, 0);
  if (mistakes > 0) process.exitCode = 1;
  if (json) {
    const gadgets = found.map(({ faults, ...rest }) => ({ ...rest, faults: faults.map(faultJson) }));
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
      `Change the requests in ${join(folder, DEFINITION)} to what your provider’s API answers, and sample.json to one of its answers;`,
      `\`oriel gadget check ${folder}\` says whether they fit together.`,
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
};
