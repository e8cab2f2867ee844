import { type Command, Option } from 'commander';
import * as z from 'zod';
import { timesAsIso } from '../admin/iso-times.js';
import { configFile } from '../config/read-config.js';
import { type CommandContext, withCommandContext } from '../server/command-context.js';
import { failing } from './failing.js';

/** What a group of commands is made with. `root` is the folder with `package.json`, `templates` and `gadgets`. */
export interface CommandLine {
  readonly oriel: Command;
  readonly root: string;
}

interface Common {
  readonly config?: string;
  readonly json?: boolean;
}

/** What a command has to say. */
export interface CommandAnswer {
  /** For programs: the same as the administration API answers, where it answers that. */
  readonly json: unknown;
  readonly text: string;
  /** For people, beside the text: on standard error, so that the text can be handed on alone. */
  readonly note?: string;
  /** Something is wrong: the process exits with 1. */
  readonly wrong?: boolean;
}

const NOUNS = {
  provider: 'manage remote applications',
  host: 'manage applications that frame gadgets',
  gadget: 'write gadgets',
  connection: 'manage who is connected',
  audit: 'search, export and verify the audit log',
  admin: 'manage administrators',
  'api-key': 'manage keys of the administration API',
  keys: 'manage the key ring that seals tokens',
  server: 'show the running servers',
  database: 'copy the database',
} as const;

const CONTROL_CHARACTERS = /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu;

/**
 * A text from elsewhere as one line that is safe for a terminal: without control characters, which it would obey, and without those that
 * change the direction of what follows.
 */
export const plain = (text: string): string => text.replace(CONTROL_CHARACTERS, ' ');

/** Where the configuration is. */
export const withConfig = (command: Command): Command =>
  command.option(
    '-c, --config <file>',
    'the configuration, - for standard input (default: $ORIEL_CONFIG, else oriel.yaml)',
  );

/** Where the configuration is, and `--json`. */
export const withJson = (command: Command): Command =>
  withConfig(command).option('--json', 'print JSON, for programs');

/** A field’s description as the help has it. */
export const helpOf = ({ description = '' }: z.ZodType): string =>
  description.replace(/^\p{Lu}(?=\p{Ll}|\s)/u, (first) => first.toLowerCase());

/**
 * An option for each field of a schema, in its order, described, required and defaulted as it says. `values` names what each is given, or
 * is the option’s flags; one that can be repeated is gathered by `repeated`. They arrive as texts, which the command or its use case still
 * has to check.
 */
export const withFields = <Shape extends Readonly<Record<string, z.ZodType>>>(
  command: Command,
  { shape }: { readonly shape: Shape },
  values: { readonly [field in keyof Shape]: string },
  repeated: readonly (keyof Shape)[] = [],
): Command => {
  for (const [field, schema] of Object.entries(shape)) {
    const value = values[field] ?? '';
    const option = new Option(value.startsWith('-') ? value : `--${field} <${value}>`, helpOf(schema));
    // Within an object, where a field may be absent that must not be undefined.
    const absent = z.object({ [field]: schema }).safeParse({});
    option.makeOptionMandatory(!absent.success);
    const fallback = absent.data?.[field];
    if (fallback !== undefined && fallback !== false) option.default(String(fallback));
    if (repeated.includes(field))
      option.argParser((text: string, before: readonly string[] = []) => [...before, text]);
    command.addOption(option);
  }
  return command;
};

/** Finds the group of commands called `noun`, or adds it. */
export const group = (oriel: Command, noun: keyof typeof NOUNS): Command =>
  oriel.commands.find((each) => each.name() === noun) ?? oriel.command(noun).description(NOUNS[noun]);

/** Whether `--json` was among the words: where another option took it for its value, the answer is JSON all the same. */
const isForPrograms = (command: Command): boolean => {
  let root = command;
  while (root.parent !== null) root = root.parent;
  return (root as Command & { readonly rawArgs?: readonly string[] }).rawArgs?.includes('--json') ?? false;
};

/** Runs `work` with the configuration's file. What it throws is printed as `failing` does. */
export const running =
  <Options extends object>(
    work: (file: string, options: Options & Common, args: readonly string[]) => void | Promise<void>,
  ) =>
  (...given: readonly unknown[]): Promise<void> => {
    // commander gives the arguments, the options, and the command itself.
    const options = given.at(-2) as Options & Common;
    const json = options.json === true || isForPrograms(given.at(-1) as Command);
    const args = given.slice(0, -2).map((each) => (each === undefined ? '' : String(each)));
    return failing(() => work(configFile(options.config), options, args), json);
  };

/** Runs `work` with the use cases' deps, beside running servers, and prints its answer. */
export const answering = <Options extends object>(
  root: string,
  work: (
    context: CommandContext,
    options: Options & Common,
    args: readonly string[],
  ) => Promise<CommandAnswer>,
) =>
  running<Options>((file, options, args) =>
    withCommandContext(file, root, async (context) => {
      const { json, text, note, wrong = false } = await work(context, options, args);
      console.log(options.json ? JSON.stringify(json, timesAsIso) : text);
      if (note !== undefined && !options.json) console.error(note);
      if (wrong) process.exitCode = 1;
    }),
  );
