import { fileURLToPath } from 'node:url';
import { Command } from 'commander';
import { versionIn } from '../compose/version.js';
import { configFile } from '../config/read-config.js';
import { adminCommands } from './admin.js';
import { apiKeyCommands } from './api-key.js';
import { auditCommands } from './audit.js';
import { backupCommands } from './backup.js';
import { check } from './check.js';
import { type CommandLine, withConfig } from './command.js';
import { connectionCommands } from './connection.js';
import { failing } from './failing.js';
import { hostSnippetCommand } from './host-snippet.js';
import { keysCommands } from './keys.js';
import { overviewCommands } from './overview.js';
import { providerTestCommand } from './provider-test.js';
import { providerTrustCommand } from './provider-trust.js';
import { recordCommands } from './records.js';
import { reloadCommand } from './reload.js';

/** The folder with `package.json`, `templates` and `gadgets`: two above this file, built or not. */
const root = fileURLToPath(new URL('../..', import.meta.url));

interface ConfigOption {
  readonly config?: string;
}

/** The command line; each noun's commands are in a file of their own. */
export const program = (): Command => {
  const oriel = new Command('oriel')
    .description('Shows one web application inside another, with each viewer’s own permissions.')
    .version(versionIn(root));
  withConfig(oriel.command('serve', { isDefault: true }))
    .description('serve gadgets until a signal ends it')
    .allowExcessArguments()
    .action((options: ConfigOption, command: Command) =>
      failing(async () => {
        // As the default command this one is given whatever no other is called.
        const [unknown] = command.args;
        if (unknown !== undefined) throw new Error(`There is no command ${unknown}; see oriel --help.`);
        // No other command needs the web.
        const { serve } = await import('./serve.js');
        return serve(configFile(options.config), root);
      }),
    );
  withConfig(oriel.command('check'))
    .description(
      'say everything that is wrong with the configuration and the gadgets, or what was understood',
    )
    .option('--json', 'for programs')
    .action((options: ConfigOption & { readonly json?: boolean }) =>
      failing(() => check(configFile(options.config), root, options.json ?? false)),
    );
  const line: CommandLine = { oriel, root };
  overviewCommands(line);
  reloadCommand(line);
  recordCommands(line, 'provider');
  recordCommands(line, 'host');
  hostSnippetCommand(line);
  providerTestCommand(line);
  providerTrustCommand(line);
  keysCommands(line);
  backupCommands(line);
  auditCommands(line);
  adminCommands(line);
  apiKeyCommands(line);
  connectionCommands(line);
  return oriel;
};
