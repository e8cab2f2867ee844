import { Readable } from 'node:stream';
import { z } from 'zod';
import { AppError } from '../../domain/errors.js';
import { type ApiRoute, operation } from '../api-route.js';
import { key, time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';

const instance = z
  .object({
    id: z.string(),
    startedAt: time,
    seenAt: time,
    keys: z.array(z.string()),
    reload: z.int(),
    problem: z.string().nullable(),
    restart: z.array(z.string()).meta({ description: 'Settings that were changed and wait for a restart' }),
  })
  .meta({ id: 'Server', description: 'A running server, as it last said of itself.' });

const reloaded = z.object({
  items: z.array(
    z.object({
      server: z.string(),
      outcome: z.enum(['taken', 'refused', 'silent']),
      problem: z.string().nullable(),
      restart: z.array(z.string()),
    }),
  ),
});

const rotating = z.strictObject({
  discard: z.boolean().default(false).meta({ description: 'Give up what no key of the ring opens' }),
});

const rotation = z.object({
  done: z.int(),
  lost: z.int(),
  total: z.int(),
  keys: z.array(key),
});

/** The servers themselves: which run, their configuration, their keys, a backup. */
export const serverRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const { configuration, keyRotation } = manage;
  const tag = 'server';
  return [
    operation({
      ...{ method: 'get', path: '/servers', tag, scope: 'overview:read' },
      operationId: 'listServers',
      summary: 'The running servers',
      answer: z.object({ items: z.array(instance) }),
      handle: async () => ({ body: { items: await configuration.servers() } }),
    }),
    operation({
      ...{ method: 'post', path: '/configuration/reload', tag, scope: 'configuration:reload' },
      operationId: 'reloadConfiguration',
      summary: 'Have every running server read its file again',
      answer: reloaded,
      handle: async ({ by }) => ({ body: { items: await configuration.reload(by) } }),
    }),
    operation({
      ...{ method: 'get', path: '/keys', tag, scope: 'keys:rotate' },
      operationId: 'listKeys',
      summary: 'The keys of the ring, and how much each of them sealed',
      answer: z.object({ items: z.array(key) }),
      handle: async () => ({ body: { items: await keyRotation.keys() } }),
    }),
    operation<z.output<typeof rotating>>({
      ...{ method: 'post', path: '/keys/rotate', tag, scope: 'keys:rotate' },
      operationId: 'rotateKeys',
      summary: 'Seal everything anew under the first key',
      body: rotating,
      answer: rotation,
      async handle({ body: { discard }, by }) {
        const obstacle = await keyRotation.obstacle({ discard });
        if (obstacle !== null)
          throw new AppError(
            'rotation_refused',
            obstacle.kind === 'servers'
              ? 'A running server does not seal with the first key yet. Reload the configuration first.'
              : `These keys sealed something and are not in the ring: ${obstacle.keys.map(({ id }) => id).join(', ')}.`,
          );
        return { body: await keyRotation.rotate({ discard, tell: () => undefined }, by) };
      },
    }),
    operation({
      ...{ method: 'post', path: '/backup', tag, scope: 'backup:read' },
      operationId: 'makeBackup',
      summary: 'Everything worth keeping as one consistent file, sealed with the key ring',
      type: 'application/octet-stream',
      answer: z.string().meta({ format: 'binary' }),
      handle: async ({ by }) => ({ body: Readable.from(await manage.backups.made(by)) }),
    }),
  ];
};
