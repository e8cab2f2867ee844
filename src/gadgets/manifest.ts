import * as z from 'zod';
import type { Fault } from '../domain/fault.js';
import type { Gadget } from '../domain/gadget.js';
import { described, line, parameterName, parameterSchema } from './parameter-schema.js';
import { requestName, requestSchema } from './request-schema.js';

/** In `images`: whatever lies on the origin of a provider's own API. */
export const OWN_IMAGES = '{provider}';

const IMAGE_HOST =
  /^(?=.{1,253}(?::|$))[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*(?::[1-9]\d{0,4})?$/;

const imageHost = z.string().refine((written) => written === OWN_IMAGES || IMAGE_HOST.test(written), {
  error: ({ input }) =>
    String(input).includes('*')
      ? `"${input}" is not one host: each is named in full`
      : `"${input}" is neither a host such as avatars.example.com nor "${OWN_IMAGES}"`,
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
  scopes: described(
    z
      .record(
        z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'this is not a lower-case word like `github`'),
        z
          .array(
            z
              .string()
              .regex(/^[\x21-\x7e]{1,200}$/, 'this is empty, or holds characters that cannot be sent'),
          )
          .min(1, 'this is empty')
          .max(50),
      )
      .default({}),
    'What it needs of providers beyond the scopes that their records ask for, by the names of requests’ providers',
    { github: ['read:project'] },
  ),
  images: described(
    z.array(imageHost).max(20, 'these are more than 20').default([]),
    `The hosts whose pictures it may show; ${OWN_IMAGES} is where its providers' APIs are`,
    ['avatars.example.com', OWN_IMAGES],
  ),
});

export type Manifest = z.output<typeof manifestSchema>;

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
    | {
        readonly source: { readonly data: unknown; lineOf(path: Path): number; columnOf(path: Path): number };
      }
    | {
        readonly problems: readonly {
          readonly line: number;
          readonly column: number;
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
  /** What reading the gadget of this id gives where its files come to this version, if that is known already: then it has no fault. */
  known?(id: string, version: string): Gadget | undefined;
  /** Called with a gadget that was read and has no fault. */
  remember?(gadget: Gadget): void;
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
  const { data, lineOf, columnOf } = parsed.source;
  const fault = ({ path, ...words }: Mistake): Fault => ({
    file,
    path: reading.pathText(path),
    line: lineOf(path),
    column: columnOf(path),
    ...words,
  });
  const { success, data: manifest, error } = manifestSchema.safeParse(data);
  if (success) return { manifest, fault };
  return { faults: reading.explain(error.issues, [], data, gadgetJsonSchema()).map(fault) };
};
