import { z } from 'zod';
import type { Entry } from '../../domain/setup.js';
import { type ApiRoute, operation } from './route.js';
import { entry, time } from './schemas.js';
import type { ApiWeb } from './web.js';

const line = z
  .object({
    light: z.enum(['green', 'yellow', 'red']),
    code: z.string(),
    about: z.string(),
    sentence: z.string(),
    cause: z.string().nullable(),
    mend: z.string().nullable(),
    chain: z.array(z.record(z.string(), z.json())),
    trustable: z.array(z.record(z.string(), z.json())),
  })
  .meta({ id: 'Line', description: 'What one look of a dry run found.' });

const lines = z.object({ items: z.array(line) });

const trouble = z
  .object({
    provider: z.object({ id: z.string(), name: z.string() }),
    stoppedAt: time.nullable(),
  })
  .catchall(z.json())
  .meta({ id: 'Trouble', description: 'Why tokens of a provider are not renewed.' });

/** Trying providers, and mending what keeps their tokens from being renewed. */
export const providerTestRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const { tests, refreshing } = manage;
  const tag = 'providers';
  return [
    operation({
      ...{ method: 'post', path: '/providers/{id}/test', tag, scope: 'providers:write' },
      operationId: 'testProvider',
      summary: 'Dry run of a provider: what people would meet, line by line',
      answer: lines,
      handle: async ({ params, by }) => ({ body: { items: await tests.ofSaved(params.id ?? '', by) } }),
    }),
    operation<Entry>({
      ...{ method: 'post', path: '/providers/{id}/test-entry', tag, scope: 'providers:write' },
      operationId: 'testProviderEntry',
      summary: 'Dry run of a provider that is not saved',
      body: entry,
      answer: lines,
      handle: async ({ params, body, by }) => ({
        body: { items: await tests.ofEntry(params.id ?? '', body, by) },
      }),
    }),
    operation({
      ...{ method: 'get', path: '/troubles', tag, scope: 'providers:read' },
      operationId: 'listTroubles',
      summary: 'Why tokens are not renewed, by provider',
      answer: z.object({ items: z.array(trouble) }),
      handle: async () => ({ body: { items: await refreshing.troubles() } }),
    }),
    operation({
      ...{ method: 'post', path: '/providers/{id}/retry', tag, scope: 'providers:write' },
      operationId: 'retryProvider',
      summary: 'Ask again with clients that the provider had refused',
      answer: z.object({ stopped: z.int().meta({ description: 'Clients that were stopped' }) }),
      handle: async ({ params, by }) => ({
        body: { stopped: await refreshing.retry(params.id ?? '', by) },
      }),
    }),
  ];
};
