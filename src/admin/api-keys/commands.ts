import { type CommandLine, group, telling, withJson } from '../../cli/command.js';
import { API_SCOPES, type ApiKey } from '../../domain/administrator.js';
import { API_KEY_DAYS } from './use-cases.js';

interface NewKey {
  readonly scope: readonly string[];
  readonly days: string;
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: number): string => {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  return expiresAt <= now ? `expired ${day(expiresAt)}` : `good until ${day(expiresAt)}`;
};

const lineOf = (key: ApiKey, now: number): string => {
  const used = key.lastUsedAt === null ? 'never used' : `last used ${day(key.lastUsedAt)}`;
  return `${key.id}  ${key.name.padEnd(32)}${stateOf(key, now).padEnd(24)}${used.padEnd(22)}${key.scopes.join(' ')}`;
};

/** `oriel api-key list | create | revoke` */
export const apiKeyCommands = ({ oriel, root }: CommandLine): void => {
  const keys = group(oriel, 'api-key');
  withJson(keys.command('list'))
    .description('the keys, without their secrets')
    .action(
      telling(root, async ({ management, world }) => {
        const items = await management.apiKeys.list();
        const now = world.clock.now();
        const lines = items.map((key) => lineOf(key, now)).join('\n');
        return { json: { items }, text: lines || 'There is no API key.' };
      }),
    );
  withJson(keys.command('create'))
    .description('print a new key; it cannot be had again')
    .argument('<name>', 'by which you know it again')
    .requiredOption('--scope <scopes...>', `what it may do: ${API_SCOPES.join(' ')}`)
    .option(
      '--days <number>',
      `how long it is good, at most ${API_KEY_DAYS.most} days`,
      String(API_KEY_DAYS.usual),
    )
    .action(
      telling<NewKey>(root, async ({ management, by }, { scope, days }, [name = '']) => {
        const wanted = { name, scopes: scope, days: Number(days) };
        const { key, secret } = await management.apiKeys.create(wanted, by);
        return {
          json: { key, secret: secret.reveal() },
          text: secret.reveal(),
          note: `Keep it now: only its hash is kept here. ${key.name} is good until ${day(key.expiresAt)}.`,
        };
      }),
    );
  withJson(keys.command('revoke'))
    .description('make a key useless at once')
    .argument('<id>', 'which one')
    .action(
      telling(root, async ({ management, by }, _options, [id = '']) => {
        await management.apiKeys.revoke(id, by);
        return { json: { revoked: id }, text: 'It was revoked: no request with it is answered any more.' };
      }),
    );
};
