import { Readable } from 'node:stream';
import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { type ApiRoute, operation } from '../api-route.js';
import { cursor, next, time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';

const auditEntry = z
  .object({
    seq: z.int(),
    at: time,
    action: z.enum(AUDIT_ACTIONS),
    outcome: z.enum(['done', 'refused', 'failed']),
    actor: z.object({ kind: z.string(), id: z.string().nullable(), name: z.string().nullable() }),
    person: z.string().nullable(),
    provider: z.string().nullable(),
    host: z.string().nullable(),
    subject: z.string().nullable(),
    code: z.string().nullable(),
    changes: z.array(
      z.object({ path: z.string(), before: z.string().nullable(), after: z.string().nullable() }),
    ),
    requestId: z.string().nullable(),
    hash: z.string(),
    times: z.int().meta({ description: 'How often it happened within that minute' }),
  })
  .meta({ id: 'AuditEntry', description: 'What happened. Viewers stand in it under pseudonyms.' });

const words = {
  action: z.string().optional().meta({ description: 'One action, or all of a subject such as `flow`' }),
  outcome: z.enum(['done', 'refused', 'failed']).optional(),
  provider: z.string().optional(),
  host: z.string().optional(),
  by: z.string().optional().meta({ description: 'Id of an administrator or API key' }),
  person: z.string().optional().meta({ description: 'A viewer’s pseudonym' }),
  request: z.string().optional().meta({ description: 'The request id that a person’s page names' }),
  from: z.string().optional().meta({ description: 'A day in UTC, such as 2027-03-31' }),
  to: z.string().optional().meta({ description: 'A day in UTC, itself included' }),
};
const question = z.strictObject(words);
const page = z.strictObject({ ...words, cursor });
const viewer = z.strictObject({ host: z.string(), sub: z.string() });

/** The audit log: to be read, exported and verified. */
export const auditRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const tag = 'audit';
  const { audit } = manage;
  return [
    operation<undefined, z.output<typeof page>>({
      ...{ method: 'get', path: '/audit', tag, scope: 'audit:read' },
      operationId: 'listAudit',
      summary: 'What happened, newest first',
      query: page,
      answer: z.object({ items: z.array(auditEntry), next }),
      async handle({ query: { cursor: from, ...asked } }) {
        const page = await audit.page(asked, from ?? null);
        return { body: { items: page.entries, next: page.next } };
      },
    }),
    operation<z.output<typeof viewer>>({
      // By POST, so that a person's name at the host gets into no address or log.
      ...{ method: 'post', path: '/audit/viewer', tag, scope: 'audit:read' },
      operationId: 'findAuditViewer',
      summary: 'The pseudonym under which the log knows a viewer',
      body: viewer,
      answer: z.object({
        person: z
          .string()
          .nullable()
          .meta({ description: 'Null: nobody of that name connected, or they were erased' }),
      }),
      handle: async ({ body: { host, sub } }) => ({ body: { person: await audit.personOf(host, sub) } }),
    }),
    operation<undefined, z.output<typeof question>>({
      ...{ method: 'post', path: '/audit/export', tag, scope: 'audit:read' },
      operationId: 'exportAudit',
      summary: 'Every entry as a line of JSON, oldest first; that it was asked for is an entry itself',
      query: question,
      type: 'application/x-ndjson',
      answer: z.string().meta({ description: 'One AuditEntry a line' }),
      handle: async ({ query, by, requestId }) => ({
        body: Readable.from(await audit.exported(query, by, requestId)),
      }),
    }),
    operation<undefined, { readonly head?: string | undefined }>({
      ...{ method: 'get', path: '/audit/verify', tag, scope: 'audit:read' },
      operationId: 'verifyAudit',
      summary: 'Whether the chain is whole, and whether it still holds an entry that once was its last',
      query: z.strictObject({ head: z.string().optional() }),
      answer: z.object({
        verdict: z.union([
          z.object({ intact: z.literal(true), entries: z.int(), head: z.string().nullable() }),
          z.object({
            intact: z.literal(false),
            entries: z.int(),
            brokenAt: z.int(),
            reason: z.string(),
          }),
        ]),
        kept: z.object({ hash: z.string(), seq: z.int().nullable() }).optional(),
      }),
      handle: async ({ query }) => ({ body: await audit.verify(query.head) }),
    }),
  ];
};
