import { type CommandLine, group, telling, withJson } from '../../cli/command.js';
import { plain } from '../../cli/plain.js';
import type { Instance } from '../../store/setup-stores.js';
import type { Counted } from './measurements.js';
import type { Overview } from './use-cases.js';

const MARKS = { bad: '✗', warning: '!' } as const;

const countedText = ({ total, byOutcome }: Counted): string => {
  const outcomes = Object.entries(byOutcome).map(([outcome, count]) => `${count} ${outcome}`);
  return total === 0 ? 'none' : outcomes.join(', ');
};

const overviewText = ({ attention, renders, refreshes, providers, connections }: Overview): string => {
  const { active, reconnect, revoking } = connections;
  const needs = attention.flatMap(({ kind, message, mend }) => [`${MARKS[kind]} ${message}`, `  ${mend}`]);
  return [
    ...(needs.length === 0 ? ['Nothing needs attention.'] : needs),
    '',
    'The last day',
    `  rendered     ${countedText(renders)}`,
    `  renewed      ${countedText(refreshes)}`,
    ...providers.map(({ provider, calls }) => `  ${provider.id.padEnd(12)} ${countedText(calls)}`),
    `  connections  ${active} active, ${reconnect} to be connected again, ${revoking} being revoked`,
  ]
    .map(plain)
    .join('\n');
};

const serverText = ({ id, startedAt, keys, problem, restart }: Instance): string =>
  [
    `${id}  since ${new Date(startedAt).toISOString()}, seals with ${keys[0]}`,
    ...(restart.length === 0 ? [] : [`  waits for a restart: ${restart.join(', ')}`]),
    ...(problem === null ? [] : [`  goes on as before, since its file has mistakes:\n${problem}`]),
  ].join('\n');

/** `oriel overview`, `oriel server list` */
export const overviewCommands = ({ oriel, root }: CommandLine): void => {
  withJson(oriel.command('overview'))
    .description('what needs attention, and how the last day was')
    .action(
      telling(root, async ({ management, settled }) => {
        await settled;
        const overview = await management.overview();
        return { json: overview, text: overviewText(overview) };
      }),
    );
  withJson(group(oriel, 'server').command('list'))
    .description('which servers run on this database, and by which key')
    .action(
      telling(root, async ({ management }) => {
        const items = await management.configuration.servers();
        return {
          json: { items },
          text: items.map(serverText).join('\n') || 'No server runs on this database.',
        };
      }),
    );
};
