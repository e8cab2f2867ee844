import { z } from 'zod';
import { type ApiRoute, operation } from './route.js';
import type { ApiWeb } from './web.js';

const question = z
  .object({ gadget: z.string().optional() })
  .catchall(z.string())
  .meta({ description: 'The gadget, and its parameters by name' });

/** What a host's developer copies. */
export const snippetRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => [
  operation<undefined, z.output<typeof question>>({
    ...{ method: 'get', path: '/hosts/{id}/snippets', tag: 'hosts', scope: 'hosts:read' },
    operationId: 'getSnippets',
    summary:
      'Element, form, headers and token endpoint for embedding a gadget; further query parameters are the gadget’s own',
    query: question,
    answer: z.record(z.string(), z.json()),
    handle: async ({ params, query: { gadget, ...values } }) => ({
      body: manage.snippets({
        host: params.id ?? '',
        gadget: gadget ?? null,
        given: new Map(Object.entries(values)),
      }),
    }),
  }),
];
