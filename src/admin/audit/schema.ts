import { z } from 'zod';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { cursor, named, time } from '../api-schemas.js';

const outcome = z.enum(['done', 'refused', 'failed']);

/**
 * What the log can be searched by: the names of the form's fields, the command's options and the query's parameters alike. An empty text
 * asks for nothing; `from` and `to` are both included.
 */
export const auditSearch = z.strictObject({
  action: z.string().optional().meta({ description: 'One action, or all of a subject such as `flow`' }),
  outcome: outcome.optional(),
  provider: z.string().optional(),
  host: z.string().optional(),
  by: z.string().optional().meta({ description: 'Id of an administrator or API key' }),
  person: z.string().optional().meta({ description: 'A viewer’s pseudonym' }),
  request: z.string().optional().meta({ description: 'The request id shown on a person’s page' }),
  from: z.string().optional().meta({ description: 'A day in UTC, such as 2027-03-31' }),
  to: z.string().optional().meta({ description: 'A day in UTC, included' }),
});

/** A search as people type it: every field is a text that is still to be checked. */
export type AuditSearch = { readonly [field in keyof z.output<typeof auditSearch>]?: string | undefined };

export const AUDIT_FIELDS = Object.keys(auditSearch.shape) as readonly (keyof AuditSearch)[];

export const auditPageQuery = auditSearch.extend({ cursor });

/** A viewer as their host names them. */
export const hostViewer = z.strictObject({ host: z.string(), sub: z.string() });

export const auditEntry = named(
  'AuditEntry',
  'Something that happened. Viewers appear under pseudonyms.',
  z.object({
    seq: z.int(),
    at: time,
    action: z.enum(AUDIT_ACTIONS),
    outcome,
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
  }),
);

export const auditCheck = z.object({
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
});
