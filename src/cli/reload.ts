import type { ReloadAnswer } from '../admin/server/reloading.js';
import { ConfigFaults } from '../config/config-faults.js';
import { withManagement } from '../server/management-at.js';
import { type CommandLine, running, withJson } from './command.js';
import { sentenceOf } from './failing.js';

const textOf = ({ server, outcome, problem, restart }: ReloadAnswer): string => {
  const waiting = restart.length === 0 ? '' : ` These wait for a restart: ${restart.join(', ')}.`;
  switch (outcome) {
    case 'taken':
      return `${server} serves by the file as it is now.${waiting}`;
    case 'refused':
      return `${server} goes on as before, since the file has mistakes:\n${problem}`;
    case 'silent':
      return `${server} did not answer within 15 seconds.`;
  }
};

/** `oriel reload` */
export const reloadCommand = ({ oriel, root }: CommandLine): void => {
  withJson(oriel.command('reload'))
    .description('let every running server read its configuration file again')
    .action(
      running<{ readonly json?: boolean }>(async (file, { json }) => {
        const asking = withManagement(file, root, async ({ management, by }) => {
          const answers = await management.configuration.reload(by);
          const good = answers.length > 0 && answers.every(({ outcome }) => outcome === 'taken');
          if (!good) process.exitCode = 1;
          if (json) console.log(JSON.stringify({ items: answers }));
          else if (answers.length === 0) console.error('No server runs on this database.');
          else console.log(answers.map(textOf).join('\n'));
        });
        await asking.catch((error: unknown) => {
          if (json || !(error instanceof ConfigFaults)) throw error;
          process.exitCode = 1;
          console.error(`${sentenceOf(error)}\nNo server was asked: those that run go on as before.`);
        });
      }),
    );
};
