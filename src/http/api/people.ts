import { z } from 'zod';
import { API_SCOPES } from '../../domain/admin.js';
import { API_KEY_DAYS } from '../../manage/people/api-keys.js';
import { type ApiRoute, operation } from './route.js';
import { admin, apiKey, time } from './schemas.js';
import type { ApiWeb } from './web.js';

const newKey = z.strictObject({
  name: z.string(),
  scopes: z.array(z.enum(API_SCOPES)).min(1),
  days: z.int().min(1).max(API_KEY_DAYS.most).default(API_KEY_DAYS.usual),
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
    operation({
      ...{ method: 'post', path: '/administrators/invite', tag: 'administrators', scope: 'admins:write' },
      operationId: 'inviteAdministrator',
      summary: 'A link, good once, by which somebody becomes an administrator',
      answer: z.object({ link: z.url(), expiresAt: time }),
      status: 201,
      async handle({ by }) {
        const { link, expiresAt } = await administrators.invite(by);
        return { status: 201, body: { link: link.reveal(), expiresAt } };
      },
    }),
    operation({
      ...{
        method: 'post',
        path: '/administrators/{name}/reset',
        tag: 'administrators',
        scope: 'admins:write',
      },
      operationId: 'resetAdministrator',
      summary: 'A link, good once, by which an administrator sets a new password',
      answer: z.object({ link: z.url(), expiresAt: time }),
      status: 201,
      async handle({ params, by }) {
        const { link, expiresAt } = await administrators.reset(params.name ?? '', by);
        return { status: 201, body: { link: link.reveal(), expiresAt } };
      },
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
      body: newKey as z.ZodType<z.output<typeof newKey>>,
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
