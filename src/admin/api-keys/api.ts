import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { apiKey, newApiKey } from './schema.js';
import { createApiKey, listApiKeys, revokeApiKey } from './use-cases.js';

const tag = 'api keys';

/** The keys of this API. */
export const apiKeyRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/api-keys', tag, scope: 'admins:read' },
    operationId: 'listApiKeys',
    summary: 'List API keys, without their secrets',
    answer: z.object({ items: z.array(apiKey) }),
    handle: async () => ({ body: { items: await listApiKeys(deps) } }),
  }),
  operation({
    ...{ method: 'post', path: '/api-keys', tag, scope: 'admins:write' },
    operationId: 'createApiKey',
    summary: 'Create an API key; only this response contains its secret',
    body: newApiKey,
    answer: z.object({ key: apiKey, secret: z.string() }),
    status: 201,
    async handle({ body, by }) {
      const { key, secret } = await createApiKey(deps, body, by);
      return { status: 201, body: { key, secret: secret.reveal() } };
    },
  }),
  operation({
    ...{ method: 'delete', path: '/api-keys/{id}', tag, scope: 'admins:write' },
    operationId: 'revokeApiKey',
    summary: 'Revoke an API key; it stops working immediately',
    answer: null,
    status: 204,
    async handle({ params, by }) {
      await revokeApiKey(deps, params.id ?? '', by);
      return { status: 204 };
    },
  }),
];
