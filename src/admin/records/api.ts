import { z } from 'zod';
import { AppError } from '../../domain/errors.js';
import type { Entry, SetupKind } from '../../domain/setup-record.js';
import { type ApiAnswer, type ApiRoute, operation } from '../api-route.js';
import { departure, entries, fault, record } from '../api-schemas.js';
import type { ApiWeb } from '../api-web.js';
import type { ManagedRecord } from './record-types.js';

/** The version that `If-Match` names; throws `version_missing`. */
export const required = (version: number | null): number => {
  if (version === null)
    throw new AppError('version_missing', 'Name the version that this change was made of: If-Match: "3".');
  return version;
};

/** A record with its version as `ETag`, to be given back in `If-Match`; one of the file has none. */
export const recordAnswer = (found: ManagedRecord): ApiAnswer => ({
  body: found,
  headers: found.version === null ? {} : { ETag: `"${found.version}"` },
});

const KINDS: readonly SetupKind[] = ['provider', 'host'];

/** Providers and hosts: the same operations on both. */
export const recordRoutes = ({ manage }: ApiWeb): readonly ApiRoute[] =>
  KINDS.flatMap((kind): readonly ApiRoute[] => {
    const { records } = manage;
    const tag = `${kind}s` as const;
    const one = `/${tag}/{id}`;
    const Name = kind === 'provider' ? 'Provider' : 'Host';
    return [
      operation({
        ...{ method: 'get', path: `/${tag}`, tag, scope: `${tag}:read` },
        operationId: `list${Name}s`,
        summary: `All ${tag}, those of the configuration file among them`,
        answer: z.object({ items: z.array(record) }),
        handle: async () => ({ body: { items: await records.list(kind) } }),
      }),
      operation({
        ...{ method: 'get', path: one, tag, scope: `${tag}:read` },
        operationId: `get${Name}`,
        summary: `One ${kind}`,
        answer: record,
        tagged: true,
        handle: async ({ params }) => recordAnswer(await records.get(kind, params.id ?? '')),
      }),
      operation<Entry>({
        ...{ method: 'post', path: `${one}/check`, tag, scope: `${tag}:read` },
        operationId: `check${Name}`,
        summary: `What would be wrong with a ${kind} if it were saved`,
        body: entries[kind],
        answer: z.object({ faults: z.array(fault) }),
        handle: async ({ params, body }) => ({
          body: { faults: await records.check(kind, params.id ?? '', body) },
        }),
      }),
      operation<Entry>({
        ...{ method: 'post', path: one, tag, scope: `${tag}:write` },
        operationId: `create${Name}`,
        summary: `Make a ${kind}`,
        body: entries[kind],
        answer: record,
        tagged: true,
        status: 201,
        async handle({ params, body, by }) {
          const made = await records.create(kind, params.id ?? '', body, by);
          return { status: 201, ...recordAnswer(made) };
        },
      }),
      operation<Entry>({
        ...{ method: 'put', path: one, tag, scope: `${tag}:write` },
        operationId: `change${Name}`,
        summary: `Change a ${kind} as a whole`,
        body: entries[kind],
        answer: record,
        tagged: true,
        versioned: true,
        async handle({ params, body, by, ifMatch }) {
          return recordAnswer(await records.change(kind, params.id ?? '', body, required(ifMatch), by));
        },
      }),
      operation({
        ...{ method: 'delete', path: one, tag, scope: `${tag}:write` },
        operationId: `remove${Name}`,
        summary: `Remove a ${kind}: it serves nobody from now on, and its Connections end; providers are asked to revoke in the background, where they offer that`,
        answer: departure,
        status: 202,
        versioned: true,
        async handle({ params, by, ifMatch }) {
          const begun = await records.remove(kind, params.id ?? '', required(ifMatch), by);
          return { status: 202, body: await manage.departures.of(begun) };
        },
      }),
    ];
  });
