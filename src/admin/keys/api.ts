import * as z from 'zod';
import { AppError } from '../../domain/errors.js';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { key, keyRotation, rotationOptions } from './schema.js';
import {
  findRotationObstacle,
  listKeys,
  type OtherRotation,
  type RotationObstacle,
  showRotation,
  startRotation,
} from './use-cases.js';

const tag = 'server';

const sentenceOf = (obstacle: RotationObstacle | OtherRotation): string => {
  switch (obstacle.kind) {
    case 'servers':
      return 'A running server does not seal with the first key yet. Reload the configuration first.';
    case 'keys':
      return `These keys sealed values and are not in the ring: ${obstacle.keys.map(({ id }) => id).join(', ')}.`;
    case 'running':
      return 'A rotation that discards nothing is under way. Start this one when it is over.';
  }
};

/** The key ring. */
export const keyRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/keys', tag, scope: 'keys:rotate' },
    operationId: 'listKeys',
    summary: 'List the keys of the ring, and how much each of them sealed',
    answer: z.object({ items: z.array(key) }),
    handle: async () => ({ body: { items: await listKeys(deps) } }),
  }),
  operation({
    ...{ method: 'post', path: '/keys/rotate', tag, scope: 'keys:rotate' },
    operationId: 'rotateKeys',
    summary: 'Start sealing everything again with the first key, in the background, unless that is under way',
    body: rotationOptions,
    answer: keyRotation,
    status: 202,
    async handle({ body: { discard }, by }) {
      const obstacle =
        (await findRotationObstacle(deps, { discard })) ?? (await startRotation(deps, { discard }, by));
      if (obstacle !== null) throw new AppError('rotation_refused', sentenceOf(obstacle));
      return { status: 202, body: await showRotation(deps) };
    },
  }),
  operation({
    ...{ method: 'get', path: '/keys/rotation', tag, scope: 'keys:rotate' },
    operationId: 'getKeyRotation',
    summary: 'Show the progress of the rotation of keys',
    answer: keyRotation,
    handle: async () => ({ body: await showRotation(deps) }),
  }),
];
