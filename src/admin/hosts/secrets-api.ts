import { z } from 'zod';
import { type ApiRoute, operation } from '../api-route.js';
import { record } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';
import { recordAnswer, required } from '../records/api.js';

/** Secrets that are made for hosts, each shown once. */
export const hostSecretRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => [
  operation({
    ...{ method: 'post', path: '/hosts/{id}/secret', tag: 'hosts', scope: 'hosts:write' },
    operationId: 'renewHostSecret',
    summary:
      'Make a new secret that a host signs with; it is answered this once, and the key before is worth nothing then',
    answer: z.object({ record, secret: z.string().describe('Cannot be had again') }),
    tagged: true,
    versioned: true,
    async handle({ params, by, ifMatch }) {
      const made = await manage.hostSecrets.renew(params.id ?? '', required(ifMatch), by);
      return { ...recordAnswer(made.record), body: { record: made.record, secret: made.secret.reveal() } };
    },
  }),
];
