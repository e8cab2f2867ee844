import * as z from 'zod';
import type { ApiDeps, ApiRoute } from './api-route.js';
import { problem } from './api-schemas.js';
import { maskedSecret } from './records/schema.js';

type Schema = Readonly<Record<string, unknown>>;

export const BASE = '/api/admin/v1';

const SCHEMAS = '#/components/schemas/';

/** JSON Schema of a shape, and the named shapes it refers to, as OpenAPI 3.1 takes both. */
const schemasOf = (routes: readonly ApiRoute[]) => {
  const shared: Record<string, Schema> = {};
  const schemaOf = (type: z.ZodType, io: 'input' | 'output' = 'output'): Schema => {
    const {
      $defs = {},
      $schema,
      ...rest
    } = z.toJSONSchema(type, { io, target: 'draft-2020-12' }) as Schema & {
      readonly $defs?: Readonly<Record<string, Schema>>;
    };
    const moved = (schema: unknown): unknown =>
      JSON.parse(JSON.stringify(schema), (key, value: unknown) =>
        key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', SCHEMAS) : value,
      );
    for (const [name, schema] of Object.entries($defs)) shared[name] ??= moved(schema) as Schema;
    return nameOf(type) === null ? (moved(rest) as Schema) : refer(type, moved(rest) as Schema);
  };
  const nameOf = (type: z.ZodType): string | null => {
    const id = type.meta()?.id;
    return typeof id === 'string' ? id : null;
  };
  const refer = (type: z.ZodType, { id: _id, ...schema }: Schema): Schema => {
    const name = nameOf(type) ?? '';
    shared[name] ??= schema;
    return { $ref: `${SCHEMAS}${name}` };
  };
  return { paths: pathsOf(routes, schemaOf), shared: () => shared };
};

type SchemaOf = (type: z.ZodType, io?: 'input' | 'output') => Schema;

const parametersOf = (route: ApiRoute, schemaOf: SchemaOf): readonly Schema[] => {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const { properties = {} } = (route.query === undefined ? {} : schemaOf(route.query, 'input')) as {
    readonly properties?: Readonly<Record<string, Schema>>;
  };
  const inQuery = Object.entries(properties).map(([name, { description, ...schema }]) => ({
    ...{ name, in: 'query', required: false, schema },
    ...(description !== undefined && { description }),
  }));
  const version = {
    name: 'If-Match',
    in: 'header',
    required: true,
    description: 'The version that you are changing, as in its ETag',
    schema: { type: 'string', examples: ['"3"'] },
  };
  return [...inPath, ...inQuery, ...(route.versioned ? [version] : [])];
};

/** The version of a record, to be sent back in `If-Match`. */
const TAGGED = {
  ETag: {
    description: 'The version of the record, for `If-Match`; a record of the configuration file has none',
    schema: { type: 'string', examples: ['"3"'] },
  },
};

const operationOf = (route: ApiRoute, schemaOf: SchemaOf): Schema => {
  const { operationId, summary, tag, scope, status = 200, type = 'application/json' } = route;
  const description = route.answer === null ? 'Done' : 'Success';
  const content = route.answer === null ? {} : { content: { [type]: { schema: schemaOf(route.answer) } } };
  return {
    operationId,
    summary,
    tags: [tag],
    description: scope === null ? 'Needs an API key.' : `Needs an API key with the scope \`${scope}\`.`,
    security: [{ apiKey: [] }],
    parameters: parametersOf(route, schemaOf),
    ...(route.body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: schemaOf(route.body, 'input') } },
      },
    }),
    responses: {
      [status]: { description, ...content, ...(route.tagged && { headers: TAGGED }) },
      '4XX': { $ref: '#/components/responses/Problem' },
      '5XX': { $ref: '#/components/responses/Problem' },
    },
  };
};

const pathsOf = (routes: readonly ApiRoute[], schemaOf: SchemaOf): Schema => {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const route of routes) {
    const path = `${BASE}${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operationOf(route, schemaOf) };
  }
  return paths;
};

/** The OpenAPI 3.1 document of the administration API, made of the same table as its routes. */
export const openApiDocument = (
  routes: readonly ApiRoute[],
  { siteOrigin, version, entrySchemas }: Pick<ApiDeps, 'siteOrigin' | 'version' | 'entrySchemas'>,
): Schema => {
  const { paths, shared } = schemasOf([...routes]);
  const problemSchema = schemasOf([{ ...refusal, answer: problem }]);
  const masked = schemasOf([{ ...refusal, answer: maskedSecret }]);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Oriel administration',
      version,
      description:
        'What the console can do, for programs. Every error is a problem document with a stable code.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: siteOrigin }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name, description: TAGS[name] })),
    paths,
    components: {
      securitySchemes: {
        apiKey: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key: `Authorization: Bearer oriel_…`',
        },
      },
      responses: {
        Problem: {
          description: 'Error',
          content: { 'application/problem+json': { schema: { $ref: `${SCHEMAS}Problem` } } },
        },
      },
      schemas: { ...problemSchema.shared(), ...masked.shared(), ...shared(), ...entrySchemas() },
    },
  };
};

/** What each group of operations is about. */
const TAGS: Readonly<Record<string, string>> = {
  providers: 'Remote applications, and this server’s registrations with them',
  hosts: 'Applications whose pages show gadgets',
  connections: 'Who is connected, and disconnecting them',
  audit: 'The audit log',
  administrators: 'Administrators of this server',
  'api keys': 'Keys of this API',
  server: 'Running servers, their configuration, keys and backups',
};

/** Stands for every error, which is no operation of its own. */
const refusal: Omit<ApiRoute, 'answer'> = {
  method: 'get',
  path: '/',
  operationId: 'refusal',
  tag: '',
  scope: null,
  summary: '',
  handle: () => Promise.reject(new Error('This is not an operation.')),
};
