import { type ReloadResult, reloadServers } from '../admin/server/use-cases.js';
import { ConfigFaults } from '../config/config-faults.js';
import type { FaultyGadget } from '../domain/faulty-gadget.js';
import { withCommandContext } from '../server/command-context.js';
import { type CommandLine, running, withJson } from './command.js';
import { sentenceOf } from './failing.js';

const gadgetText = ({ id, isServed, problem }: FaultyGadget): string =>
  `The gadget ${id} has mistakes, so ${isServed ? 'its last version without mistakes is still served' : 'it is left out'}:\n${problem}`;

const textOf = ({ server, outcome, problem, restart, gadgets }: ReloadResult): string => {
  const waiting = restart.length === 0 ? '' : ` Restart needed for: ${restart.join(', ')}.`;
  switch (outcome) {
    case 'taken':
      return [`${server} reloaded the configuration.${waiting}`, ...gadgets.map(gadgetText)].join('\n');
    case 'refused':
      return `${server} keeps the previous configuration because the file has mistakes:\n${problem}`;
    case 'silent':
      return `${server} did not respond within 15 seconds.`;
  }
};

/** `oriel reload` */
export const reloadCommand = ({ oriel, root }: CommandLine): void => {
  withJson(oriel.command('reload'))
    .description('reload the configuration file and the gadgets on every running server')
    .action(
      running<{ readonly json?: boolean }>(async (file, { json }) => {
        const asking = withCommandContext(file, root, async ({ deps, by }) => {
          const answers = await reloadServers(deps, by);
          const isGood = ({ outcome, gadgets }: ReloadResult): boolean =>
            outcome === 'taken' && gadgets.length === 0;
          const good = answers.length > 0 && answers.every(isGood);
          if (!good) process.exitCode = 1;
          if (json) console.log(JSON.stringify({ items: answers }));
          else if (answers.length === 0) console.error('No server runs on this database.');
          else console.log(answers.map(textOf).join('\n'));
        });
        await asking.catch((error: unknown) => {
          if (json || !(error instanceof ConfigFaults)) throw error;
          process.exitCode = 1;
          console.error(
            `${sentenceOf(error)}\nNo server was asked to reload; running servers keep the previous configuration.`,
          );
        });
      }),
    );
};
