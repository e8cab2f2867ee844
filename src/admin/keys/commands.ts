import type { z } from 'zod';
import {
  answering,
  type CommandAnswer,
  type CommandLine,
  group,
  withFields,
  withJson,
} from '../../cli/command.js';
import { failing } from '../../cli/failing.js';
import { progressBar } from '../../cli/progress-bar.js';
import { newRingKey } from '../../config/key-ring.js';
import { AppError } from '../../domain/errors.js';
import type { CommandContext } from '../../server/command-context.js';
import { rotationOptions } from './schema.js';
import {
  findRotationObstacle,
  type KeyUse,
  listKeys,
  type RotationObstacle,
  type RotationProgress,
  rotateKeys,
} from './use-cases.js';

const ROLES: Readonly<Record<KeyUse['role'], string>> = {
  seals: 'seals',
  opens: 'opens',
  missing: 'not in the ring',
};

const table = (keys: readonly KeyUse[]): string =>
  keys
    .map(({ id, role, rows }) => `${id.padEnd(34)}${ROLES[role].padEnd(17)}${rows} sealed by it`)
    .join('\n');

const sentenceOf = (obstacle: RotationObstacle): string => {
  if (obstacle.kind === 'servers') {
    const count = obstacle.servers.length;
    const those = count === 1 ? 'A running server does' : `${count} running servers do`;
    return `${those} not seal with the first key of this configuration yet. Run “oriel reload” or restart them, then run this command again. Nothing was changed.`;
  }
  const ids = obstacle.keys.map(({ id, rows }) => `${id} (${rows})`).join(', ');
  return `These keys sealed values in the store and are not in the ring: ${ids}. Put them back behind the first one. If they are lost, --discard gives up what they sealed: those viewers must connect again. Nothing was changed.`;
};

const ending = (keys: readonly KeyUse[]): string => {
  const unopened = keys.filter(({ role, rows }) => role === 'missing' && rows > 0);
  if (unopened.length > 0) {
    const left = unopened.reduce((sum, { rows }) => sum + rows, 0);
    return `${left === 1 ? 'One provider or host' : `${left} providers or hosts`} can’t be opened: enter each again or remove it. “oriel provider list” and “oriel host list” show which.`;
  }
  const rest = keys.filter(({ role, rows }) => role === 'opens' && rows > 0);
  if (rest.length > 0)
    return `Some of it is still sealed by ${rest.map(({ id }) => id).join(', ')}: a server sealed it in the meantime. Run this command again.`;
  const idle = keys.filter(({ role }) => role === 'opens').map(({ id }) => id);
  return idle.length === 0
    ? 'Everything is sealed by the only key of the ring.'
    : `Nothing is sealed by ${idle.join(', ')} any more: remove ${idle.length === 1 ? 'it' : 'them'} from \`keys\` and run “oriel reload”.`;
};

const rotate = async (
  { deps, by }: CommandContext,
  options: z.input<typeof rotationOptions> & { readonly json?: boolean },
): Promise<CommandAnswer> => {
  const { json = false, discard = false } = options;
  const obstacle = await findRotationObstacle(deps, { discard });
  if (obstacle !== null) throw new AppError('rotation_refused', sentenceOf(obstacle));
  const bar = json ? null : progressBar('resealed', process.stderr);
  const report = ({ done, total }: RotationProgress): void => bar?.show(done, total);
  const result = await rotateKeys(deps, { discard, report }, by);
  bar?.end();
  const { done, lost, total, keys } = result;
  const what =
    lost === 0
      ? `${done} resealed.`
      : `${lost} of ${total} could not be opened and were given up: their viewers must connect again. The rest was resealed.`;
  return { json: result, text: `${what}\n${ending(keys)}` };
};

/** Prints a new key alone on standard output, so that `export ORIEL_KEY=$(oriel keys new)` works. */
const newKey = ({ json = false }: { readonly json?: boolean } = {}): void => {
  const key = newRingKey(new Date()).reveal();
  console.log(json ? JSON.stringify({ key }) : key);
  console.error('Keep this key safe: anyone who has it and the database has every token.');
  console.error(`Pass it to the server as a variable, and name it in oriel.yaml: keys: [ "\${ORIEL_KEY}" ]`);
  console.error('To replace a key, put the new one first and keep the old one after it.');
};

/** `oriel keys new | list | rotate` */
export const keysCommands = ({ oriel, root }: CommandLine): void => {
  const keys = group(oriel, 'keys');
  keys
    .command('new')
    .description('print a new key for `keys`')
    .option('--json', 'print JSON, for programs')
    .action((options: { readonly json?: boolean }) => failing(() => newKey(options), options.json));
  withJson(keys.command('list'))
    .description('list the keys, and how much each of them sealed')
    .action(
      answering(root, async ({ deps }) => {
        const items = await listKeys(deps);
        return { json: { items }, text: table(items) };
      }),
    );
  withFields(withJson(keys.command('rotate')), rotationOptions, { discard: '--discard' })
    .description('reseal everything with the first key, while servers run')
    .action(answering(root, rotate));
};
