import { withManagement } from '../compose/management-at.js';
import { API_SCOPES, type ApiKey } from '../domain/admin.js';
import { API_KEY_DAYS } from '../manage/people/api-keys.js';
import { type CommandLine, group, running, withJson } from './command.js';

interface Options {
  readonly json?: boolean;
}

interface NewKey extends Options {
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

const list =
  (root: string) =>
  (file: string, { json }: Options) =>
    withManagement(file, root, async ({ management, world }) => {
      const keys = await management.apiKeys.list();
      if (json) console.log(JSON.stringify({ keys }));
      else
        console.log(keys.map((key) => lineOf(key, world.clock.now())).join('\n') || 'There is no API key.');
    });

const create =
  (root: string) =>
  (file: string, { json, scope, days }: NewKey, [name = '']: readonly string[]) =>
    withManagement(file, root, async ({ management, by }) => {
      const { key, secret } = await management.apiKeys.create(
        { name, scopes: scope, days: Number(days) },
        by,
      );
      if (json) {
        console.log(JSON.stringify({ key, secret: secret.reveal() }));
        return;
      }
      console.log(secret.reveal());
      console.error(
        `Keep it now: only its hash is kept here. ${key.name} is good until ${day(key.expiresAt)}.`,
      );
    });

const revoke =
  (root: string) =>
  (file: string, { json }: Options, [id = '']: readonly string[]) =>
    withManagement(file, root, async ({ management, by }) => {
      await management.apiKeys.revoke(id, by);
      if (json) console.log(JSON.stringify({ revoked: id }));
      else console.log('It was revoked: no request with it is answered any more.');
    });

/** `oriel api-key list | create | revoke` */
export const apiKeyCommands = ({ oriel, root }: CommandLine): void => {
  const keys = group(oriel, 'api-key', 'keys of the administration API');
  withJson(keys.command('list'))
    .description('the keys, without their secrets')
    .action(running(list(root)));
  withJson(keys.command('create'))
    .description('print a new key; it cannot be had again')
    .argument('<name>', 'by which you know it again')
    .requiredOption('--scope <scopes...>', `what it may do: ${API_SCOPES.join(' ')}`)
    .option(
      '--days <number>',
      `how long it is good, at most ${API_KEY_DAYS.most} days`,
      String(API_KEY_DAYS.usual),
    )
    .action(running(create(root)));
  withJson(keys.command('revoke'))
    .description('make a key useless at once')
    .argument('<id>', 'which one')
    .action(running(revoke(root)));
};
