import { z } from 'zod';
import type { Actor } from '../../domain/actor.js';
import { API_SCOPES } from '../../domain/administrator.js';
import { API_KEY_DAYS } from '../api-keys/use-cases.js';
import { type ApiRoute, operation } from '../api-route.js';
import { admin, apiKey, time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';
import type { Invitation } from './invitations.js';

const newKey = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(API_SCOPES)).min(1),
  days: z.int().min(1).max(API_KEY_DAYS.most).default(API_KEY_DAYS.usual),
});

/** An operation that makes a link: it is in this answer and nowhere else. */
const linking = ({
  make,
  ...route
}: Pick<ApiRoute, 'path' | 'operationId' | 'summary'> & {
  readonly make: (id: string, by: Actor) => Promise<Invitation>;
}): ApiRoute =>
  operation({
    ...{ method: 'post', tag: 'administrators', scope: 'admins:write', ...route },
    answer: z.object({ link: z.url(), expiresAt: time }),
    status: 201,
    async handle({ params, by }) {
      const { link, expiresAt } = await make(params.id ?? '', by);
      return { status: 201, body: { link: link.reveal(), expiresAt } };
    },
  });

/** Administrators and API keys. */
export const peopleRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const { administrators, apiKeys } = manage;
  return [
    operation({
      ...{ method: 'get', path: '/administrators', tag: 'administrators', scope: 'admins:read' },
      operationId: 'listAdministrators',
      summary: 'Who looks after this server',
      answer: z.object({ items: z.array(admin) }),
      handle: async () => ({ body: { items: await administrators.list() } }),
    }),
    linking({
      path: '/administrators/invite',
      operationId: 'inviteAdministrator',
      summary: 'A link, good once, by which somebody becomes an administrator',
      make: (_id, by) => administrators.invite(by),
    }),
    linking({
      path: '/administrators/{id}/reset',
      operationId: 'resetAdministrator',
      summary: 'A link, good once, by which an administrator sets a new password',
      make: (id, by) => administrators.reset(id, by),
    }),
    operation({
      ...{ method: 'delete', path: '/administrators/{id}', tag: 'administrators', scope: 'admins:write' },
      operationId: 'removeAdministrator',
      summary: 'Remove an administrator; their sessions end at once',
      answer: null,
      status: 204,
      async handle({ params, by }) {
        await administrators.remove(params.id ?? '', by);
        return { status: 204 };
      },
    }),
    operation({
      ...{ method: 'get', path: '/api-keys', tag: 'api keys', scope: 'admins:read' },
      operationId: 'listApiKeys',
      summary: 'The keys of this API, without their secrets',
      answer: z.object({ items: z.array(apiKey) }),
      handle: async () => ({ body: { items: await apiKeys.list() } }),
    }),
    operation<z.output<typeof newKey>>({
      ...{ method: 'post', path: '/api-keys', tag: 'api keys', scope: 'admins:write' },
      operationId: 'createApiKey',
      summary: 'A new key; its secret is in this answer and nowhere else',
      body: newKey,
      answer: z.object({ key: apiKey, secret: z.string() }),
      status: 201,
      async handle({ body, by }) {
        const { key, secret } = await apiKeys.create(body, by);
        return { status: 201, body: { key, secret: secret.reveal() } };
      },
    }),
    operation({
      ...{ method: 'delete', path: '/api-keys/{id}', tag: 'api keys', scope: 'admins:write' },
      operationId: 'revokeApiKey',
      summary: 'Revoke a key: no request with it is answered any more',
      answer: null,
      status: 204,
      async handle({ params, by }) {
        await apiKeys.revoke(params.id ?? '', by);
        return { status: 204 };
      },
    }),
  ];
};
