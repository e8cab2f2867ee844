import { z } from 'zod';
import { OUTLOOKS } from '../../connect/ending/revocation-outlook.js';
import { WITHDRAWALS } from '../../domain/departure.js';
import { type ApiRoute, operation } from '../api-route.js';
import { cursor, departure, next, time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';

const account = z.object({ id: z.string(), label: z.string() });

const STATUSES = ['active', 'reconnect', 'revoking'] as const;

const connection = z
  .object({
    id: z.string(),
    provider: z.object({ id: z.string(), name: z.string() }),
    host: z.object({ id: z.string(), name: z.string() }),
    sub: z.string(),
    account: account.nullable(),
    scopes: z.array(z.string()),
    status: z.enum(STATUSES),
    reason: z.string().nullable(),
    createdAt: time,
    lastUsedAt: time,
    atEnd: z.enum(OUTLOOKS).meta({
      description:
        'What its provider will do when it is revoked: asked to revoke the permission, without a way to, not known any more, or nothing is left to revoke',
    }),
    uses: z.array(z.object({ gadget: z.string(), title: z.string(), lastUsedAt: time })),
  })
  .meta({ id: 'Connection', description: 'Who is connected: never tokens, never data.' });

const of = { provider: z.string().exactOptional(), host: z.string().exactOptional() };
const whole = z.strictObject(of);

const question = z.strictObject({
  ...of,
  status: z.enum(STATUSES).exactOptional(),
  cursor,
});

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
      answer: z.object({ items: z.array(connection), next }),
      async handle({ query: { cursor: from, ...filter } }) {
        const page = await connections.list(filter, from ?? null);
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
      summary: 'End a Connection, and ask its provider to revoke the permission, where it offers that',
      answer: z.object({
        outcome: z.enum(WITHDRAWALS),
        message: z.string(),
      }),
      handle: async ({ params, by }) => ({ body: await connections.revoke(params.id ?? '', by) }),
    }),
    operation<z.output<typeof whole>>({
      ...{ method: 'post', path: '/connections/revoke', tag, scope: 'connections:write' },
      operationId: 'revokeConnections',
      summary:
        'End all Connections of a provider, of a host, or of a provider on a host; providers are asked to revoke where they offer that',
      body: whole,
      answer: departure,
      status: 202,
      async handle({ body, by }) {
        const begun = await connections.revokeAll(body, by);
        return { status: 202, body: await departures.of(begun) };
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
