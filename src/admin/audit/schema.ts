import * as z from 'zod';
import { AUDIT_ACTIONS } from '../../domain/audit-event.js';
import { cursor, named, time } from '../api-schemas.js';

const outcome = z.enum(['done', 'refused', 'failed']);

/**
 * What the log can be searched by: the names of the form's fields, the command's options and the query's parameters alike. An empty text
 * asks for nothing; `from` and `to` are both included.
 */
export const auditSearch = z.strictObject({
  action: z.string().optional().describe('One action, or all of a subject: flow, connection, provider …'),
  outcome: outcome.optional().describe('How it ended: done, refused or failed'),
  provider: z.string().optional().describe('About one provider, by id'),
  host: z.string().optional().describe('About one host, by id'),
  by: z.string().optional().describe('By one administrator or API key, by id'),
  person: z.string().optional().describe('About one viewer, by pseudonym'),
  request: z.string().optional().describe('About one request, by the id shown on a person’s page'),
  from: z.string().optional().describe('From this day (UTC), such as 2027-03-31'),
  to: z.string().optional().describe('To this day (UTC), included'),
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
    z.object({
      intact: z.literal(true),
      entries: z.int(),
      archived: z.int().optional().meta({ description: 'How many entries before these are in archives' }),
      head: z.string().nullable(),
    }),
    z.object({
      intact: z.literal(false),
      entries: z.int(),
      brokenAt: z.int(),
      reason: z.string(),
    }),
  ]),
  kept: z.object({ hash: z.string(), seq: z.int().nullable() }).optional(),
});
