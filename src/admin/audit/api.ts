import { Readable } from 'node:stream';
import * as z from 'zod';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { next, stream } from '../api-schemas.js';
import { auditCheck, auditEntry, auditPageQuery, auditSearch, hostViewer } from './schema.js';
import { exportAudit, findPseudonym, pageAudit, verifyAudit } from './use-cases.js';

const tag = 'audit';

/** The audit log: to be read, exported and verified. */
export const auditRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'get', path: '/audit', tag, scope: 'audit:read' },
    operationId: 'listAudit',
    summary: 'List audit entries, newest first',
    query: auditPageQuery,
    answer: z.object({ items: z.array(auditEntry), next }),
    async handle({ query: { cursor: from, ...search } }) {
      const page = await pageAudit(deps, search, from ?? null);
      return { body: { items: page.entries, next: page.next } };
    },
  }),
  operation({
    // By POST, so that a person's name at the host appears in no address or log.
    ...{ method: 'post', path: '/audit/viewer', tag, scope: 'audit:read' },
    operationId: 'findAuditViewer',
    summary: 'Find the pseudonym of a viewer in the log',
    body: hostViewer,
    answer: z.object({
      person: z
        .string()
        .nullable()
        .meta({ description: 'Null: no one with that name connected, or they were erased' }),
    }),
    handle: async ({ body: { host, sub } }) => ({ body: { person: await findPseudonym(deps, host, sub) } }),
  }),
  operation({
    ...{ method: 'post', path: '/audit/export', tag, scope: 'audit:read' },
    operationId: 'exportAudit',
    summary: 'Export every entry as a line of JSON, oldest first; the export itself is logged',
    query: auditSearch,
    type: 'application/x-ndjson',
    answer: stream({ description: 'One AuditEntry per line' }),
    handle: async ({ query, by, requestId }) => ({
      body: Readable.from(await exportAudit(deps, query, by, requestId)),
    }),
  }),
  operation({
    ...{ method: 'get', path: '/audit/verify', tag, scope: 'audit:read' },
    operationId: 'verifyAudit',
    summary: 'Check that the chain is intact, and that it still contains an entry that was once its last',
    query: z.strictObject({ head: z.string().optional() }),
    answer: auditCheck,
    handle: async ({ query }) => ({ body: await verifyAudit(deps, query.head) }),
  }),
];
