import * as z from 'zod';
import { OUTLOOKS } from '../../connect/ending/revocation-outlook.js';
import { type Leaver, WITHDRAWALS } from '../../domain/bulk-disconnect.js';
import { cursor, named, time } from '../api-schemas.js';

const idAndName = z.object({ id: z.string(), name: z.string() });

export const connectionStatus = z.enum(['active', 'reconnect', 'revoking']);

export const connection = named(
  'Connection',
  'Who is connected: never tokens, never data.',
  z.object({
    id: z.string(),
    provider: idAndName,
    host: idAndName,
    sub: z.string(),
    company: z.string().nullable().meta({
      description:
        'Whose it is, where it is a company’s and everyone on the host is shown it; `sub` is empty then',
    }),
    account: z.object({ id: z.string(), label: z.string() }).nullable(),
    scopes: z.array(z.string()),
    facts: z
      .record(z.string(), z.object({ value: z.string(), label: z.string().nullable() }))
      .meta({ description: 'What was fixed when it was connected, such as which site' }),
    status: connectionStatus,
    reason: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time,
    atEnd: z.enum(OUTLOOKS).meta({
      description:
        'What its provider will do when it is revoked: it is asked to revoke the permission, it has no way to, it is no longer known, or there is nothing left to revoke',
    }),
    uses: z.array(z.object({ gadget: z.string(), title: z.string(), lastUsedAt: time })),
  }),
);

/** Connections of a provider, a host, or a provider on a host. */
export const connectionsOf = z.strictObject({
  provider: z.string().exactOptional().describe('Of one provider'),
  host: z.string().exactOptional().describe('Of one host'),
});

export const connectionFilter = connectionsOf.extend({
  status: connectionStatus.exactOptional().describe(`In one status: ${connectionStatus.options.join(', ')}`),
});

export const connectionsQuery = connectionFilter.extend({ cursor });

export const revocation = z.object({ outcome: z.enum(WITHDRAWALS), message: z.string() });

const leaver = z.object({ kind: z.string() }).catchall(z.json()) as z.ZodType as z.ZodType<Leaver>;

export const bulkDisconnect = named(
  'BulkDisconnect',
  'A bulk disconnect and its progress.',
  z.object({
    bulkDisconnect: z.object({
      id: z.string(),
      leaver,
      startedAt: time,
      startedBy: z.string(),
      total: z.int(),
      revoked: z.int().meta({ description: 'The provider revoked the permission' }),
      asked: z.int().meta({ description: 'The provider was asked to, which cannot be confirmed' }),
      nothing: z.int().meta({ description: 'There was nothing left here to revoke' }),
      unrevoked: z.int().meta({ description: 'The provider has no way to, or could not be asked' }),
      closedAt: time.nullable(),
      finishedAt: time.nullable(),
    }),
    left: z.int(),
  }),
);

export const refreshTrouble = named(
  'Trouble',
  'Why tokens of a provider are not renewed.',
  z.object({
    provider: idAndName,
    stoppedAt: time.nullable(),
    reconnect: z.array(z.object({ reason: z.string(), count: z.int() })),
    failures: z.array(
      z.object({
        at: time,
        what: z.enum(['renewing', 'connecting', 'showing']),
        code: z.string(),
        times: z.int(),
        requestId: z.string().nullable(),
      }),
    ),
  }),
);
