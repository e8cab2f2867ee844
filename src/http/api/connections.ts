import { z } from 'zod';
import { type ApiRoute, operation } from './route.js';
import { departure, time } from './schemas.js';
import type { ApiWeb } from './web.js';

const account = z.object({ id: z.string(), label: z.string() });

const connection = z
  .object({
    id: z.string(),
    provider: z.object({ id: z.string(), name: z.string() }),
    host: z.object({ id: z.string(), name: z.string() }),
    sub: z.string(),
    account: account.nullable(),
    scopes: z.array(z.string()),
    status: z.enum(['active', 'reconnect', 'revoking']),
    reason: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time,
    uses: z.array(z.object({ gadget: z.string(), title: z.string(), lastUsedAt: time })),
  })
  .meta({ id: 'Connection', description: 'Who is connected: never tokens, never data.' });

const of = { provider: z.string().optional(), host: z.string().optional() };

const question = z.object({
  ...of,
  status: z.enum(['active', 'reconnect', 'revoking']).optional(),
  after: z.string().optional().meta({ description: '`next` of the page before' }),
});

/** Leaves out what was not asked for: an absent filter is another thing than an undefined one. */
const given = <T extends object>(values: T): { [K in keyof T]: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as never;

/** Connections, and their end. */
export const connectionRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const tag = 'connections';
  const { connections, departures } = manage;
  return [
    operation<undefined, z.output<typeof question>>({
      ...{ method: 'get', path: '/connections', tag, scope: 'connections:read' },
      operationId: 'listConnections',
      summary: 'Who is connected, fifty at a time',
      query: question,
      answer: z.object({ items: z.array(connection), next: z.string().nullable() }),
      async handle({ query: { after, ...filter } }) {
        const page = await connections.list(given(filter), after ?? null);
        return { body: { items: page.connections, next: page.next } };
      },
    }),
    operation({
      ...{ method: 'get', path: '/connections/{id}', tag, scope: 'connections:read' },
      operationId: 'getConnection',
      summary: 'One Connection',
      answer: connection,
      handle: async ({ params }) => ({ body: await connections.get(params.id ?? '') }),
    }),
    operation({
      ...{ method: 'post', path: '/connections/{id}/revoke', tag, scope: 'connections:write' },
      operationId: 'revokeConnection',
      summary: 'End a Connection, and take its permission back at the provider',
      answer: z.object({
        outcome: z.enum(['revoked', 'unsupported', 'kept', 'failed']),
        message: z.string(),
      }),
      handle: async ({ params, by }) => ({ body: await connections.revoke(params.id ?? '', by) }),
    }),
    operation<{ readonly provider?: string | undefined; readonly host?: string | undefined }>({
      ...{ method: 'post', path: '/connections/revoke', tag, scope: 'connections:write' },
      operationId: 'revokeConnections',
      summary: 'End all Connections of a provider, of a host, or of a provider on a host',
      body: z.strictObject(of),
      answer: departure,
      status: 202,
      async handle({ body, by }) {
        const { id } = await connections.revokeAll(given(body), by);
        return { status: 202, body: await departures.byId(id) };
      },
    }),
    operation({
      ...{ method: 'get', path: '/departures', tag, scope: 'connections:read' },
      operationId: 'listDepartures',
      summary: 'What is being ended in the background, and what was',
      answer: z.object({ items: z.array(departure) }),
      handle: async () => ({ body: { items: await departures.latest() } }),
    }),
    operation({
      ...{ method: 'get', path: '/departures/{id}', tag, scope: 'connections:read' },
      operationId: 'getDeparture',
      summary: 'How far one of them is',
      answer: departure,
      handle: async ({ params }) => ({ body: await departures.byId(params.id ?? '') }),
    }),
  ];
};
