import type { Command } from 'commander';
import { configFile } from '../config/read-config.js';
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

/** Where the configuration is. */
export const withConfig = (command: Command): Command =>
  command.option('-c, --config <file>', 'the configuration (default: $ORIEL_CONFIG, else oriel.yaml)');

/** Where the configuration is, and `--json`. */
export const withJson = (command: Command): Command =>
  withConfig(command).option('--json', 'for programs: JSON on standard output');

/** Finds the group of commands called `noun`, or begins it. */
export const group = (oriel: Command, noun: string, description: string): Command =>
  oriel.commands.find((each) => each.name() === noun) ?? oriel.command(noun).description(description);

/** Runs `work` with the configuration's file; what it throws is printed as a sentence, and the process ends with 1. */
export const running =
  <Options extends Common>(
    work: (file: string, options: Options, args: readonly string[]) => void | Promise<void>,
  ) =>
  (...given: readonly unknown[]): Promise<void> => {
    // commander gives the arguments, the options, and the command itself.
    const options = given.at(-2) as Options;
    const args = given.slice(0, -2).map((each) => (each === undefined ? '' : String(each)));
    return failing(() => work(configFile(options.config), options, args));
  };
