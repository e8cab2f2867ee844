import { fileURLToPath } from 'node:url';
import { Command, CommanderError, type OutputConfiguration } from 'commander';
import { apiKeyCommands } from '../admin/api-keys/commands.js';
import { auditCommands } from '../admin/audit/commands.js';
import { connectionCommands } from '../admin/connections/commands.js';
import { databaseCommands } from '../admin/database/commands.js';
import { hostSnippetCommand } from '../admin/hosts/commands.js';
import { keysCommands } from '../admin/keys/commands.js';
import { overviewCommands } from '../admin/overview/commands.js';
import { adminCommands } from '../admin/people/commands.js';
import { askForProvider, providerTestCommand, providerTrustCommand } from '../admin/providers/commands.js';
import { recordCommands } from '../admin/records/commands.js';
import { backupCommands } from '../admin/server/commands.js';
import { configFile } from '../config/read-config.js';
import { versionIn } from '../server/version.js';
import { type CommandLine, withConfig } from './command.js';
import { demoCommand, type ImportFile } from './demo.js';
import { failing } from './failing.js';
import { healthcheckCommand } from './healthcheck.js';
import { reloadCommand } from './reload.js';
import { verifyCommand } from './verify/commands.js';
import { gadgetCommands } from './workshop/commands.js';

/** The folder with `package.json`, `templates` and `gadgets`: two above this file, built or not. */
const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A group of commands without one of them named prints its help, as what was asked for. */
class Helpful extends Command {
  override createCommand(name?: string): Command {
    return new Helpful(name);
  }

  override help(): never {
    return super.help({ error: false });
  }
}

interface ConfigOption {
  readonly config?: string;
}

/** The command line; each noun's commands are in a file of their own. */
export const program = (
  output: OutputConfiguration = {},
  root = ROOT,
  importFile: ImportFile = (url) => import(url),
): Command => {
  const oriel: Command = new Helpful('oriel')
    .description('Shows one web application inside another, with each viewer’s own permissions.')
    .version(versionIn(root))
    .exitOverride()
    .configureOutput(output)
    .showSuggestionAfterError();
  withConfig(oriel.command('serve'))
    .description('serve gadgets until a signal stops it')
    .action((options: ConfigOption) =>
      failing(async () => {
        // No other command needs the web.
        const { serve } = await import('./serve.js');
        return serve(configFile(options.config), root);
      }),
    );
  withConfig(oriel.command('check'))
    .description('check the configuration and the gadgets, and list every mistake')
    .option('--json', 'print JSON, for programs')
    .action((options: ConfigOption & { readonly json?: boolean }) =>
      failing(async () => {
        const { check } = await import('./check.js');
        return check(configFile(options.config), root, options.json ?? false);
      }),
    );
  const line: CommandLine = { oriel, root };
  demoCommand(line, importFile);
  healthcheckCommand(line);
  overviewCommands(line);
  reloadCommand(line);
  recordCommands(line, 'provider', askForProvider);
  recordCommands(line, 'host');
  hostSnippetCommand(line);
  gadgetCommands(line);
  verifyCommand(line);
  providerTestCommand(line);
  providerTrustCommand(line);
  keysCommands(line);
  backupCommands(line);
  databaseCommands(line);
  auditCommands(line);
  adminCommands(line);
  apiKeyCommands(line);
  connectionCommands(line);
  return oriel;
};

const JSON_FLAG = '--json';

/** What commander calls an error, without its own prefix. */
const sentenceOf = ({ message }: CommanderError): string => message.replace(/^error: /, '');

/**
 * Runs the command line. A command that is not valid exits with 1 and says why on standard error, or with `--json` as JSON on standard
 * output, like every other failure.
 */
export const runProgram = async (
  argv: readonly string[] = process.argv.slice(2),
  root = ROOT,
  importFile?: ImportFile,
): Promise<void> => {
  const end = argv.indexOf('--');
  const json = (end < 0 ? argv : argv.slice(0, end)).includes(JSON_FLAG);
  const oriel = program(json ? { outputError: () => undefined } : {}, root, importFile);
  try {
    await oriel.parseAsync(argv, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    process.exitCode = error.exitCode;
    if (json && error.exitCode !== 0)
      console.log(JSON.stringify({ ok: false, code: 'command_invalid', detail: sentenceOf(error) }));
  }
};
