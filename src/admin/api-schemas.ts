import { z } from 'zod';
import { API_SCOPES } from '../domain/administrator.js';

/* The shapes of answers. Each is named, so that the OpenAPI document can refer to it. */

const named = <T extends z.ZodType>(id: string, description: string, schema: T): T =>
  schema.meta({ id, description });

export const time = z.iso.datetime().meta({ description: 'ISO 8601, in UTC, to the millisecond' });

/** Where the next page begins; null on the last one. */
export const next = z
  .string()
  .nullable()
  .meta({ description: 'For `cursor` of the next page; null on the last one' });

export const cursor = z.string().exactOptional().meta({ description: '`next` of the page before' });

/** The document says what stands in these, by the configuration's own types; a handler checks all of it. */
const entry = z.record(z.string(), z.json());

/** What the configuration file would hold under an id, by kind. */
export const entries = {
  provider: named(
    'ProviderEntry',
    'What the configuration file would hold under the id of a provider.',
    entry,
  ),
  host: named('HostEntry', 'What the configuration file would hold under the id of a host.', entry),
} as const;

/** A secret as it is answered; given back, it means: as it is. */
export const maskedSecret = named(
  'MaskedSecret',
  'A secret on its way out. Given back as it is, it means: unchanged.',
  z.object({
    set: z.literal(true),
    ends: z.string(),
    fingerprint: z.string(),
    setAt: time.optional(),
  }),
);

export const fault = named(
  'Fault',
  'One mistake, where it is and what was expected.',
  z.object({
    file: z.string(),
    path: z.string(),
    line: z.int().nullable(),
    problem: z.string(),
    expected: z.string(),
    example: z.string().nullable(),
  }),
);

export const record = named(
  'Record',
  'A provider or a host.',
  z.object({
    kind: z.enum(['provider', 'host']),
    id: z.string(),
    name: z.string(),
    origin: z.enum(['file', 'store']),
    version: z.int().nullable(),
    entry: z.union([entries.provider, entries.host]).nullable(),
    updatedAt: time.nullable(),
    updatedBy: z.string().nullable(),
    leavingAt: time.nullable(),
    faults: z.array(fault).meta({ description: 'Why it serves nobody although it is not being removed' }),
  }),
);

export const departure = named(
  'Departure',
  'The end of many Connections at once, and how far it is.',
  z.object({
    departure: z.object({
      id: z.string(),
      leaver: z.object({ kind: z.string() }).catchall(z.json()),
      startedAt: time,
      startedBy: z.string(),
      total: z.int(),
      revoked: z.int().meta({ description: 'The provider revoked the permission' }),
      asked: z.int().meta({ description: 'It was asked to, which cannot be confirmed' }),
      nothing: z.int().meta({ description: 'Nothing was left here to revoke' }),
      unrevoked: z.int().meta({ description: 'It has no way to, or could not be asked' }),
      closedAt: time.nullable(),
      finishedAt: time.nullable(),
    }),
    left: z.int(),
  }),
);

export const admin = named(
  'Administrator',
  'Somebody who looks after this server.',
  z.object({
    id: z.string(),
    name: z.string(),
    hasPassword: z.boolean(),
    subject: z.string().nullable(),
    createdAt: time,
    lastSignInAt: time.nullable(),
    version: z.int(),
  }),
);

export const apiKey = named(
  'ApiKey',
  'A key of this API, without its secret.',
  z.object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(API_SCOPES)),
    createdAt: time,
    createdBy: z.string(),
    createdByAdmin: z
      .string()
      .nullable()
      .meta({ description: 'Id of the administrator it goes back to; null where a command made it' }),
    expiresAt: time,
    lastUsedAt: time.nullable(),
    revokedAt: time.nullable(),
  }),
);

export const problem = named(
  'Problem',
  'A refusal (RFC 9457). `code` is stable; `type` leads to a page about it.',
  z.object({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    requestId: z.string(),
    reason: z.string().optional(),
    faults: z.array(fault).optional(),
  }),
);

export const key = named(
  'Key',
  'A key of the ring, and how many values it sealed.',
  z.object({ id: z.string(), role: z.enum(['seals', 'opens', 'missing']), rows: z.int() }),
);
