import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { required, versionHeaders } from '../records/api.js';
import { record } from '../records/schema.js';
import { snippets, snippetsQuery } from './schema.js';
import { renewHostSecret } from './use-cases.js';
import { writeSnippets } from './write-snippets.js';

const tag = 'hosts';

/** What hosts have beside their records: a generated secret, and what their developers copy. */
export const hostRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'post', path: '/hosts/{id}/secret', tag, scope: 'hosts:write' },
    operationId: 'renewHostSecret',
    summary:
      'Generate a new secret that a host signs with; only this response contains it, and the previous key stops working',
    answer: z.object({ record, secret: z.string().describe('Cannot be shown again') }),
    tagged: true,
    versioned: true,
    async handle({ params, by, ifMatch }) {
      const { record: saved, secret } = await renewHostSecret(deps, params.id ?? '', required(ifMatch), by);
      return { headers: versionHeaders(saved), body: { record: saved, secret: secret.reveal() } };
    },
  }),
  operation({
    ...{ method: 'get', path: '/hosts/{id}/snippets', tag, scope: 'hosts:read' },
    operationId: 'getSnippets',
    summary:
      'Get element, form, headers and token endpoint to embed a gadget; other query parameters are those of the gadget',
    query: snippetsQuery,
    answer: snippets,
    handle: async ({ params, query: { gadget, ...values } }) => ({
      body: writeSnippets(deps, {
        host: params.id ?? '',
        gadget: gadget ?? null,
        given: new Map(Object.entries(values)),
      }),
    }),
  }),
];
