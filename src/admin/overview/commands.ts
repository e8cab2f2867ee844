import { answering, type CommandLine, group, plain, withJson } from '../../cli/command.js';
import type { Instance } from '../../store/instance-store.js';
import { listServers } from '../server/use-cases.js';
import type { Counted } from './measurements.js';
import { getOverview, type Overview } from './use-cases.js';

const MARKS = { bad: '✗', warning: '!' } as const;

const countedText = ({ total, byOutcome }: Counted): string => {
  const outcomes = Object.entries(byOutcome).map(([outcome, count]) => `${count} ${outcome}`);
  return total === 0 ? 'none' : outcomes.join(', ');
};

const overviewText = ({ attention, renders, refreshes, providers, connections }: Overview): string => {
  const { active, reconnect, revoking } = connections;
  const needs = attention.flatMap(({ kind, message, fix }) => [`${MARKS[kind]} ${message}`, `  ${fix}`]);
  return [
    ...(needs.length === 0 ? ['Nothing needs attention.'] : needs),
    '',
    'The last day',
    `  rendered     ${countedText(renders)}`,
    `  renewed      ${countedText(refreshes)}`,
    ...providers.map(({ provider, calls }) => `  ${provider.id.padEnd(12)} ${countedText(calls)}`),
    `  connections  ${active} active, ${reconnect} must reconnect, ${revoking} being revoked`,
  ]
    .map(plain)
    .join('\n');
};

const serverText = ({ id, startedAt, keys, problem, restart, gadgets }: Instance): string =>
  [
    `${id}  since ${new Date(startedAt).toISOString()}, seals with ${keys[0]}`,
    ...(restart.length === 0 ? [] : [`  restart needed for: ${restart.join(', ')}`]),
    ...gadgets.map(
      (each) => `  gadget ${each.id} ${each.isServed ? 'kept as it was' : 'left out'}:\n${each.problem}`,
    ),
    ...(problem === null
      ? []
      : [`  still uses the previous configuration because its file has mistakes:\n${problem}`]),
  ].join('\n');

/** `oriel overview`, `oriel server list` */
export const overviewCommands = ({ oriel, root }: CommandLine): void => {
  withJson(oriel.command('overview'))
    .description('show what needs attention, and the last day')
    .action(
      answering(root, async ({ deps, settled }) => {
        await settled;
        const overview = await getOverview(deps);
        return { json: overview, text: overviewText(overview) };
      }),
    );
  withJson(group(oriel, 'server').command('list'))
    .description('list the servers that run on this database, and their keys')
    .action(
      answering(root, async ({ deps }) => {
        const items = await listServers(deps);
        return {
          json: { items },
          text: items.map(serverText).join('\n') || 'No server runs on this database.',
        };
      }),
    );
};
