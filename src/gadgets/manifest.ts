import { z } from 'zod';
import type { Fault } from '../domain/fault.js';
import { languages } from './languages/registry.js';
import { described, line, parameterSchema } from './parameter-schema.js';

const parameterName = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `card-numbers`');

const requestName = z.string().regex(/^[a-z][a-z0-9_]{0,62}$/, 'this is not a lower-case word like `cards`');

const providerId = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `mingle`');

const query = z.record(
  z.string().min(1, 'this is empty').max(100),
  z.union(
    [
      described(z.string().max(4000), 'A text; {name} stands for a parameter', '{project}'),
      ...languages().map(([name, { query }]) =>
        z.strictObject({ [name]: described(z.string().max(4000), query.description, query.example) }),
      ),
    ],
    { error: 'this is neither a text nor a query such as { mql: SELECT … }' },
  ),
);

const plainValue = z.union([z.string().max(200), z.number(), z.boolean(), z.null()]);
const plainOrList = z.union([plainValue, z.array(plainValue).max(50)]);
const path = z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'this is no path of keys joined by dots');

const refusedSchema = z.strictObject({
  when: described(
    z
      .record(
        path,
        z.union([
          plainOrList,
          z.strictObject({ not: described(plainOrList, 'Anything that is there, but none of these', 0) }),
          z.strictObject({ present: described(z.boolean(), 'Whether anything is there', true) }),
        ]),
      )
      .refine((when) => Object.keys(when).length > 0, 'this names no condition'),
    'What a refusal holds, path by path: a value, a list of values, { not: value } or { present: true }',
    { ok: false },
  ),
  code: described(path.exactOptional(), 'Where it says why, keys joined by dots', 'error'),
  expired: described(
    z.array(z.string().min(1).max(200)).max(50).default([]),
    'Which of these codes mean that the access token is no longer good',
    ['token_expired', 'invalid_auth'],
  ),
});

const requestSchema = z.strictObject({
  provider: described(providerId, 'The id of the provider that is asked', 'mingle'),
  path: described(
    z.string().max(1000),
    'A path below the provider’s `api`; {name} stands for a parameter',
    '/projects/{project}/cards.xml',
  ),
  query: described(query.default({}), 'The parameters of the query, by name', { page: '{page}' }),
  format: described(
    z.enum(['json', 'xml', 'feed', 'atom', 'text']),
    'How the answer is read: json, xml, feed (Atom or RSS; atom is another name for it) or text',
    'xml',
  ),
  refused: described(
    refusedSchema.exactOptional(),
    'How this API says no within a 200; by default as the provider’s record says',
    { when: { ok: false }, code: 'error', expired: ['token_expired'] },
  ),
  accept: described(
    z
      .string()
      .regex(/^[\x21-\x7e][\x20-\x7e]{0,199}$/, 'this is no value of an Accept header')
      .exactOptional(),
    'The Accept header, where the format does not settle it',
    'application/vnd.go.cd.v4+json',
  ),
  ttl: described(
    z.int().min(0, 'this is less than 0').max(3600, 'this is more than 3600').default(30),
    'Seconds an answer may be shown again without asking; 0 asks every time',
    30,
  ),
  required: described(
    z.boolean().default(true),
    'Whether the gadget shows nothing without this answer',
    false,
  ),
  when: described(
    z.array(parameterName).default([]),
    'Parameters without whose values the request is not made',
    ['cards'],
  ),
  narrow: described(
    z
      .record(
        parameterName,
        z.strictObject({
          request: described(requestName, 'The request whose answer knows the items', 'definitions'),
          path: described(
            z.string().regex(/^[^.\s]+(\.[^.\s]+)*$/, 'this is no path of keys joined by dots'),
            'Where the items stand in that answer, keys joined by dots',
            'property_definitions.name',
          ),
        }),
      )
      .default({}),
    'List parameters of which only the items are asked for that another request’s answer knows',
    { properties: { request: 'definitions', path: 'property_definitions.name' } },
  ),
  follow: described(
    z
      .strictObject({
        rel: described(
          z.string().regex(/^[\x21-\x7e]{1,200}$/, 'this is no link relation'),
          'The relation of the links to follow',
          'next',
        ),
        pages: described(
          z.int().min(1, 'this is less than 1').max(20, 'this is more than 20'),
          'How many pages more at most',
          4,
        ),
      })
      .exactOptional(),
    'Follow the answer’s own links to further pages',
    { rel: 'next', pages: 4 },
  ),
});

/** A gadget's definition, as its author writes it. */
export const manifestSchema = z.strictObject({
  title: described(line(80), 'What people call the gadget', 'Card activity'),
  description: described(line(400), 'What it shows, in one sentence', 'The cards a change is about.'),
  parameters: described(z.record(parameterName, parameterSchema).default({}), 'What a host page may set', {
    project: { title: 'Project', type: 'identifier', required: true },
  }),
  requests: described(z.record(requestName, requestSchema).default({}), 'What is asked of which provider', {
    cards: { provider: 'mingle', path: '/projects/{project}/cards.xml', format: 'xml' },
  }),
});

export type Manifest = z.output<typeof manifestSchema>;
export type RequestManifest = z.output<typeof requestSchema>;

/** Where a value sits in a document: keys and indexes from the top. */
export type Path = readonly (string | number)[];

/** Something wrong at a place in a definition. */
export type Mistake = Pick<Fault, 'problem' | 'expected' | 'example'> & { readonly path: Path };

/** A node of a JSON Schema. */
export type JsonSchema = { readonly [key: string]: unknown };

/**
 * How files that people write are parsed and their mistakes put into words; the configuration is read in the same way. `parse`
 * and `explain` never throw for any text.
 */
export interface Reading {
  parse(text: string):
    | { readonly source: { readonly data: unknown; lineOf(path: Path): number } }
    | {
        readonly problems: readonly {
          readonly line: number;
          readonly problem: string;
          readonly expected: string;
        }[];
      };
  explain(
    issues: readonly z.core.$ZodIssue[],
    base: Path,
    data: unknown,
    schema: JsonSchema,
  ): readonly Mistake[];
  /** `requests.cards.when[0]` */
  pathText(path: Path): string;
}

/** A definition as written, and how to point at a place in it. */
export interface ReadManifest {
  readonly manifest: Manifest;
  fault(mistake: Mistake): Fault;
}

const isNode = (value: unknown): value is JsonSchema => typeof value === 'object' && value !== null;

/** A parameter's alternatives exclude each other by their type, so `anyOf` says the same, and more tools read it. */
const plain = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(plain);
  if (!isNode(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key === 'oneOf' ? 'anyOf' : key, plain(each)]),
  );
};

/** The JSON Schema of `gadget.yaml`, out of the same types that read it. */
export const gadgetJsonSchema = (): JsonSchema => {
  const { $schema, ...schema }: JsonSchema = { ...z.toJSONSchema(manifestSchema, { io: 'input' }) };
  const rest = plain(schema);
  return {
    $schema,
    title: 'gadget.yaml',
    description: 'The definition of a gadget: its parameters and what it asks of which provider.',
    ...(isNode(rest) ? rest : {}),
  };
};

/** Reads the text of a `gadget.yaml`: the definition, or every mistake in its form. Never throws. */
export const readManifest = (
  file: string,
  text: string,
  reading: Reading,
): ReadManifest | { readonly faults: readonly Fault[] } => {
  const parsed = reading.parse(text);
  if ('problems' in parsed) {
    return { faults: parsed.problems.map((each) => ({ file, path: '', example: null, ...each })) };
  }
  const { data, lineOf } = parsed.source;
  const fault = ({ path, ...words }: Mistake): Fault => ({
    file,
    path: reading.pathText(path),
    line: lineOf(path),
    ...words,
  });
  const { success, data: manifest, error } = manifestSchema.safeParse(data);
  if (success) return { manifest, fault };
  return { faults: reading.explain(error.issues, [], data, gadgetJsonSchema()).map(fault) };
};
