import { z } from 'zod';
import { LANGUAGES } from '../../hosts/snippets/snippet-facts.js';
import { type ApiRoute, operation } from '../api-route.js';
import type { ApiWeb } from '../api-web.js';

const question = z
  .object({ gadget: z.string().optional() })
  .catchall(z.string())
  .meta({ description: 'The gadget, and its parameters by name' });

const named = z.object({ id: z.string(), title: z.string() });

const snippets = z
  .object({
    host: z.object({ id: z.string(), name: z.string(), mode: z.enum(['opener', 'reauth', 'code']) }),
    gadgets: z.array(named).meta({ description: 'Those that the host may show' }),
    gadget: named,
    missing: z
      .array(z.object({ problem: z.string(), mend: z.string(), ofParameters: z.boolean() }))
      .meta({ description: 'What must be mended before it can work' }),
    parameters: z.array(
      z.object({
        name: z.string(),
        title: z.string(),
        required: z.boolean(),
        kind: z.string(),
        choices: z.array(z.string()).nullable(),
        value: z.string().nullable(),
        isExample: z.boolean(),
      }),
    ),
    element: z.string(),
    doctor: z.string(),
    form: z.string(),
    headers: z.object({
      policy: z
        .array(z.tuple([z.string(), z.string()]))
        .meta({ description: 'Directive and source, for the page’s Content-Security-Policy' }),
      opener: z.string(),
      nginx: z.string(),
      helmet: z.string(),
    }),
    environment: z.array(z.object({ name: z.string(), holds: z.string() })),
    endpoints: z.array(
      z.object({
        language: z.enum(LANGUAGES),
        title: z.string(),
        file: z.string(),
        code: z.string(),
        install: z.string().nullable(),
      }),
    ),
  })
  .meta({ id: 'Snippets', description: 'Everything that is copied to embed a gadget. It holds no secret.' });

/** What a host's developer copies. */
export const snippetRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => [
  operation<undefined, z.output<typeof question>>({
    ...{ method: 'get', path: '/hosts/{id}/snippets', tag: 'hosts', scope: 'hosts:read' },
    operationId: 'getSnippets',
    summary:
      'Element, form, headers and token endpoint for embedding a gadget; further query parameters are the gadget’s own',
    query: question,
    answer: snippets,
    handle: async ({ params, query: { gadget, ...values } }) => ({
      body: manage.snippets({
        host: params.id ?? '',
        gadget: gadget ?? null,
        given: new Map(Object.entries(values)),
      }),
    }),
  }),
];
