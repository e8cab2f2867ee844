import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { CommandLine } from './command.js';

interface DemoOptions {
  readonly mingle?: boolean;
  readonly json?: boolean;
  readonly keep?: string;
  readonly portBase?: string;
}

/** `import()`, by the URL of a file. */
export type ImportFile = (url: string) => Promise<unknown>;

/** `oriel demo`: three applications and Oriel between them, on loopback. They are a program of their own, which takes this process over. */
export const demoCommand = ({ oriel, root }: CommandLine, importFile: ImportFile): void => {
  oriel
    .command('demo')
    .description('start three applications and Oriel between them on this machine, to look around')
    .option('--mingle', 'start Mingle alone, to connect an Oriel of your own to')
    .option('--json', 'print one line of JSON when everything is ready, and nothing else')
    .option('--keep <folder>', 'keep configuration, database and logs there; the next run goes on from there')
    .option('--port-base <number>', 'ports N to N+3 for GoCD, Mingle, Oriel and the portal (0: any)')
    .action(async ({ mingle, json, keep, portBase }: DemoOptions) => {
      const file = join(root, 'dist', 'demo', 'main.js');
      const args = [
        ...(mingle ? ['--mingle'] : []),
        ...(json ? ['--json'] : []),
        ...(keep === undefined ? [] : ['--keep', keep]),
        ...(portBase === undefined ? [] : ['--port-base', portBase]),
      ];
      process.argv.splice(1, process.argv.length, file, ...args);
      await importFile(pathToFileURL(file).href);
    });
};
