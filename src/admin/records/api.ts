import * as z from 'zod';
import { AppError } from '../../domain/errors.js';
import type { SetupKind } from '../../domain/setup-record.js';
import { type ApiDeps, type ApiRoute, operation } from '../api-route.js';
import { fault } from '../api-schemas.js';
import { bulkDisconnectProgress } from '../connections/bulk-disconnects.js';
import { bulkDisconnect } from '../connections/schema.js';
import { entries, record } from './schema.js';
import {
  changeRecord,
  checkRecord,
  createRecord,
  getRecord,
  listRecords,
  type ManagedRecord,
  removeRecord,
} from './use-cases.js';

/** The version that `If-Match` names; throws `version_missing`. */
export const required = (version: number | null): number => {
  if (version === null)
    throw new AppError('version_missing', 'Send the version that you are changing: If-Match: "3".');
  return version;
};

/** The version of a record as `ETag`, to be sent back in `If-Match`; one of the file has none. */
export const versionHeaders = ({ version }: ManagedRecord): Readonly<Record<string, string>> =>
  version === null ? {} : { ETag: `"${version}"` };

export const recordAnswer = (found: ManagedRecord) => ({ body: found, headers: versionHeaders(found) });

const KINDS: readonly SetupKind[] = ['provider', 'host'];

/** Providers and hosts: the same operations on both. */
export const recordRoutes = (deps: ApiDeps): readonly ApiRoute[] =>
  KINDS.flatMap((kind): readonly ApiRoute[] => {
    const tag = `${kind}s` as const;
    const one = `/${tag}/{id}`;
    const Name = kind === 'provider' ? 'Provider' : 'Host';
    return [
      operation({
        ...{ method: 'get', path: `/${tag}`, tag, scope: `${tag}:read` },
        operationId: `list${Name}s`,
        summary: `List ${tag}, including those of the configuration file`,
        answer: z.object({ items: z.array(record) }),
        handle: async () => ({ body: { items: await listRecords(deps, kind) } }),
      }),
      operation({
        ...{ method: 'get', path: one, tag, scope: `${tag}:read` },
        operationId: `get${Name}`,
        summary: `Get a ${kind}`,
        answer: record,
        tagged: true,
        handle: async ({ params }) => recordAnswer(await getRecord(deps, kind, params.id ?? '')),
      }),
      operation({
        ...{ method: 'post', path: `${one}/check`, tag, scope: `${tag}:read` },
        operationId: `check${Name}`,
        summary: `Check a ${kind} without saving it`,
        body: entries[kind],
        answer: z.object({ faults: z.array(fault) }),
        handle: async ({ params, body }) => ({
          body: { faults: await checkRecord(deps, kind, params.id ?? '', body) },
        }),
      }),
      operation({
        ...{ method: 'post', path: one, tag, scope: `${tag}:write` },
        operationId: `create${Name}`,
        summary: `Create a ${kind}`,
        body: entries[kind],
        answer: record,
        tagged: true,
        status: 201,
        async handle({ params, body, by }) {
          const made = await createRecord(deps, kind, params.id ?? '', body, by);
          return { status: 201, ...recordAnswer(made) };
        },
      }),
      operation({
        ...{ method: 'put', path: one, tag, scope: `${tag}:write` },
        operationId: `change${Name}`,
        summary: `Replace a ${kind}`,
        body: entries[kind],
        answer: record,
        tagged: true,
        versioned: true,
        async handle({ params, body, by, ifMatch }) {
          const changed = { kind, id: params.id ?? '', version: required(ifMatch) };
          return recordAnswer(await changeRecord(deps, changed, body, by));
        },
      }),
      operation({
        ...{ method: 'delete', path: one, tag, scope: `${tag}:write` },
        operationId: `remove${Name}`,
        summary: `Remove a ${kind} and end its connections; providers are asked to revoke in the background where they support that`,
        answer: bulkDisconnect,
        status: 202,
        versioned: true,
        async handle({ params, by, ifMatch }) {
          const removed = { kind, id: params.id ?? '', version: required(ifMatch) };
          const started = await removeRecord(deps, removed, by);
          return { status: 202, body: await bulkDisconnectProgress(deps, started) };
        },
      }),
    ];
  });
