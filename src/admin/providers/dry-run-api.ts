import { z } from 'zod';
import type { Entry } from '../../domain/setup-record.js';
import { type ApiRoute, operation } from '../api-route.js';
import { entries, record, time } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';
import { recordAnswer } from '../records/api.js';
import { type Line, worst } from './dry-run/line.js';

const LIGHTS = ['green', 'yellow', 'red'] as const;

const certificate = z
  .object({
    subject: z.string(),
    issuer: z.string(),
    names: z.array(z.string()),
    from: time,
    until: time,
    sha256: z.string(),
    sha1: z.string(),
    pem: z.string(),
  })
  .meta({ id: 'Certificate', description: 'An X.509 certificate as people compare it.' });

const pasted = z.strictObject({
  certificates: z
    .string()
    .meta({ description: 'PEM: of an authority, or as a dry run’s `trustable` has it' }),
});

const line = z
  .object({
    light: z.enum(LIGHTS),
    code: z.string(),
    about: z.string(),
    sentence: z.string(),
    cause: z.string().nullable(),
    mend: z.string().nullable(),
    chain: z.array(certificate),
    trustable: z.array(certificate),
  })
  .meta({ id: 'Line', description: 'What one look of a dry run found.' });

const lines = z.object({
  light: z.enum(LIGHTS).meta({ description: 'The worst of its lines' }),
  items: z.array(line),
});

const trouble = z
  .object({
    provider: z.object({ id: z.string(), name: z.string() }),
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
  })
  .meta({ id: 'Trouble', description: 'Why tokens of a provider are not renewed.' });

/** Trying providers, and mending what keeps their tokens from being renewed. */
export const providerTestRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] => {
  const { tests, refreshing } = manage;
  const tag = 'providers';
  const told = (items: readonly Line[]) => ({ body: { light: worst(items), items } });
  return [
    operation({
      ...{ method: 'post', path: '/providers/{id}/test', tag, scope: 'providers:write' },
      operationId: 'testProvider',
      summary: 'Dry run of a provider: what people would meet, line by line',
      answer: lines,
      handle: async ({ params, by }) => told(await tests.ofSaved(params.id ?? '', by)),
    }),
    operation<Entry>({
      ...{ method: 'post', path: '/providers/{id}/test-entry', tag, scope: 'providers:write' },
      operationId: 'testProviderEntry',
      summary: 'Dry run of a provider that is not saved',
      body: entries.provider,
      answer: lines,
      handle: async ({ params, body, by }) => told(await tests.ofEntry(params.id ?? '', body, by)),
    }),
    operation<z.output<typeof pasted>>({
      ...{ method: 'post', path: '/providers/{id}/certificates', tag, scope: 'providers:write' },
      operationId: 'trustCertificates',
      summary: 'Trust certificates for this provider alone, beside those that it trusts',
      body: pasted,
      answer: record,
      handle: async ({ params, body: { certificates }, by }) =>
        recordAnswer(await tests.trust(params.id ?? '', certificates, by)),
    }),
    operation({
      ...{ method: 'get', path: '/troubles', tag, scope: 'providers:read' },
      operationId: 'listTroubles',
      summary: 'Why tokens are not renewed, by provider',
      answer: z.object({ items: z.array(trouble) }),
      handle: async () => ({ body: { items: await refreshing.troubles() } }),
    }),
    operation({
      ...{ method: 'post', path: '/providers/{id}/retry', tag, scope: 'providers:write' },
      operationId: 'retryProvider',
      summary: 'Ask again with clients that the provider had refused',
      answer: z.object({ stopped: z.int().meta({ description: 'Clients that were stopped' }) }),
      handle: async ({ params, by }) => ({
        body: { stopped: await refreshing.retry(params.id ?? '', by) },
      }),
    }),
  ];
};
