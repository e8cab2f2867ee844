import * as z from 'zod';
import { hostSchema } from '../hosts/host-schema.js';
import { providerSchema } from '../providers/provider-schema.js';
import { configSchema } from './config-schema.js';

/** A node of a JSON Schema, as far as we look into it. */
export interface JsonSchema {
  readonly [key: string]: unknown;
  readonly description?: unknown;
  readonly examples?: unknown;
  readonly anyOf?: unknown;
  readonly properties?: unknown;
  readonly items?: unknown;
  readonly additionalProperties?: unknown;
}

const isNode = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const interpolated = { type: 'string', pattern: String.raw`\$\{[^}]+\}` };
const narrowing = ['enum', 'const', 'pattern', 'minLength'];
const annotations = ['title', 'description', 'examples', 'default'];

const isNarrow = (node: JsonSchema): boolean =>
  node.type === 'integer' || node.type === 'boolean' || narrowing.some((key) => key in node);

const annotate = ({ example, fallback, ...node }: JsonSchema): JsonSchema => ({
  ...node,
  ...(example === undefined ? {} : { examples: [example] }),
  ...(fallback === undefined ? {} : { default: fallback }),
});

const split = (node: JsonSchema): readonly [JsonSchema, JsonSchema] => {
  const entries = Object.entries(node);
  const about = (key: string): boolean => annotations.includes(key);
  return [
    Object.fromEntries(entries.filter(([key]) => about(key))),
    Object.fromEntries(entries.filter(([key]) => !about(key))),
  ];
};

// Wherever a value is narrower than any text, `${NAME}` must do too: an editor cannot know what it will stand for.
const finished = (raw: JsonSchema): JsonSchema => {
  const [about, node] = split(annotate(raw));
  if (isNarrow(node)) return { ...about, anyOf: [node, interpolated] };
  if (node.type === 'array') {
    const list = { ...node, ...(isNode(node.items) && { items: finished(node.items) }) };
    // One variable may hold the whole list.
    return { ...about, anyOf: [list, interpolated] };
  }
  const { anyOf, items, properties, additionalProperties, ...rest } = node;
  const alternatives = Array.isArray(anyOf) ? anyOf.filter(isNode) : [];
  const named = isNode(properties) ? Object.entries(properties) : [];
  return {
    ...about,
    ...rest,
    ...(alternatives.length > 0 && {
      anyOf: [
        ...alternatives.map((each) => (isNarrow(each) ? each : finished(each))),
        ...(alternatives.some(isNarrow) ? [interpolated] : []),
      ],
    }),
    ...(isNode(items) && { items: finished(items) }),
    ...(named.length > 0 && {
      properties: Object.fromEntries(named.map(([key, each]) => [key, isNode(each) ? finished(each) : each])),
    }),
    ...(additionalProperties !== undefined && {
      additionalProperties: isNode(additionalProperties)
        ? finished(additionalProperties)
        : additionalProperties,
    }),
  };
};

let made: JsonSchema | null = null;

/** The JSON Schema of `oriel.yaml`, out of the same types that read it; for editors, and for what a fault says was expected. */
export const configJsonSchema = (): JsonSchema => {
  made ??= makeConfigSchema();
  return made;
};

const makeConfigSchema = (): JsonSchema => {
  const { $schema, ...rest }: JsonSchema = { ...z.toJSONSchema(configSchema, { io: 'input' }) };
  return {
    $schema,
    title: 'oriel.yaml',
    description: `The configuration of an Oriel server. \${NAME}, \${NAME:-default} and \${file:path} are replaced in any text.`,
    ...finished(rest),
  };
};

/** The same with annotations as JSON Schema has them, and each secret also as it is masked. */
const asAnswered = (raw: JsonSchema): JsonSchema =>
  Object.fromEntries(
    Object.entries(annotate(raw)).map(([key, value]) => [
      key,
      key === 'properties' && isNode(value)
        ? Object.fromEntries(
            Object.entries(value).map(([name, each]) => [
              name,
              !isNode(each)
                ? each
                : name === 'secret'
                  ? { anyOf: [asAnswered(each), { $ref: '#/components/schemas/MaskedSecret' }] }
                  : asAnswered(each),
            ]),
          )
        : Array.isArray(value)
          ? value.map((each: unknown) => (isNode(each) ? asAnswered(each) : each))
          : isNode(value) && key !== 'default'
            ? asAnswered(value)
            : value,
    ]),
  );

/** What API calls take and give as the entry of a provider and of a host; a secret is given back masked. */
export const entryJsonSchemas = (): Readonly<Record<'ProviderEntry' | 'HostEntry', JsonSchema>> => {
  const of = (schema: z.ZodType): JsonSchema => {
    const { $schema: _, ...rest }: JsonSchema = { ...z.toJSONSchema(schema, { io: 'input' }) };
    return asAnswered(rest);
  };
  return { ProviderEntry: of(providerSchema), HostEntry: of(hostSchema) };
};

const branches = (node: JsonSchema): readonly JsonSchema[] => [
  node,
  ...(Array.isArray(node.anyOf) ? node.anyOf.filter(isNode).flatMap(branches) : []),
];

const child = (node: JsonSchema, key: string | number): JsonSchema | null => {
  for (const branch of branches(node)) {
    const named = isNode(branch.properties) && Object.hasOwn(branch.properties, key);
    const other = typeof key === 'number' ? branch.items : branch.additionalProperties;
    const found = named && isNode(branch.properties) ? branch.properties[key] : other;
    if (isNode(found)) return found;
  }
  return null;
};

/** What the schema says of the value at a path: of itself, or of the nearest value around it that is described. */
export const describePath = (
  schema: JsonSchema,
  path: readonly (string | number)[],
): { readonly description: string; readonly example: unknown } | null => {
  let node: JsonSchema | null = schema;
  let found: { description: string; example: unknown } | null = null;
  for (const key of path) {
    node = node === null ? null : child(node, key);
    if (typeof node?.description === 'string' && Array.isArray(node.examples)) {
      found = { description: node.description, example: node.examples[0] };
    }
  }
  return found;
};

/** The keys a group may have at a path; none where it is no group of fixed keys. */
export const keysAt = (schema: JsonSchema, path: readonly (string | number)[]): readonly string[] => {
  let node: JsonSchema | null = schema;
  for (const key of path) node = node === null ? null : child(node, key);
  if (node === null) return [];
  return branches(node).flatMap((each) => (isNode(each.properties) ? Object.keys(each.properties) : []));
};
