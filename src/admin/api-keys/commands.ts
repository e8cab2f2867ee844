import { answering, type CommandLine, group, helpOf, withFields, withJson } from '../../cli/command.js';
import type { ApiKey } from '../../domain/administrator.js';
import { newApiKey } from './schema.js';
import { createApiKey, listApiKeys, revokeApiKey } from './use-cases.js';

interface NewKey {
  readonly scope: readonly string[];
  readonly days: string;
}

const day = (at: number): string => new Date(at).toISOString().slice(0, 10);

const stateOf = ({ revokedAt, expiresAt }: ApiKey, now: number): string => {
  if (revokedAt !== null) return `revoked ${day(revokedAt)}`;
  return expiresAt <= now ? `expired ${day(expiresAt)}` : `valid until ${day(expiresAt)}`;
};

const lineOf = (key: ApiKey, now: number): string => {
  const used = key.lastUsedAt === null ? 'never used' : `last used ${day(key.lastUsedAt)}`;
  return `${key.id}  ${key.name.padEnd(32)}${stateOf(key, now).padEnd(24)}${used.padEnd(22)}${key.scopes.join(' ')}`;
};

/** `oriel api-key list | create | revoke` */
export const apiKeyCommands = ({ oriel, root }: CommandLine): void => {
  const keys = group(oriel, 'api-key');
  withJson(keys.command('list'))
    .description('list API keys, without their secrets')
    .action(
      answering(root, async ({ deps }) => {
        const items = await listApiKeys(deps);
        const now = deps.clock.now();
        const lines = items.map((key) => lineOf(key, now)).join('\n');
        return { json: { items }, text: lines || 'There are no API keys.' };
      }),
    );
  const { name, ...options } = newApiKey.shape;
  withFields(
    withJson(keys.command('create')),
    { shape: options },
    { scopes: '--scope <scopes...>', days: 'number' },
  )
    .description('create an API key and print it; it can’t be shown again')
    .argument('<name>', helpOf(name))
    .action(
      answering<NewKey>(root, async ({ deps, by }, { scope, days }, [name = '']) => {
        const wanted = { name, scopes: scope, days: Number(days) };
        const { key, secret } = await createApiKey(deps, wanted, by);
        return {
          json: { key, secret: secret.reveal() },
          text: secret.reveal(),
          note: `Save it now: it can’t be shown again. ${key.name} is valid until ${day(key.expiresAt)}.`,
        };
      }),
    );
  withJson(keys.command('revoke'))
    .description('revoke an API key; it stops working immediately')
    .argument('<id>', 'id, as shown by list')
    .action(
      answering(root, async ({ deps, by }, _options, [id = '']) => {
        await revokeApiKey(deps, id, by);
        return { json: { revoked: id }, text: 'API key revoked. It no longer works.' };
      }),
    );
};
