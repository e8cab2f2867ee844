import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { recordAnswer } from '../records/api.js';
import { entries, record } from '../records/schema.js';
import { testProvider } from './dry-run/dry-run.js';
import { type Line, worst } from './dry-run/line.js';
import { dryRunLines, pastedCertificates } from './schema.js';
import { trustCertificates } from './use-cases.js';

const tag = 'providers';

const linesAnswer = (items: readonly Line[]) => ({ body: { light: worst(items), items } });

/** What providers have beside their records: dry runs, and certificates to trust. */
export const providerRoutes = (deps: ApiDeps): readonly ApiRoute[] => [
  operation({
    ...{ method: 'post', path: '/providers/{id}/test', tag, scope: 'providers:write' },
    operationId: 'testProvider',
    summary: 'Test a provider: a dry run that shows what people would run into, line by line',
    answer: dryRunLines,
    handle: async ({ params, by }) => linesAnswer(await testProvider(deps, { id: params.id ?? '' }, by)),
  }),
  operation({
    ...{ method: 'post', path: '/providers/{id}/test-entry', tag, scope: 'providers:write' },
    operationId: 'testProviderEntry',
    summary: 'Test a provider without saving it',
    body: entries.provider,
    answer: dryRunLines,
    handle: async ({ params, body: entry, by }) =>
      linesAnswer(await testProvider(deps, { id: params.id ?? '', entry }, by)),
  }),
  operation({
    ...{ method: 'post', path: '/providers/{id}/certificates', tag, scope: 'providers:write' },
    operationId: 'trustCertificates',
    summary: 'Trust more certificates for this provider alone',
    body: pastedCertificates,
    answer: record,
    handle: async ({ params, body: { certificates }, by }) =>
      recordAnswer(await trustCertificates(deps, params.id ?? '', certificates, by)),
  }),
];
